import { describe, expect, it } from 'vitest';
import type { StoredLine } from '../../../functions/canary/contract/canary-records.ts';
import { holds, type Outcome, unclear } from '../../../functions/canary/findings/result.ts';
import {
  afterRun,
  isRunDue,
  RETRY_MS,
  runEveryMs,
  type Situation,
  storedLines,
} from '../../../functions/canary/schedule/scheduled-turn.ts';
import { memoryRecipe } from './memory-site.ts';

const HOUR = 3_600_000;
const EVERY_MS = 300_000;

describe('a run is due', () => {
  const now: Situation = {
    nowMs: 100 * HOUR,
    everyMs: EVERY_MS,
    policy: {},
    hasKept: true,
    ranAtMs: 90 * HOUR,
    failedAtMs: undefined,
    isBusy: false,
    deployedAtMs: undefined,
  };
  it.each<[string, Partial<Situation>, boolean]>([
    ['not within a day', {}, false],
    ['after a day', { ranAtMs: 76 * HOUR }, true],
    ['before the first', { ranAtMs: undefined }, true],
    ['without kept sessions', { hasKept: false }, true],
    ['after a deploy', { deployedAtMs: 91 * HOUR }, true],
    ['not after a deploy before it', { deployedAtMs: 89 * HOUR }, false],
    ['not while something changes the servers', { ranAtMs: 1, isBusy: true }, false],
    ['not within an hour of a failure', { ranAtMs: 1, failedAtMs: 100 * HOUR - RETRY_MS + 1 }, false],
    ['an hour after a failure', { ranAtMs: 1, failedAtMs: 100 * HOUR - RETRY_MS }, true],
  ])('%s', (_, more, expected) => {
    expect(isRunDue({ ...now, ...more })).toBe(expected);
  });

  it.each([
    [{}, 24],
    [{ idleSeconds: 1_800, absoluteSeconds: 43_200 }, 24],
    [{ absoluteSeconds: 86_400 }, 24 * 1.1 + 0.25],
    [{ idleSeconds: 86_400 }, 48.25],
    // Not measured at all.
    [{ absoluteSeconds: 864_000 }, 24],
  ])('as often as the time-outs of %j let it: %s h', (policy, hours) => {
    expect(runEveryMs(policy, EVERY_MS) / HOUR).toBeCloseTo(hours);
  });
});

describe('the results of a run', () => {
  const line = (check: StoredLine['check'], more: Partial<StoredLine>): StoredLine => ({
    ...{ check, result: 'holds', severity: 'ok', what: 'it is so' },
    ...more,
  });
  const before = [
    line('caching', { result: 'finding', severity: 'warning', finding: 'page-cacheable' }),
    line('transport', { result: 'finding', severity: 'warning', finding: 'no-hsts' }),
  ];
  const gotNowhere = line('caching', { result: 'not-checked', severity: 'unknown' });

  it('keep a finding whose check got nowhere this time, and drop what their check no longer finds', () => {
    const now = [gotNowhere, line('transport', {})];
    expect(afterRun(before, now).flatMap(({ finding }) => finding ?? [])).toEqual(['page-cacheable']);
    expect(afterRun(before, [line('caching', {}), line('transport', {})]).flatMap(({ finding }) => finding ?? [])).toEqual([]);
  });

  it('keep a finding where only a part of its check was answered, once', () => {
    const found = line('replay-after-logout', { result: 'finding', severity: 'error', finding: 'alive-after-logout' });
    const held = line('replay-after-logout', {});
    const open = line('replay-after-logout', { result: 'not-checked', severity: 'unknown' });
    const findings = (now: readonly StoredLine[]) => afterRun([found], now).flatMap(({ finding }) => finding ?? []);
    expect(findings([held, open])).toEqual(['alive-after-logout']);
    expect(findings([found, open])).toEqual(['alive-after-logout']);
    expect(findings([held, held])).toEqual([]);
  });

  it('call no entry of "accept" needless while a part of its check is open', () => {
    const recipe = { ...memoryRecipe(), accept: [{ finding: 'alive-after-logout' as const, reason: 'the cookies end by themselves' }] };
    const held = holds('replay-after-logout', 'at once');
    const needless = (outcomes: readonly Outcome[]) =>
      storedLines(recipe, outcomes).filter(({ what }) => what.includes('remove the entry'));
    expect(needless([held])).toHaveLength(1);
    expect(needless([held, unclear('replay-after-logout', 'later')])).toEqual([]);
  });

  it('have no line about time-outs, which kept sessions show', () => {
    expect(afterRun([], [line('time-outs', { result: 'not-checked' })])).toEqual([]);
  });
});
