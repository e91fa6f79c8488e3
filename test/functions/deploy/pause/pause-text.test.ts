import { describe, expect, it } from 'vitest';
import { deployLines } from '../../../../cli/deploy/deploy-history.ts';
import { progressLines, snapshotLines } from '../../../../cli/deploy/deploy-progress.ts';
import { deployView } from '../../../../console/deploys.ts';
import { continuedWords, waitingLines, waitingOf, whyNotWaiting } from '../../../../functions/deploy/pause/pause-text.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';

const target = { order: 0, fromVersion: '1', phaseStartedAtMs: 1 };
const PAUSE = { after: 1, startedAtMs: 0, endsAtMs: 1_800_000 };
const continued = { requestedBy: 'arn:…/Operator', atMs: 60_000 };
const record = (more: Partial<DeployRecord> = {}): DeployRecord => ({
  deployId: 'd1',
  executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:live-web-deploy:d1',
  fleet: 'web',
  from: '1',
  to: '2',
  requestedBy: 'ann',
  startedAtMs: 0,
  status: 'RUNNING',
  stage: 'paused',
  pauseAfter: 1,
  pause: PAUSE,
  targets: { 'i-1': { ...target, phase: 'done', executionName: 'e' }, 'i-2': { ...target, phase: 'waiting' } },
  ...more,
});
const OPTIONS = '--fleet web --region eu-west-1 --installation live';
const LINES = [
  'waits to be continued: 1 of 2 servers has the release (i-1); until 1970-01-01T00:30:00.000Z, then it rolls back',
  `continue it with: ./holdfast deploys continue d1 ${OPTIONS}`,
  `reject it with: ./holdfast deploys abort d1 ${OPTIONS}`,
];

describe('a deploy that waits', () => {
  it('says what for, until when, and which commands decide, wherever it is shown', () => {
    expect(waitingLines(record())).toEqual(LINES);
    expect(deployLines(record(), 1)).toEqual(expect.arrayContaining(LINES.map((line) => `pause    ${line}`)));
    expect(snapshotLines(record(), 1)).toEqual(expect.arrayContaining(LINES.map((line) => `  ${line}`)));
    const words = 'waits to be continued: 1 of 2 servers has the release (i-1)';
    expect(deployView(record(), 1)).toMatchObject({ waiting: { words, untilMs: 1_800_000 }, isCleaningUp: false });
  });

  it('says so once to who follows it, as in CI, and then who has continued it', () => {
    const seen = new Map<string, string>();
    expect(progressLines(record(), seen, 1)).toEqual(expect.arrayContaining(LINES.map((line) => `  ${line}`)));
    expect(progressLines(record(), seen, 60_000)).toEqual([]);
    const on = progressLines(record({ pause: { ...PAUSE, continued } }), seen, 61_000);
    expect(on).toEqual(['  waited after 1 server; continued by arn:…/Operator at 1970-01-01T00:01:00.000Z']);
  });
});

const claim = { executionArn: 'a', startedAtMs: 1, attempt: 1 };
describe('a deploy that does not wait', () => {
  it.each<[string, Partial<DeployRecord>, string]>([
    ['was continued', { pause: { ...PAUSE, continued } }, 'was already continued, by arn:…/Operator at 1970-01-01T00:01:00.000Z'],
    ['has ended', { status: 'FAILED' }, 'has already ended with FAILED'],
    ['is cleaned up', { cleanUp: claim }, 'has failed or was stopped, and its clean-up restores the servers'],
    ['has failed', { firstFailure: { Error: 'PauseTimedOut', Cause: '' } }, 'has failed (PauseTimedOut) and rolls back'],
    ['does not wait yet', { pause: undefined as never }, 'does not wait yet: it stops after 1 server'],
    [
      'was not to stop',
      { pause: undefined as never, pauseAfter: undefined as never },
      'does not stop after its first servers: it was started without --pause-after',
    ],
  ])('because it %s says so', (_, more, why) => {
    expect(waitingOf(record(more))).toBeUndefined();
    expect(whyNotWaiting(record(more), 1)).toBe(why);
  });

  it('because its time is up rolls back, though the look that ends it has not come yet', () => {
    expect(whyNotWaiting(record(), 1_800_000)).toBe('has waited until 1970-01-01T00:30:00.000Z and rolls back');
  });

  it('has nothing to say of who continued it where nobody has', () => {
    expect(continuedWords(record())).toBeUndefined();
  });
});
