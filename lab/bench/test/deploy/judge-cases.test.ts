import { expect, it } from 'vitest';
import { type DeployCase, describeCase, ratioOf, unmetExpectations } from '../../deploy/judge-cases.ts';

const clean = { requests: 1_000, failed: 0, sessionsLost: 0 };
const script = (lagSeconds: number, more: Partial<DeployCase> = {}): DeployCase => ({
  name: 'shell-script',
  lagSeconds,
  untilEveryServerSeconds: 150,
  endedAtDefaultsSeconds: 150,
  ...clean,
  ...more,
});
const holdfast = (lagSeconds: number, seconds: number, more: Partial<DeployCase> = {}): DeployCase => ({
  name: 'holdfast',
  lagSeconds,
  untilEveryServerSeconds: seconds,
  endedAtDefaultsSeconds: seconds + 180,
  ...clean,
  overheadSecondsPerTarget: 1,
  transitionsPerTarget: 30,
  ...more,
});

it('accepts a faster deploy that loses nothing where the script does, whatever its settle window takes', () => {
  const cases = [script(3), holdfast(3, 104), script(20), holdfast(20, 150), script(40, { failed: 9 }), holdfast(40, 300)];
  expect(unmetExpectations(cases)).toEqual([]);
});

it.each([
  { title: 'a failed request', cases: [holdfast(40, 100, { failed: 1 })], says: 'failed 1 requests' },
  { title: 'a lost session', cases: [holdfast(40, 100, { sessionsLost: 2 })], says: 'lost 2 sessions' },
  { title: 'more than seven tenths of the time at 3 s', cases: [script(3), holdfast(3, 108)], says: "0.72 of the script's time" },
  { title: 'more than the whole time at 20 s', cases: [script(20), holdfast(20, 153)], says: "1.02 of the script's time" },
  { title: 'too much overhead', cases: [holdfast(3, 1, { overheadSecondsPerTarget: 1.6 })], says: '1.60 s per target' },
  {
    title: 'a drain by another signal',
    cases: [holdfast(3, 90, { name: 'tomcat-no-counts', drains: [{ signal: 'blind', seconds: 30, tieSeconds: 0 }] })],
    says: 'a drain of tomcat-no-counts at a lag of 3 s watched blind; kernel is expected',
  },
  { title: 'a lag without effect', cases: [script(40)], says: 'the lag was not in force' },
])('names $title', ({ cases, says }) => {
  expect(unmetExpectations(cases)).toEqual([expect.stringContaining(says)]);
});

it('does not judge the overhead next to servers in Java', () => {
  expect(unmetExpectations([holdfast(3, 90, { name: 'spring-redis', overheadSecondsPerTarget: 3 })])).toEqual([]);
});

it('prints both durations', () => {
  expect(describeCase(holdfast(3, 90))).toContain(
    '90.0 s until every server runs the release, 270.0 s until the deploy has ended at default settings',
  );
});

it('prints what drained each server, and what ties cost', () => {
  const drains = [
    { signal: 'kernel', seconds: 14, tieSeconds: 0 },
    { signal: 'kernel', seconds: 24, tieSeconds: 10 },
  ];
  expect(describeCase(holdfast(3, 90, { name: 'tomcat-no-counts', drains }))).toContain(
    'drains 14.0 s by kernel, 24.0 s by kernel (10.0 s for ties)',
  );
});

it('compares several at once with one at a time, and two of four with the script by limits of their own', () => {
  const alone = (name: 'one-at-a-time' | 'several-at-once', seconds: number) => holdfast(3, seconds, { name });
  expect(ratioOf([alone('one-at-a-time', 480), alone('several-at-once', 192)])).toBe(0.4);
  expect(ratioOf([script(3), holdfast(3, 60)])).toBeUndefined();
  expect(unmetExpectations([alone('one-at-a-time', 480), alone('several-at-once', 192)])).toEqual([]);
  expect(unmetExpectations([alone('one-at-a-time', 480), alone('several-at-once', 240)])).toEqual([
    'several at once took 0.50 of the time of one at a time; at most 0.45 is expected',
  ]);
  const two = { severalAtOnce: true };
  expect(unmetExpectations([script(3), holdfast(3, 60), script(20), holdfast(20, 90)], two)).toEqual([]);
  expect(unmetExpectations([script(3), holdfast(3, 61), script(20), holdfast(20, 91)], two)).toHaveLength(2);
});
