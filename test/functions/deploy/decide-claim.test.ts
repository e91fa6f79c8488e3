import { describe, expect, it } from 'vitest';
import { type ClaimFacts, endOf, whyNothing } from '../../../functions/deploy/decide-claim.ts';

const error = { Error: 'TargetNeverUp', Cause: '{"errorMessage":"never"}' };
const standing = { autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'] };
const facts = (more: Partial<ClaimFacts>): ClaimFacts => ({
  record: { status: 'RUNNING' },
  execution: { status: 'ABORTED' },
  otherCleanUp: undefined,
  error: undefined,
  ...more,
});

describe('whyNothing', () => {
  it.each<[string, Partial<ClaimFacts>, RegExp | undefined]>([
    ['a deploy that was stopped', {}, undefined],
    ['a deploy that waits for its clean-up', { execution: { status: 'RUNNING' }, error }, undefined],
    ['a deploy that Step Functions has forgotten', { execution: undefined }, undefined],
    ['a deploy whose clean-up died', { otherCleanUp: { status: 'ABORTED' } }, undefined],
    ['a finished deploy that left processes suspended', { record: { status: 'FAILED', suspension: standing } }, undefined],
    ['a deploy that runs', { execution: { status: 'RUNNING' } }, /still runs/],
    ['a deploy that another clean-up works on', { otherCleanUp: { status: 'RUNNING' } }, /another clean-up/],
    ['a deploy that another clean-up works on, and that hands its error over', { otherCleanUp: { status: 'RUNNING' }, error }, /another/],
    ['a finished deploy', { record: { status: 'FAILED' } }, /written its end/],
    ['a finished deploy that has resumed', { record: { status: 'FAILED', suspension: { ...standing, endedAtMs: 1 } } }, /written its end/],
  ])('says it of %s', (_, more, expected) => {
    const reason = whyNothing(facts(more));
    if (expected === undefined) expect(reason).toBeUndefined();
    else expect(reason).toMatch(expected);
  });
});

describe('endOf', () => {
  it.each<[string, Pick<ClaimFacts, 'execution' | 'error'>, object]>([
    [
      'the error that the deploy hands over',
      { execution: { status: 'RUNNING' }, error },
      { endedAs: 'FAILED', error: { Error: 'TargetNeverUp', Cause: 'never' } },
    ],
    ['an abort', { execution: { status: 'ABORTED' }, error: undefined }, { endedAs: 'ABORTED', error: { Error: 'Aborted' } }],
    [
      'what whoever stopped it gave as the cause',
      { execution: { status: 'ABORTED', cause: 'stopped by ann' }, error: undefined },
      { endedAs: 'ABORTED', error: { Error: 'Aborted', Cause: 'stopped by ann' } },
    ],
    ['a time-out', { execution: { status: 'TIMED_OUT' }, error: undefined }, { endedAs: 'TIMED_OUT', error: { Error: 'States.Timeout' } }],
    [
      'what the execution failed with',
      { execution: { status: 'FAILED', error: 'States.Runtime', cause: 'x' }, error: undefined },
      { endedAs: 'FAILED', error: { Error: 'States.Runtime', Cause: 'x' } },
    ],
    ['an execution that is forgotten', { execution: undefined, error: undefined }, { endedAs: 'FAILED', error: { Error: 'Unknown' } }],
  ])('is %s', (_, given, expected) => {
    expect(endOf(given)).toMatchObject(expected);
  });
});
