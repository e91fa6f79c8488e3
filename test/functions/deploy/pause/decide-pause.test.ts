import { describe, expect, it } from 'vitest';
import { isFirst, judgePause, owesPause, type PauseFacts, pauseWaitSeconds } from '../../../../functions/deploy/pause/decide-pause.ts';
import { deployInput, deploySettings } from '../../../../functions/deploy/settings/settings.ts';
import type { DeployPause } from '../../../../functions/records/types.ts';

const done = { phase: 'done', executionName: 'e' } as const;
const skipped = { phase: 'skipped' } as const;
const PAUSE: DeployPause = { after: 1, startedAtMs: 0, endsAtMs: 1_800_000 };
const facts = (more: Partial<PauseFacts> = {}): PauseFacts => ({ pauseAfter: 1, targets: {}, atWork: 0, isPromoted: false, ...more });

describe('a deploy that stops after its first targets', () => {
  it.each<[string, Partial<PauseFacts>, string]>([
    ['begins the first one', {}, 'open'],
    ['begins no more than it may while one is at work', { atWork: 1 }, 'full'],
    ['begins the second of two next to the first', { pauseAfter: 2, atWork: 1 }, 'open'],
    ['begins no third of two', { pauseAfter: 2, atWork: 1, targets: { a: done } }, 'full'],
    ['stops when they are done', { targets: { a: done } }, 'begins'],
    ['does not count what had the release already', { targets: { a: skipped, b: { phase: 'done' } } }, 'open'],
    ['stops while nobody has continued it', { targets: { a: done }, pause: PAUSE }, 'begins'],
    ['goes on once continued', { targets: { a: done }, pause: { ...PAUSE, continued: { requestedBy: 'ann', atMs: 1 } } }, 'open'],
    ['does not stop for what comes after its promotion', { targets: { a: done }, isPromoted: true }, 'open'],
    ['does not stop without a request to', { pauseAfter: undefined as never, targets: { a: done } }, 'open'],
  ])('%s', (_, more, verdict) => {
    expect(judgePause(facts(more))).toBe(verdict);
  });

  it.each<[string, Partial<PauseFacts>, boolean]>([
    ['one of two is done', { pauseAfter: 2, targets: { a: done } }, true],
    ['none is done', { targets: { a: skipped } }, false],
    ['it has stopped before', { targets: { a: done }, pause: { ...PAUSE, continued: { requestedBy: 'ann', atMs: 1 } } }, false],
    ['the release is the fleet’s', { targets: { a: done }, isPromoted: true }, false],
    ['it was not to stop', { pauseAfter: undefined as never, targets: { a: done } }, false],
  ])('with nothing more to begin, where %s', (_, more, owes) => {
    expect(owesPause(facts(more))).toBe(owes);
  });

  it.each([0, -1, 1.5, '2', 1_001])('cannot stop after %s', (pauseAfter) => {
    expect(deployInput.safeParse({ version: '1', pauseAfter }).success).toBe(false);
  });

  it.each([0, 1.5, 241, '30'])('cannot wait for %s minutes', (pauseMinutes) => {
    expect(deploySettings.safeParse({ pauseMinutes }).success).toBe(false);
  });
});

describe('the first targets of a deploy', () => {
  it.each<[string, Pick<PauseFacts, 'pauseAfter' | 'targets' | 'atWork'>, boolean]>([
    ['the first', { targets: {}, atWork: 0 }, true],
    ['one that begins before another is done', { targets: {}, atWork: 2 }, true],
    ['the next one', { targets: { a: done }, atWork: 0 }, false],
    ['the last one before the stop', { pauseAfter: 2, targets: { a: done }, atWork: 0 }, true],
    ['one after the stop', { pauseAfter: 2, targets: { a: done, b: done }, atWork: 0 }, false],
  ])('%s', (_, given, is) => {
    expect(isFirst(given)).toBe(is);
  });
});

describe('looks at a deploy that waits', () => {
  it.each([
    [0, 10, 10],
    [600_000, 10, 10],
    [1_200_000, 10, 20],
    [1_795_000, 10, 5],
    [1_799_999, 10, 1],
    [0, 0.05, 1],
  ])('%s ms after its begin, with pollSeconds %s, come after %s s', (nowMs, pollSeconds, seconds) => {
    expect(pauseWaitSeconds(PAUSE, pollSeconds, nowMs)).toBe(seconds);
  });

  it('are a minute apart at most, and take a quarter of the longest history in the longest wait', () => {
    const longest = { ...PAUSE, endsAtMs: 240 * 60_000 };
    let nowMs = 0;
    let looks = 0;
    while (nowMs < longest.endsAtMs) {
      const seconds = pauseWaitSeconds(longest, 10, nowMs);
      expect(seconds).toBeLessThanOrEqual(60);
      nowMs += seconds * 1000;
      looks += 1;
    }
    expect(looks * 16).toBeLessThan(25_000 / 4);
  });
});
