/** Releases that go wrong under live traffic; the core of the faults that a deploy meets. */
import { describe, it } from 'vitest';
import type { FaultInput } from '#local-aws/faults/fault-rule.ts';
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

/** Step Functions refuses each kind of child once: what rolls a target, what rolls it back, and the clean-up. */
const refusedOnce = (resource: string): FaultInput => ({
  on: 'call',
  match: { service: 'states', action: 'StartExecution', caller: '*/states', resource },
  when: { first: 1 },
  effect: { kind: 'error', code: 'ThrottlingException' },
});
const REFUSED_ROLL = refusedOnce('*:stateMachine:holdfast-web-roll-target:*');
const REFUSED_CLEAN_UP = [refusedOnce('*-back-*'), refusedOnce('*:stateMachine:holdfast-web-clean-up')];

const ROWS: readonly Row[] = [
  {
    // It comes as far as its bake in spite of the function and of Step Functions, and all the way back.
    fault:
      'that is healthy and then answers 500 during the bake, deployed by a function that throws twice and machines that are refused at first,',
    release: errorsDuringBake(),
    rules: () => [THROWS_TWICE, ...REFUSED_CLEAN_UP, REFUSED_ROLL],
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

describe.runIf(FULL)('a release', () => {
  it.each(byFault(ROWS))('%s is rolled back, and no session is lost', async (_fault, row) => {
    await deployUnderFault(row);
  });

  it('without a fault is deployed by a function that throws twice, and by a machine whose child is refused, at first', async () => {
    await deployUnderFault({ fault: 'an error that nobody has named', rules: () => [THROWS_TWICE, REFUSED_ROLL], ends: 'SUCCEEDED' });
  });
});
