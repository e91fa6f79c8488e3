import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

/** A target that drains while another one has failed. */
async function draining() {
  const records = memoryRecords();
  await records.putRelease(RELEASE);
  const lease = await beginDeploy(records);
  await records.recordFirstFailure('web', 'd1', { Error: 'BakeFailed', Cause: 'why' });
  const { now } = createClock();
  const commands = instanceCommands({ runCommand: fakeRunCommand(), now });
  let reads = 0;
  const counting: Records = {
    ...records,
    getDeploy(...given) {
      reads += 1;
      return records.getDeploy(...given);
    },
  };
  const ports = { commands, targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }), metrics: recordingMetrics(), now };
  const command = createCommand({ responses: async () => [], records: counting, ...ports });
  const roll = { ...ROLL, commandId: 'c', commandSentAtMs: START_MS };
  return { records, check: () => command({ step: 'checkWaitIdle', deploy: DEPLOY, lease, roll }), reads: () => reads };
}

it('goes no further, and reads the deploy once for that', async () => {
  const { check, reads } = await draining();
  await expect(check()).rejects.toMatchObject({ name: 'DeployStopping', message: expect.stringContaining('BakeFailed') });
  expect(reads()).toBe(1);
});

it('goes on when it is on its way back', async () => {
  const { records, check } = await draining();
  await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '1.0.0' });
  expect((await check()).verdict).toBe('WAIT');
});
