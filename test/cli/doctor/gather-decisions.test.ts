import { expect, it } from 'vitest';
import { gatherDecisions } from '../../../cli/doctor/gather-store.ts';
import type { SweepRecord } from '../../../functions/sweep/contract/record.ts';
import { subjectOf } from './healthy-fleet.ts';

const decision = (dialect: string) => ({ dialect, sessions: 10, withoutTtl: 10, setting: `sweep.policies.${dialect}` });
const sweep = (more: object, dialects: readonly string[] = []) =>
  ({
    status: 'SUCCEEDED',
    dryRun: false,
    summary: { ...(dialects.length > 0 && { unconfirmed: dialects.map(decision) }) },
    ...more,
  }) as SweepRecord;

it.each([
  ['of the last sweep', [sweep({}, ['koa-session']), sweep({}, ['django'])], [decision('koa-session')]],
  [
    'of none that repairs nothing, runs or failed',
    [
      sweep({ dryRun: true }, ['a']),
      sweep({ lives: 'raise' }, ['b']),
      sweep({ status: 'RUNNING' }),
      sweep({ status: 'FAILED' }),
      sweep({}, ['django']),
    ],
    [decision('django')],
  ],
  ['none where the last one left none', [sweep({}), sweep({}, ['django'])], []],
  ['none before the first sweep', [], []],
] as const)('what sweeps wait for is %s', async (_, latest, expected) => {
  const clients = { sweeps: { latestSweeps: async () => [...latest] } };
  expect(await gatherDecisions(clients, subjectOf())).toEqual({ state: 'known', value: expected });
});
