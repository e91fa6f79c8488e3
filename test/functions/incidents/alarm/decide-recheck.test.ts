import { describe, expect, it } from 'vitest';
import { decideRecheck, recheckComesBy } from '../../../../functions/incidents/alarm/episode.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';

const MINUTE = 60_000;
const BEGAN = 1_000 * MINUTE;
const at = (minutes: number) => BEGAN + minutes * MINUTE;

type Given = Pick<IncidentRecord, 'alarms' | 'openedAtMs' | 'runs' | 'lastRunAtMs' | 'looked' | 'dryRun' | 'explainedBy'>;
const incident = (over: Partial<Given> = {}): Given => ({
  openedAtMs: BEGAN,
  alarms: { a: { state: 'ALARM', atMs: BEGAN, firedAtMs: BEGAN } },
  runs: 1,
  lastRunAtMs: BEGAN,
  ...over,
});
const flapping = (minute: number) => ({
  a: { state: 'ALARM' as const, atMs: at(minute), firedAtMs: BEGAN, firings: [-30, -20, -10, 0].map((before) => at(minute + before)) },
});
const looked = (ofEpisode: number, minutes: number) => ({ number: ofEpisode, ofEpisode, firstSignMs: BEGAN, atMs: at(minutes) });

/** Minutes of the re-checks when the schedule comes every five minutes, at this phase. */
function looksOf(phase: number, hours: number, given: Given): number[] {
  const found: number[] = [];
  let now = given;
  for (let minute = phase; minute <= hours * 60; minute += 5) {
    const look = decideRecheck(now, at(minute));
    if (look === undefined) continue;
    found.push(minute);
    now = { ...now, looked: look };
  }
  return found;
}

describe('the re-check after a run', () => {
  it('comes by the time that is said, whatever the phase of the schedule', () => {
    const given = incident();
    for (const phase of [0.1, 1, 2, 3, 4, 4.9])
      expect(at(looksOf(phase, 1, given)[0] ?? 60)).toBeLessThanOrEqual(recheckComesBy(given, BEGAN) ?? 0);
    expect(recheckComesBy(incident({ runs: 0, lastRunAtMs: 0 }), BEGAN)).toBe(at(9));
  });

  it.each<[string, Partial<Given>, number]>([
    ['of an alarm that is not on', { alarms: { a: { state: 'OK', atMs: at(1), firedAtMs: BEGAN } } }, 0],
    ['of a dry run', { dryRun: true }, 0],
    ['of an alarm that goes on and off', { alarms: flapping(0) }, 0],
    ['after two re-checks of the episode', { looked: looked(2, 10) }, 40],
    ['that may no longer be muted after two', { looked: looked(2, 10), explainedBy: 'inc-store' }, 40],
    ['hours after the first sign', {}, 359],
  ])('comes soon after no run %s', (_, over, minute) => {
    expect(recheckComesBy(incident(over), at(minute))).toBeUndefined();
  });
});

describe('looks', () => {
  it.each([0.5, 2, 4.5])('come after about 5 and 10 minutes, then every 30 for six hours (phase of the schedule %d)', (phase) => {
    const [first = 0, second = 0, third = 0, ...others] = looksOf(phase, 24, incident());
    expect(Math.abs(first - 5)).toBeLessThanOrEqual(5);
    expect([second - first, third - second]).toEqual([5, 30]);
    expect(others.length + 3).toBe(13);
    expect(others.at(-1)).toBeLessThanOrEqual(360);
  });

  it('come with each turn while another incident mutes it', () => {
    const muted = { ...incident(), explainedBy: 'inc-store' };
    expect(looksOf(0, 1, muted)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60]);
  });

  it.each([1, 2, 3, 4, 5])('come within five minutes of the alarm of what is muted (phase of the schedule %d)', (phase) => {
    expect(looksOf(phase, 1, { ...incident(), explainedBy: 'inc-store' })[0]).toBe(phase);
  });

  it('come when an alarm joins, also after six hours, and once for it', () => {
    const joined = { ...incident().alarms, b: { state: 'ALARM' as const, atMs: at(500), firedAtMs: at(500), joins: true as const } };
    expect(looksOf(0, 10, incident({ alarms: joined, looked: looked(13, 360) }))).toEqual([500]);
  });

  it('begin again with the next episode, and count their number on', () => {
    const alarms = { a: { state: 'ALARM' as const, atMs: at(600), firedAtMs: at(600) } };
    expect(decideRecheck(incident({ alarms, looked: looked(13, 360) }), at(605))).toEqual({
      ...{ number: 14, ofEpisode: 1, firstSignMs: at(600), atMs: at(605) },
    });
  });

  it.each<[string, Partial<Given>, number]>([
    ['while no alarm is on', { alarms: { a: { state: 'OK', atMs: at(1), firedAtMs: BEGAN } } }, 6],
    ['while only an alarm that joins is on', { alarms: { a: { state: 'ALARM', atMs: at(1), joins: true } } }, 6],
    ['before the first run', { runs: 0 }, 6],
    ['of a dry run', { dryRun: true }, 6],
    ['right after a run has begun', { lastRunAtMs: at(40) }, 42],
    ['right after a re-check', { looked: looked(1, 5) }, 7],
    ['every five minutes of an alarm that goes on and off', { alarms: flapping(10), looked: looked(1, 10) }, 20],
  ])('do not come %s', (_, over, minute) => {
    expect(decideRecheck(incident(over), at(minute))).toBeUndefined();
  });
});
