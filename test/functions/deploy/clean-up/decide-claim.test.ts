import { describe, expect, it } from 'vitest';
import { type ClaimFacts, endOf, reasonToSkip } from '../../../../functions/deploy/clean-up/claim-deploy.ts';

const error = { Error: 'TargetNeverUp', Cause: '{"errorMessage":"never"}' };
const FAILED = { deployId: 'd1', status: 'FAILED' } as const;
const suspended = (deployId: string) => ({
  suspension: { deployId, epoch: 1001, round: 1, autoScalingGroupName: 'g', alreadySuspended: [], suspendedByDeploy: ['HealthCheck'] },
});
const facts = (more: Partial<ClaimFacts>): ClaimFacts => ({
  record: { deployId: 'd1', status: 'RUNNING' },
  lock: {},
  execution: { status: 'ABORTED' },
  otherCleanUp: undefined,
  error: undefined,
  ...more,
});

describe('reasonToSkip', () => {
  it.each<[string, Partial<ClaimFacts>, RegExp | undefined]>([
    ['a deploy that was stopped', {}, undefined],
    ['a deploy that waits for its clean-up', { execution: { status: 'RUNNING' }, error }, undefined],
    ['a deploy that Step Functions has forgotten', { execution: undefined }, undefined],
    ['a deploy whose clean-up died', { otherCleanUp: { status: 'ABORTED' } }, undefined],
    ['a finished deploy that left processes suspended', { record: FAILED, lock: suspended('d1') }, undefined],
    ['a deploy that runs', { execution: { status: 'RUNNING' } }, /still running/],
    ['a deploy that another clean-up works on', { otherCleanUp: { status: 'RUNNING' } }, /another clean-up/],
    ['a deploy that another clean-up works on, and that hands its error over', { otherCleanUp: { status: 'RUNNING' }, error }, /another/],
    ['a finished deploy', { record: FAILED }, /is finished/],
    ['a finished deploy whose suspension a later one took over', { record: FAILED, lock: suspended('d2') }, /is finished/],
  ])('says it of %s', (_, more, expected) => {
    const reason = reasonToSkip(facts(more));
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
      'the cause that was given when it was stopped',
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
