import { describe, expect, it } from 'vitest';
import { AwsError, type LocalService, type Operation } from '#local-aws/service/service.ts';
import { outdatedLines, whyOutdated } from '../../../cli/installation/outdated-servers.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { onlyLine, runCli } from '../run-cli.ts';

const current = { launchTemplate: { id: 'lt-1', version: '7' }, imageId: 'ami-2', otherTemplateIds: ['lt-9'] };
const from = (id: string, version: string, imageId?: string) => ({ launchTemplate: { id, version }, ...(imageId && { imageId }) });

describe('a server', () => {
  it.each([
    ['of the current version and image is current', from('lt-1', '7', 'ami-2'), undefined],
    ['of an earlier version is outdated', from('lt-1', '6', 'ami-2'), 'launch template version 6, and 7 is current'],
    ['of a later version is outdated: the group went back', from('lt-1', '8'), 'launch template version 8, and 7 is current'],
    ['of an earlier image is outdated', from('lt-1', '7', 'ami-1'), 'image ami-1, and ami-2 is current'],
    ['whose image is unknown is judged by its version', from('lt-1', '7'), undefined],
    [
      'whose version Auto Scaling does not resolve is judged by its image',
      from('lt-1', '$Latest', 'ami-1'),
      'image ami-1, and ami-2 is current',
    ],
    ['of another template is outdated', from('lt-2', '7'), 'it was launched from lt-2, and the group uses lt-1'],
    ['of a template that a mixed group uses for some instance types is not compared', from('lt-9', '1'), undefined],
    ['from a launch configuration is outdated', {}, 'it was launched from no launch template, and the group uses lt-1'],
  ])('%s', (_, server, why) => {
    expect(whyOutdated(server, current)).toBe(why);
  });

  it('is not compared with an image that cannot be resolved', () => {
    const { imageId: _, ...unresolved } = current;
    expect(whyOutdated(from('lt-1', '7', 'ami-1'), unresolved)).toBeUndefined();
    expect(whyOutdated(from('lt-1', '7', 'ami-1'), { ...current, imageId: 'resolve:ssm:/x' })).toBeUndefined();
  });
});

it('are replaced one at a time, all of them where images differ, which skip matching does not compare', () => {
  const lines = (...whys: string[]) =>
    outdatedLines(
      { group: 'holdfast-web', members: 3, current, outdated: Object.fromEntries(whys.map((why, index) => [`i-${index}`, why])) },
      '--region us-east-1',
    );
  const command = (skips: boolean) =>
    `  aws autoscaling start-instance-refresh --region us-east-1 --auto-scaling-group-name holdfast-web --preferences '{"MinHealthyPercentage":100,"MaxHealthyPercentage":100,"InstanceWarmup":300,"SkipMatching":${skips}}'`;
  expect(lines('launch template version 6, and 7 is current')).toEqual([
    'outdated 1 of 3 servers. Replace them one at a time, unless a refresh is under way, with:',
    command(true),
    '  i-0  launch template version 6, and 7 is current',
  ]);
  expect(lines('launch template version 6, and 7 is current', 'image ami-1, and ami-2 is current').slice(0, 2)).toEqual([
    'outdated 2 of 3 servers. Replace all servers, since an image differs, one at a time, unless a refresh is under way, with:',
    command(false),
  ]);
  expect([lines(), outdatedLines(undefined, '')]).toEqual([[], []]);
});

describe('status', () => {
  const answers: Record<string, Operation> = {};
  const service = (signingName: string, operations: Record<string, Operation>): LocalService => ({
    signingNames: [signingName],
    protocol: { kind: 'query', xmlNamespace: 'http://example.com/' },
    operations,
    resourceTypes: {},
    notEmulated: [],
    stop: async () => {},
  });
  const answering =
    (name: string): Operation =>
    (input, context) =>
      answers[name]?.(input, context);
  const group = (more: object = {}) => ({
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'holdfast-web',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' },
        Instances: [
          { InstanceId: 'i-1', LifecycleState: 'InService', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '6' } },
          { InstanceId: 'i-2', LifecycleState: 'InService', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '7' } },
          { InstanceId: 'i-3', LifecycleState: 'Terminating:Wait', LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '6' } },
        ],
        ...more,
      },
    ],
  });
  const denied: Operation = () => {
    throw new AwsError('AccessDenied', 'User: ann is not authorized', 403);
  };

  let cloud: AnnouncedCloud['cloud'];
  let state: AnnouncedCloud['state'];
  withAnnouncedCloud(
    (announced) => {
      ({ cloud, state } = announced);
      const { pk, sk } = recordKeys.installation();
      const configuration = JSON.stringify({ region: 'us-east-1', fleets: { web: { certificateArn: undefined, allowPlainHttp: true } } });
      cloud.items.set(`${pk}|${sk}`, { pk, sk, version: '0.1.0', configuration });
      Object.assign(answers, { groups: () => group(), instances: denied, template: denied });
    },
    [
      service('autoscaling', { DescribeAutoScalingGroups: answering('groups') }),
      service('ec2', { DescribeInstances: answering('instances'), DescribeLaunchTemplateVersions: answering('template') }),
    ],
  );

  it('names outdated servers and why, by what a reader may read', async () => {
    const { code, stdout } = await runCli(state.folder, ['status']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      'outdated 1 of 3 servers. Replace them one at a time, unless a refresh is under way, with:\n  aws autoscaling start-instance-refresh --profile',
    );
    expect(stdout).toContain('  i-1  launch template version 6, and 7 is current\n');
    expect(onlyLine((await runCli(state.folder, ['status', '--json'])).stdout)).toMatchObject({
      servers: { members: 3, outdated: { 'i-1': 'launch template version 6, and 7 is current' } },
    });
  });

  it('says what it could not read, and is a status all the same', async () => {
    answers['groups'] = denied;
    const { code, stdout } = await runCli(state.folder, ['status']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^servers {2}not compared with what their group launches now: .*not authorized/m);
  });

  it('has none of a fleet whose group has no launch template', async () => {
    answers['groups'] = () => group({ LaunchTemplate: undefined });
    expect(onlyLine((await runCli(state.folder, ['status', '--json'])).stdout)).toMatchObject({ servers: null });
  });
});
