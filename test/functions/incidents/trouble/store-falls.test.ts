import { describe, expect, it } from 'vitest';
import type { MinuteSample } from '../../../../functions/collect/contract.ts';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { emptiedText, fallsOf, rhythmOf } from '../../../../functions/incidents/trouble/store-health.ts';
import { losing } from '../classify/case.ts';
import { evidence, FROM_MS, minutesWith, NOW_MS, SIGN_MS, TURNED_AWAY } from '../healthy-evidence.ts';

const MINUTE = 60_000;
/** The readings of each minute. @param sessions minutes after the window's begin */
const minutes = (sessions: (minute: number) => number, evictions = 0): readonly MinuteSample[] =>
  Array.from({ length: Math.floor((NOW_MS - FROM_MS) / MINUTE) }, (_, at) => {
    const count = sessions(at);
    return [(FROM_MS + at * MINUTE) / 1_000, count, count, 0, evictions];
  });
const AT = (SIGN_MS - FROM_MS) / MINUTE - 4;
/** Three quarters are deleted within four minutes, while users log in again. */
const slow = (minute: number) => (minute < AT ? 150 : minute <= AT + 4 ? 150 - 18 * (minute - AT) : 78 + 5 * (minute - AT - 4));
const planted = (some: readonly MinuteSample[], more: object = {}) => evidence({ readings: { minutes: some }, ...more });
const failedOver = { events: [{ atMs: FROM_MS + AT * MINUTE, message: 'Failover to replica node node-1 completed' }] };

describe('sessions that go from the store', () => {
  it('within minutes, without evictions and without a failover, were deleted: likely the reason that users are logged out', () => {
    const falls = fallsOf(planted(minutes(slow)));
    expect(falls).toEqual([expect.objectContaining({ isSlow: true })]);
    expect(emptiedText(falls)).toMatch(/^somebody or a job deleted sessions from the store, which fell from 150 to 78 between .* UTC$/);
    const found = classify(planted(minutes(slow), { servers: losing(), traffic: TURNED_AWAY }), 'logged-out');
    expect(found).toMatchObject({ verdict: 'cause', cause: 'store-emptied', confidence: 'likely' });
  });

  it.each([
    ['where the store made room', planted(minutes(slow, 20))],
    ['where it failed over: a new primary had not received them', planted(minutes(slow), { storeGroup: failedOver })],
    ['where they are few', planted(minutes((minute) => Math.round(slow(minute) / 3)))],
    ['where they end over a quarter of an hour', planted(minutes((minute) => (minute < AT ? 150 : Math.max(60, 150 - 6 * (minute - AT)))))],
    [
      'where another count of the same keys finds fewer',
      planted(minutes(slow).map(([at, sessions]) => [at, sessions, 900, 0, 0] as const)),
    ],
    [
      'where the store was away meanwhile',
      planted(
        minutes(slow).filter(
          ([atSeconds]) => atSeconds * 1_000 <= FROM_MS + AT * MINUTE || atSeconds * 1_000 >= FROM_MS + (AT + 4) * MINUTE,
        ),
      ),
    ],
  ])('were not %s', (_, other) => {
    expect(fallsOf(other)).toEqual([]);
  });

  it('again and again have a rhythm, which is the reason', () => {
    const every = (gap: number) => planted(minutes((minute) => (minute < 20 ? 150 : (minute - 20) % gap === 0 ? 3 : 90)));
    const falls = fallsOf(every(4));
    expect(rhythmOf(falls)).toMatch(/^1\d times from \d\d:\d\d until \d\d:\d\d UTC, every 4 minutes$/);
    expect(emptiedText(falls)).toMatch(/^the store was emptied 1\d times .*, as by a job that runs again and again$/);
    expect(rhythmOf(fallsOf(planted(minutes((minute) => ([20, 23, AT].includes(minute) ? 3 : 150)))))).toMatch(/^3 times from .* UTC$/);
    expect(rhythmOf(fallsOf(planted(minutes((minute) => (minute === AT ? 3 : 150)))))).toBeUndefined();
  });
});

it('two failovers explain what came with each, and are named', () => {
  const [first, second] = [SIGN_MS - 40 * MINUTE, SIGN_MS - 2 * MINUTE];
  const at = (atMs: number) => ({ atMs, message: 'Failover to replica node node-1 completed' });
  const traffic = minutesWith(40, { target5xx: 60 }, 38);
  const again = minutesWith(3, { target5xx: 60 }, 1);
  const both = { byMinute: traffic.byMinute.map((minute, index) => (minute.target5xx > 0 ? minute : (again.byMinute[index] ?? minute))) };
  const found = classify(evidence({ storeGroup: { events: [at(first), at(second)] }, traffic: both }), 'store-failure');
  expect(found).toMatchObject({ verdict: 'cause', cause: 'store-failing-over' });
  expect(found).toMatchObject({ sentence: expect.stringMatching(/^The session store failed over to a replica, 2 times, since /) });
});
