import { beforeEach, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import type { StoreMemory } from '../../../../functions/incidents/mitigate/ask-trouble.ts';
import { createSweepRun, RAISE_TTL, SHORTEN_ANONYMOUS } from '../../../../functions/incidents/mitigate/sweep-run.ts';
import { executionArnOf } from '../../../../functions/shared/aws/executions.ts';
import type { SweepRecord, SweepSummary } from '../../../../functions/sweep/contract/record.ts';
import { readSweepInput } from '../../../../functions/sweep/read-sweep-input.ts';
import { fakeExecutions } from '../../fakes/executions.ts';

const TARGET = { incidentId: 'inc-1' };
const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-sweep';
let executions: ReturnType<typeof fakeExecutions>;
let sweeps: Partial<SweepRecord>[];
let memory: StoreMemory | undefined;
beforeEach(() => {
  memory = { percent: 92, isTight: true };
  executions = fakeExecutions();
  sweeps = [];
});
const ports = () => ({
  sweepStateMachineArn: MACHINE,
  executions,
  sweeps: { getSweep: async () => sweeps[0] as SweepRecord, latestSweeps: async () => sweeps as SweepRecord[] },
  memory: async () => memory,
  now: () => 1,
});

it.each([
  ['raise', RAISE_TTL, 'raise', 'raised'],
  ['shorten', SHORTEN_ANONYMOUS, 'shorten-anonymous', 'shortened'],
] as const)('%s starts one run of its own input, and reports what it changed', async (name, run, lives, how) => {
  const mitigation: Mitigation = createSweepRun(ports(), run);
  const plan = (await mitigation.plan(TARGET)) as Calls;
  expect(readSweepInput(JSON.parse(String(plan.calls[0]?.input['input'])))).toEqual({ lives, requestedBy: 'incident inc-1' });
  await mitigation.act(TARGET, plan);
  await mitigation.act(TARGET, plan);
  const own = executionArnOf(MACHINE, `${name}-inc-1`);
  expect(Object.keys(executions.states)).toEqual([own]);
  executions.states[own] = { status: 'SUCCEEDED' };
  sweeps = [{ summary: { keys: 90, lives: { changed: 7, kept: 3, notPermitted: 1, overLimit: 2 } } as SweepSummary }];
  expect(await mitigation.verify(TARGET, plan)).toEqual({
    verdict: 'DONE',
    detail: `sweep ${name}-inc-1 has ended: 7 sessions ${how}, of 90 keys, 2 above its limit left as they are, 1 not permitted to its user`,
  });
  expect(await mitigation.plan(TARGET)).toEqual({ refused: expect.stringContaining('already ended') });
});

it('shortens none once there is room again, when it is planned or when it acts, and goes on with what it has started', async () => {
  const shorten = createSweepRun(ports(), SHORTEN_ANONYMOUS);
  const plan = (await shorten.plan(TARGET)) as Calls<{ sweepId: string }>;
  memory = { percent: 40, isTight: false };
  expect(await shorten.plan(TARGET)).toEqual({ refused: "the store's memory is no longer tight: 40 % at the latest reading" });
  await expect(shorten.act(TARGET, plan)).rejects.toMatchObject({ name: 'MitigationRefused' });
  expect(executions.states).toEqual({});
  memory = undefined;
  await shorten.act(TARGET, plan);
  memory = { percent: 40, isTight: false };
  await shorten.act(TARGET, plan);
  expect(Object.keys(executions.states)).toHaveLength(1);
  // Lives that are too short are no matter of memory.
  expect(await createSweepRun(ports(), RAISE_TTL).plan({ incidentId: 'inc-2' })).toMatchObject({ calls: [{}] });
});
