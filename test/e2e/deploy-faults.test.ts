/** The core of the faults that a deploy meets under live traffic: bad releases, and a function that fails for a while. */
import { describe, it } from 'vitest';
import { errorsDuringBake, neverUp, slow } from './bad-releases.ts';
import { deployUnderFault, ofTheRelease, type Row } from './deploy-under-fault.ts';
import { FULL } from './full-run.ts';

const ROWS: readonly (Row & { readonly core?: true })[] = [
  {
    fault: 'that is healthy, and then answers 500 during the bake',
    core: true,
    release: errorsDuringBake(),
    ends: { error: 'BakeFailed' },
    mayFail: ofTheRelease,
  },
  {
    fault: 'that never becomes healthy',
    release: neverUp,
    ends: { error: 'TargetNeverUp' },
  },
  {
    fault: 'that never becomes healthy, while events of Step Functions are lost',
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
  it.each(ROWS.filter(({ core }) => FULL || core))('$fault is rolled back, and no session is lost', async (row) => {
    await deployUnderFault(row);
  });
});

describe('a function that throws twice', () => {
  it('and then works holds nothing up', async () => {
    await deployUnderFault({
      fault: 'an error that nobody has named',
      rules: () => [
        {
          on: 'invocation',
          match: { function: 'holdfast-web-deploy-traffic', payload: 'deregister' },
          when: { first: 2 },
          effect: { kind: 'throw', error: 'SomethingElse' },
        },
      ],
      ends: 'SUCCEEDED',
    });
  });
});
