/** A bake whose answers are slow at first goes on while they get faster. */
import { expect, it } from 'vitest';
import { createCommand } from '../../../../functions/deploy/command/command.ts';
import type { Roll } from '../../../../functions/deploy/contract/roll.ts';
import { beginDeploy, createClock, DEPLOY, ROLL, recordingMetrics, START_MS } from '../../fakes/fixtures.ts';
import { instanceCommands } from '../../fakes/instance-commands.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { fakeRunCommand } from '../../fakes/run-command.ts';
import { fakeTargetGroup } from '../../fakes/target-group.ts';

it('goes on beyond its time while slow answers get faster, and shows why', async () => {
  const records = memoryRecords();
  const runCommand = fakeRunCommand();
  const clock = createClock();
  const { now } = clock;
  const baking = { phase: 'baking', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: START_MS } as const;
  const lease = await beginDeploy(records, DEPLOY, { 'i-1': baking });
  const command = createCommand({
    responses: async () => [],
    ...{ records, now, metrics: recordingMetrics() },
    targetGroup: fakeTargetGroup({ 'i-1': 'healthy' }),
    commands: instanceCommands({ runCommand, now }),
  });
  const target = async () => (await records.getDeploy('web', DEPLOY.deployId))?.targets['i-1'];
  const slice = async (before: Roll, latencyMs: number) => {
    clock.nowMs += 10_000;
    const { roll } = await command({ step: 'sendBake', deploy: DEPLOY, lease, roll: before });
    runCommand.answer({ upInARow: 1, attempts: 1, lastAnswer: '200 UP', version: '2.0.0', errors: 5, latencyMs });
    return command({ step: 'checkBake', deploy: DEPLOY, lease, roll });
  };

  const first = await slice({ ...ROLL, bake: { errorsAtStart: 5 } }, 2_400);
  const shown = 'its answers take 2400 ms, and bakeMaxLatencyMs allows 1000 ms: the bake goes on while they get faster';
  expect(await target()).toMatchObject({ detail: expect.stringContaining(shown) });
  const second = await slice(first.roll, 1_200);
  // Whole slices, not one command after the other.
  expect(runCommand.sent.at(-1)?.parameters).toMatchObject({ attempts: '3', intervalSeconds: '5' });
  const third = await slice(second.roll, 300);
  expect([first, second, third].map(({ verdict }) => verdict)).toEqual(['REPEAT', 'REPEAT', 'DONE']);
  expect(await target()).toMatchObject({ phase: 'done', detail: '' });
});
