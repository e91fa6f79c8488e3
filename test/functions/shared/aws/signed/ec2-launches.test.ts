import { describe, expect, it } from 'vitest';
import { ec2Launches } from '../../../../../functions/shared/aws/signed/ec2-launches.ts';
import type { CallSigned } from '../../../../../functions/shared/aws/signed/signed-calls.ts';

/** EC2 that answers `xml`; remembers what it was asked. */
function answering(xml: string) {
  const asked: Record<string, string>[] = [];
  const call: CallSigned = async ({ body }) => {
    asked.push(Object.fromEntries(new URLSearchParams(body)));
    return xml;
  };
  return { asked, ec2: ec2Launches(call) };
}

/** As EC2's API reference shows its answers. */
const VERSIONS = `<DescribeLaunchTemplateVersionsResponse><requestId>r</requestId><launchTemplateVersionSet><item>
  <launchTemplateId>lt-1</launchTemplateId><launchTemplateName>web</launchTemplateName><versionNumber>4</versionNumber>
  <defaultVersion>false</defaultVersion><launchTemplateData><imageId>resolve:ssm:/x</imageId></launchTemplateData>
</item></launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>`;
const INSTANCES = `<DescribeInstancesResponse><reservationSet><item><reservationId>r-1</reservationId><instancesSet>
  <item><instanceId>i-1</instanceId><imageId>ami-1</imageId><networkInterfaceSet><item><attachment/></item></networkInterfaceSet></item>
  <item><instanceId>i-2</instanceId><imageId>ami-2</imageId></item></instancesSet></item></reservationSet></DescribeInstancesResponse>`;

describe('EC2', () => {
  it('resolves a version of a launch template, by its id or its name', async () => {
    const { asked, ec2 } = answering(VERSIONS);
    expect(await ec2.templateVersion({ id: 'lt-1', version: '$Latest' })).toEqual({ id: 'lt-1', version: '4', imageId: 'resolve:ssm:/x' });
    await ec2.templateVersion({ name: 'web', version: '4' });
    expect(asked).toEqual([
      { Action: 'DescribeLaunchTemplateVersions', Version: '2016-11-15', LaunchTemplateId: 'lt-1', 'LaunchTemplateVersion.1': '$Latest' },
      { Action: 'DescribeLaunchTemplateVersions', Version: '2016-11-15', LaunchTemplateName: 'web', 'LaunchTemplateVersion.1': '4' },
    ]);
    expect(await answering('<x/>').ec2.templateVersion({ id: 'lt-1', version: '1' })).toBeUndefined();
  });

  it('returns the image of each instance that exists, and is not called for none', async () => {
    const { asked, ec2 } = answering(INSTANCES);
    expect(await ec2.imagesOf(['i-1', 'i-2', 'i-gone'])).toEqual(
      new Map([
        ['i-1', 'ami-1'],
        ['i-2', 'ami-2'],
      ]),
    );
    expect(asked[0]).toMatchObject({ 'Filter.1.Name': 'instance-id', 'Filter.1.Value.1': 'i-1', 'Filter.1.Value.3': 'i-gone' });
    expect(await ec2.imagesOf([])).toEqual(new Map());
    expect(asked).toHaveLength(1);
  });

  it('is refused with its error code', async () => {
    const call: CallSigned = async (_, readError) => {
      const body = '<Response><Errors><Error><Code>UnauthorizedOperation</Code><Message>no</Message></Error></Errors></Response>';
      throw readError({ status: 403, headers: {}, body });
    };
    await expect(ec2Launches(call).imagesOf(['i-1'])).rejects.toMatchObject({ name: 'UnauthorizedOperation', message: 'no' });
  });
});
