import { describe, expect, it } from 'vitest';
import { firedAtOf, firstSignOf, isQuiet } from '../../../../functions/incidents/alarm/episode.ts';
import type { IncidentRecord } from '../../../../functions/incidents/contract/incident.ts';

type Alarms = IncidentRecord['alarms'];
const on = (firedAtMs: number, atMs = firedAtMs) => ({ state: 'ALARM', atMs, firedAtMs }) as const;
const off = (firedAtMs: number, atMs: number) => ({ state: 'OK', atMs, firedAtMs }) as const;
const DAY = 86_400_000;
const first = (alarms: Alarms) => firstSignOf({ openedAtMs: 1, alarms });

describe('the first sign of an episode', () => {
  it.each<[string, Alarms, number]>([
    ['is that of the one alarm', { a: on(50) }, 50],
    ['is that of the earliest alarm that is on', { a: on(70), b: on(50) }, 50],
    ['is not that of an alarm which was OK again before', { a: off(10, 20), b: on(50) }, 50],
    ['is that of an alarm which was on until another one fired', { a: off(10, 60), b: on(50) }, 10],
    ['goes back over alarms that follow each other', { a: off(10, 30), b: off(25, 60), c: on(50) }, 10],
    ['is not days old when the incident is', { a: off(1, 5), b: on(3 * DAY) }, 3 * DAY],
    ['is that of the last episode while all are OK', { a: off(10, 20), b: off(50, 60) }, 50],
    ['does not count an alarm that only joins', { a: on(50), b: { ...on(10), joins: true } }, 50],
    ['is the request of a person while no alarm is on', { a: off(10, 20), person: on(40) }, 40],
    ['is that of the alarm that is on, whatever a person asked for before', { a: on(50), person: on(10) }, 50],
    ['is the change itself where no earlier one is on record', { a: { state: 'ALARM', atMs: 50 } }, 50],
    ['is the opening without any alarm', {}, 1],
    ['is the opening with alarms that only join', { b: { ...on(10), joins: true } }, 1],
  ])('%s', (_, alarms, expected) => {
    expect(first(alarms)).toBe(expected);
  });
});

describe('an alarm that fires', () => {
  it.each<[string, Alarms, number]>([
    ['has fired now', {}, 90],
    ['has fired before when another one kept the episode on', { a: off(10, 60), b: on(50) }, 10],
    ['has fired now when all were OK meanwhile', { a: off(10, 20) }, 90],
    ['has fired now when the episode is another one', { a: off(10, 20), b: on(50) }, 90],
    ['has fired before when it is on still', { a: on(10) }, 10],
  ])('%s', (_, alarms, expected) => {
    expect(firedAtOf({ openedAtMs: 1, alarms }, { from: 'a', state: 'ALARM', atMs: 90 })).toBe(expected);
  });
});

describe('an incident is quiet', () => {
  it.each<[string, Alarms, boolean]>([
    ['without alarms', {}, true],
    ['when all are OK', { a: off(1, 2) }, true],
    ['not while one of them is on', { a: off(1, 2), b: on(3) }, false],
    ['while only an alarm that joins is on', { a: off(1, 2), b: { ...on(3), joins: true } }, true],
    ['while only the request of a person is there', { person: on(3) }, true],
  ])('%s', (_, alarms, expected) => {
    expect(isQuiet({ alarms })).toBe(expected);
  });
});
