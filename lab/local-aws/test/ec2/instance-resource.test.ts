import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { scriptDocument, startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';
import { instanceProvider } from '../../ec2/instance-resource.ts';
import type { ResourceProvider } from '../../service/service.ts';

let fleet: TestFleet;
let provider: ResourceProvider;
const profiles: (string | undefined)[] = [];

beforeAll(async () => {
  fleet = await startFleet();
  provider = instanceProvider({
    region: 'us-east-1',
    machines: {
      ...fleet.instances,
      launch: ({ instanceProfile, ...request }) => {
        profiles.push(instanceProfile);
        return fleet.instances.launch(request);
      },
    },
    subnet: async (id) => (id === 'subnet-1' ? { availabilityZone: 'us-east-1b', vpcId: 'vpc-1' } : undefined),
    launchTemplate: async () => ({
      userData: Buffer.from('#!/bin/bash\necho template >"$HOME/booted"\n').toString('base64'),
      imageId: 'ami-2',
      instanceType: 't4g.nano',
      instanceProfile: 'of the template',
      tags: { Name: 'of the template', owner: 'shop' },
    }),
  });
  await fleet.call('CreateDocument', { Name: 'say', Content: scriptDocument(['echo hello']) });
});
afterAll(() => fleet.stop());

const request = (properties: Record<string, unknown>) => ({
  type: 'AWS::EC2::Instance',
  logicalId: 'Server',
  stackName: 'shop',
  properties,
});
const plain = { ImageId: 'ami-1', InstanceType: 't4g.small', SubnetId: 'subnet-1', Tags: [{ Key: 'Name', Value: 'shop-1' }] };
const described = (id: string) => fleet.instances.describe().find(({ instanceId }) => instanceId === id);

/** The agent is online while user data still runs. */
const expectBooted = async (instanceId: string, text: string): Promise<void> => {
  const file = join(described(instanceId)?.folder ?? '', 'booted');
  await until(() => existsSync(file) && readFileSync(file, 'utf8') !== '');
  expect(readFileSync(file, 'utf8')).toBe(text);
};

describe('AWS::EC2::Instance', () => {
  it('is a machine with a private address, in the zone of its subnet, that runs its user data and takes commands', async () => {
    const UserData = Buffer.from('#!/bin/bash\necho mine >"$HOME/booted"\n').toString('base64');
    const { physicalId, attributes } = await provider.create(
      request({ ...plain, UserData, IamInstanceProfile: 'shop', SecurityGroupIds: ['sg-1'] }),
    );
    expect(physicalId).toMatch(/^i-[0-9a-f]{17}$/);
    expect(attributes).toMatchObject({ InstanceId: physicalId, AvailabilityZone: 'us-east-1b', VpcId: 'vpc-1' });
    expect(fleet.instances.resolve(String(attributes['PrivateIp']), 8080)).toEqual(fleet.instances.resolve(physicalId, 8080));
    await until(() => described(physicalId)?.online === true);
    expect(described(physicalId)).toMatchObject({ name: 'shop-1', imageId: 'ami-1', instanceType: 't4g.small', tags: { Name: 'shop-1' } });
    await expectBooted(physicalId, 'mine\n');
    expect((await fleet.run(physicalId, 'say', {})).Status).toBe('Success');
    expect(profiles.at(-1)).toBe('shop');
  });

  it('takes a launch template, whose values its own replace', async () => {
    const LaunchTemplate = { LaunchTemplateId: 'lt-1', Version: 1 };
    const { physicalId } = await provider.create(request({ LaunchTemplate, InstanceType: 't4g.large', Tags: plain.Tags }));
    await until(() => described(physicalId)?.online === true);
    expect(described(physicalId)).toMatchObject({ imageId: 'ami-2', instanceType: 't4g.large', tags: { Name: 'shop-1', owner: 'shop' } });
    await expectBooted(physicalId, 'template\n');
    expect(profiles.at(-1)).toBe('of the template');
  });

  it('keeps its machine when only its tags change, and is replaced by any other change', async () => {
    const { physicalId } = await provider.create(request(plain));
    const Tags = [{ Key: 'Name', Value: 'renamed' }];
    expect((await provider.update({ ...request({ ...plain, Tags }), physicalId, previous: plain })).physicalId).toBe(physicalId);
    expect(described(physicalId)?.tags).toEqual({ Name: 'renamed' });
    const replaced = await provider.update({ ...request({ ...plain, ImageId: 'ami-3' }), physicalId, previous: plain });
    expect(replaced.physicalId).not.toBe(physicalId);
  });

  it('ends with its machine when it is deleted, also when that is gone', async () => {
    const { physicalId } = await provider.create(request(plain));
    await provider.delete({ ...request(plain), physicalId });
    expect(described(physicalId)).toBeUndefined();
    await provider.delete({ ...request(plain), physicalId });
  });

  it.each([
    ['no image', { SubnetId: 'subnet-1' }, 'MissingParameter'],
    ['a subnet that is not there', { ...plain, SubnetId: 'subnet-9' }, 'InvalidSubnetID.NotFound'],
    ['tags that are none', { ...plain, Tags: { Name: 'shop-1' } }, 'InvalidParameterValue'],
  ])('is refused with %s', async (_, properties, code) => {
    await expect(provider.create(request(properties))).rejects.toMatchObject({ name: 'AwsError', code });
  });
});
