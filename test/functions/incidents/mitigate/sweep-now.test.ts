import { beforeEach, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../../../functions/incidents/contract/mitigations.ts';
import { createSweepNow, type SweepRunPorts } from '../../../../functions/incidents/mitigate/sweep-now.ts';
import { executionArnOf } from '../../../../functions/shared/aws/executions.ts';
import type { SweepRecord } from '../../../../functions/sweep/contract/record.ts';
import { fakeExecutions } from '../../fakes/executions.ts';

const TARGET = { incidentId: 'inc-1' };
const MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:holdfast-sweep';
const NOW_MS = Date.UTC(2026, 0, 5, 12);
const OWN = executionArnOf(MACHINE, 'sweep-inc-1');

let executions: ReturnType<typeof fakeExecutions>;
let sweeps: SweepRecord[];
let sweep: Mitigation;
const planned = async () => (await sweep.plan(TARGET)) as Calls;
const record = (more: Partial<SweepRecord>) => ({ sweepId: 's1', status: 'RUNNING', startedAtMs: NOW_MS - 1_000, ...more }) as SweepRecord;

beforeEach(() => {
  executions = fakeExecutions();
  sweeps = [];
  const ports: SweepRunPorts = {
    sweepStateMachineArn: MACHINE,
    executions,
    sweeps: { getSweep: async (id) => sweeps.find(({ sweepId }) => sweepId === id), latestSweeps: async () => sweeps },
    now: () => NOW_MS,
  };
  sweep = createSweepNow(ports);
});

it('starts one full sweep per incident, however often its call is repeated', async () => {
  const plan = await planned();
  expect(plan.calls).toEqual([
    {
      service: 'stepfunctions',
      operation: 'StartExecution',
      input: { stateMachineArn: MACHINE, name: 'sweep-inc-1', input: '{"full":true,"requestedBy":"incident inc-1"}' },
    },
  ]);
  await sweep.act(TARGET, plan);
  await sweep.act(TARGET, plan);
  expect(Object.keys(executions.states)).toEqual([OWN]);
  expect(await sweep.verify(TARGET, plan)).toMatchObject({
    verdict: 'DONE',
    detail: expect.stringContaining('sweep sweep-inc-1 has begun'),
  });
  executions.states[OWN] = { status: 'SUCCEEDED' };
  sweeps = [
    record({
      sweepId: 'sweep-inc-1',
      status: 'SUCCEEDED',
      summary: { repaired: 7, deleted: 1, keys: 90 } as NonNullable<SweepRecord['summary']>,
    }),
  ];
  expect(await sweep.verify(TARGET, plan)).toEqual({
    verdict: 'DONE',
    detail: 'sweep sweep-inc-1 has ended: 7 keys repaired, 1 deleted, of 90',
  });
});

it('fails with the sweep’s own error', async () => {
  const plan = await planned();
  executions.states[OWN] = { status: 'FAILED', cause: 'the store does not answer' };
  expect(await sweep.verify(TARGET, plan)).toMatchObject({
    verdict: 'FAILED',
    detail: expect.stringContaining('the store does not answer'),
  });
});

it('refuses while another sweep runs, and not for one that was stopped by force long ago', async () => {
  sweeps = [record({})];
  expect(await sweep.plan(TARGET)).toEqual({ refused: expect.stringContaining('sweep s1 runs already') });
  sweeps = [record({ startedAtMs: NOW_MS - 13 * 3_600_000 })];
  expect(await sweep.plan(TARGET)).toHaveProperty('calls');
});

it('refuses a second sweep of the same incident', async () => {
  executions.states[OWN] = { status: 'SUCCEEDED' };
  expect(await sweep.plan(TARGET)).toEqual({ refused: expect.stringContaining('already ended with SUCCEEDED') });
});

it('names what has to be set before a sweep repairs a dialect', async () => {
  const unconfirmed = [{ dialect: 'connect-redis', sessions: 90, withoutTtl: 90, setting: 'sweep.policies.connect-redis' }];
  const plan = await planned();
  executions.states[OWN] = { status: 'SUCCEEDED' };
  sweeps = [
    record({
      sweepId: 'sweep-inc-1',
      status: 'SUCCEEDED',
      summary: { repaired: 0, deleted: 0, keys: 90, unconfirmed } as unknown as NonNullable<SweepRecord['summary']>,
    }),
  ];
  expect(await sweep.verify(TARGET, plan)).toEqual({
    verdict: 'DONE',
    detail:
      'sweep sweep-inc-1 has ended: 0 keys repaired, 0 deleted, of 90; 90 of connect-redis left until sweep.policies.connect-redis is set',
  });
});
