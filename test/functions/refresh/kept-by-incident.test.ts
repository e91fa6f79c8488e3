import { expect, it } from 'vitest';
import { createRefresh } from '../../../functions/refresh/refresh.ts';
import { createClock, recordingLog, START_MS } from '../fakes/fixtures.ts';
import { memoryRecords } from '../fakes/memory-records.ts';
import { memoryRefreshRecords } from '../fakes/memory-refresh-records.ts';
import { fakeTargetGroup } from '../fakes/target-group.ts';

it('refuses a refresh while an incident keeps servers, also before it has the lock again after a deploy', async () => {
  const clock = createClock();
  const records = { ...memoryRecords(), ...memoryRefreshRecords() };
  const run = createRefresh({
    records,
    group: {
      read: async () => ({
        members: [{ instanceId: 'i-1', lifecycleState: 'InService', launchTemplate: { id: 'lt-1', version: '1' } }],
        desiredCapacity: 1,
        suspendedProcesses: ['HealthCheck'],
        current: { launchTemplate: { id: 'lt-1', version: '2' }, otherTemplateIds: [] },
      }),
      replace: async () => {},
    },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }),
    commands: {
      latestVersions: async () => ({ waitIdle: '2', install: '3', observe: '4' }),
      sendWaitIdle: async () => 'command-1',
      readWaitIdle: async () => undefined,
    },
    describeExecution: async () => undefined,
    log: recordingLog(),
    ...{ now: clock.now, fleet: 'web', settings: {}, stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:holdfast-web-refresh' },
  });
  const begin = () =>
    run({ step: 'begin', input: {}, executionName: 'r1', executionArn: 'arn:r1', startTime: new Date(START_MS).toISOString() });
  const incident = { fleet: 'web', deployId: 'inc-1', executionArn: 'arn', requestedBy: 'a runbook', version: 'keep-servers' };
  await records.acquireLock({ ...incident, nowMs: START_MS, expiresAtMs: START_MS + 900_000, heldBy: 'incident' });
  const suspension = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'], round: 1 };
  const hold = { fleet: 'web', deployId: 'inc-1', fencingToken: 1 };
  await records.putSuspension(hold, suspension, START_MS + 900_000);
  await records.releaseLock(hold);
  await expect(begin()).rejects.toThrow(
    /^incident inc-1 by a runbook .*"npx --no holdfast incidents release inc-1 with this installation's --region and --installation" ends it$/,
  );
  expect((await records.getLock('web'))?.deployId).toBeUndefined();
  clock.nowMs += 900_000;
  expect(await begin()).toMatchObject({ verdict: 'DONE' });
});
