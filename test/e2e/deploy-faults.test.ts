/** Releases that go wrong under live traffic; the core of the faults that a deploy meets. */
import { describe, it } from 'vitest';
import type { FaultInput } from '../../local/aws/faults/fault-rule.ts';
import { errorsDuringBake, neverUp, slow } from './bad-releases.ts';
import { byFault, deployUnderFault, ofTheRelease, type Row } from './deploy-under-fault.ts';
import { FULL } from './full-run.ts';

/** An error that nobody has named. */
const THROWS_TWICE: FaultInput = {
  on: 'invocation',
  match: { function: 'holdfast-web-deploy-traffic', payload: 'deregister' },
  when: { first: 2 },
  effect: { kind: 'throw', error: 'SomethingElse' },
};

const ROWS: readonly (Row & { readonly core?: true })[] = [
  {
    // It comes as far as its bake in spite of the function.
    fault: 'that is healthy and then answers 500 during the bake, deployed by a function that throws twice at first,',
    core: true,
    release: errorsDuringBake(),
    rules: () => [THROWS_TWICE],
    ends: { error: 'BakeFailed' },
    mayFail: ofTheRelease,
  },
  {
    fault: 'that never becomes healthy',
    release: neverUp,
    ends: { error: 'TargetNeverUp' },
  },
  {
    fault: 'that never becomes healthy, while events of Step Functions are lost,',
    release: neverUp,
    rules: () => [{ on: 'event', match: { source: 'aws.states' }, effect: { kind: 'drop' } }],
    ends: { error: 'TargetNeverUp' },
  },
  {
    fault: 'that is slow',
    release: slow(1_500),
    settings: { bakeSeconds: 6 },
    ends: { error: 'BakeFailed' },
  },
];

describe('a release', () => {
  it.each(byFault(ROWS.filter(({ core }) => FULL || core)))('%s is rolled back, and no session is lost', async (_fault, row) => {
    await deployUnderFault(row);
  });

  it.runIf(FULL)('without a fault is deployed by a function that throws twice at first', async () => {
    await deployUnderFault({ fault: 'an error that nobody has named', rules: () => [THROWS_TWICE], ends: 'SUCCEEDED' });
  });
});
