/** The first targets of a deploy can have a longer bake, which their rolls carry. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { Roll, RollReply } from '../../../../functions/deploy/contract/roll.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

const baking = { phase: 'baking', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;

it.each([
  [{}, 15],
  [{ bakeSeconds: 120 }, 120],
])('a roll with %j bakes for %s s', async (more, seconds) => {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const clock = createClock();
  const { now } = clock;
  const lease = await beginDeploy(records, DEPLOY, { 'i-1': baking });
  const command = createCommand({
    responses: async () => [],
    ...{ records, now, metrics: recordingMetrics() },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  const ask = (step: 'sendBake' | 'checkBake', roll: Roll): Promise<RollReply> => command({ step, deploy: DEPLOY, lease, roll });
  const { roll } = await ask('sendBake', { ...ROLL, bake: { errorsAtStart: 5 }, ...more });
  runCommand.answer({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 5 });
  clock.nowMs += (seconds - 1) * 1_000;
  expect((await ask('checkBake', roll)).verdict).toBe('REPEAT');
  clock.nowMs += 1_000;
  expect((await ask('checkBake', roll)).verdict).toBe('DONE');
});
