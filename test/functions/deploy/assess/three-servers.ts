/** A deploy of three healthy servers, two of them at once at the most, that is about to be assessed. */
import { createAssess } from '../../../../functions/deploy/assess/assess.ts';
import type { DeployContext } from '../../../../functions/deploy/contract/common.ts';
import type { AlarmReading } from '../../../../functions/shared/aws/alarms.ts';
import { fakeAutoScalingGroup } from '../../fakes/auto-scaling.ts';
import { fakeExecutions } from '../../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

export const TWO_AT_ONCE: DeployContext = { ...DEPLOY, settings: { ...DEPLOY.settings, maxParallel: 2, minimumHealthyTargets: 1 } };

export async function threeServers(deploy: DeployContext = TWO_AT_ONCE) {
  const records = memoryRecords();
  const clock = createClock();
  const members: Record<string, string> = { 'i-1': 'InService', 'i-2': 'InService', 'i-3': 'InService' };
  const health: Record<string, string> = { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' };
  const alarms: Record<string, AlarmReading> = {};
  const group = fakeAutoScalingGroup(members);
  const executions = fakeExecutions({});
  const install = (instanceId: string, version: string) => records.putInstance('web', { instanceId, version, installedAtMs: 1 });
  await records.putRelease(RELEASE);
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of Object.keys(members)) await install(instanceId, '1.0.0');
  const lease = await beginDeploy(records, deploy, {});
  const assess = createAssess({
    records,
    targetGroup: fakeTargetGroup(health),
    targetGroupArn: 'arn:group',
    attributes: async () => ({}),
    group,
    agents: { describe: async (ids) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true })) },
    alarms: { states: async () => ({}), read: async () => alarms },
    documentVersions: async () => ({ waitIdle: '3', install: '2', observe: '1' }),
    requestRate: { perMinute: async () => [] },
    prepares: false,
    executions,
    rollTargetStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll',
    now: clock.now,
  });
  return { records, clock, members, zones: group.zones, groupHooks: group.hooksOf, health, alarms, executions, install, lease, assess };
}
