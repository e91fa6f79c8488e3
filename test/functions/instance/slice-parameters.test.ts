import { expect, it } from 'vitest';
import { bakeParameters, observeParameters, readyParameters, waitIdleParameters } from '../../../functions/instance/slice-parameters.ts';
import { SETTINGS } from '../fakes/fixtures.ts';

it('passes no earlier counts to the first slice', () => {
  expect(waitIdleParameters(SETTINGS, 7, { quietSeconds: 0 }, { startedAtMs: 1_000, nowMs: 1_250 })).toEqual({
    fencingToken: '7',
    sliceSeconds: '10',
    floorSeconds: '9.75',
    quietSeconds: '25',
    previousRequests: '-1',
    previousQuietSeconds: '0',
    drainSignal: 'auto',
    targetPorts: '0',
    longLived: 'close',
    drainStartedAtMs: '1000',
  });
});

it('hands counter and quiet time on to the next slice, to the millisecond', () => {
  expect(waitIdleParameters(SETTINGS, 7, { requests: 12, quietSeconds: 1 / 3 }, { startedAtMs: 0, nowMs: 12_000 })).toMatchObject({
    floorSeconds: '0',
    previousRequests: '12',
    previousQuietSeconds: '0.333',
  });
});

it('ends a slice with the time-out, which is one sample when it has passed', () => {
  const slice = (nowMs: number) => waitIdleParameters(SETTINGS, 7, undefined, { startedAtMs: 0, nowMs, endsAtMs: 60_000 }).sliceSeconds;
  expect([50_000, 50_001, 59_000, 60_001].map(slice)).toEqual(['10', '9.999', '1', '0']);
});

it('passes on what to watch', () => {
  const watch = { drainSignal: 'kernel', longLived: 'wait', targetPorts: [80, 8080] } as const;
  expect(waitIdleParameters({ ...SETTINGS, ...watch }, 7, undefined, { startedAtMs: 0, nowMs: 0 })).toMatchObject({
    ...watch,
    targetPorts: '80,8080',
  });
});

it.each([
  { remaining: 300, attempts: '3' },
  { remaining: 9, attempts: '2' },
  { remaining: 4, attempts: '1' },
  { remaining: -1, attempts: '1' },
])('asks $attempts times with $remaining s left', ({ remaining, attempts }) => {
  expect(observeParameters(SETTINGS, remaining)).toEqual({ attempts, intervalSeconds: '5', confirmSeconds: '5' });
});

it('asks all at once without an interval', () => {
  expect(observeParameters({ healthyInARow: 3, healthIntervalSeconds: 0 }, 0)).toEqual({
    attempts: '3',
    intervalSeconds: '0',
    confirmSeconds: '0',
  });
});

it('lets the readiness check confirm an UP at a faster pace, never a slower one', () => {
  expect(readyParameters(SETTINGS, 300)).toEqual({ attempts: '3', intervalSeconds: '5', confirmSeconds: '1' });
  expect(readyParameters({ ...SETTINGS, healthIntervalSeconds: 0.2 }, 300)).toMatchObject({ confirmSeconds: '0.2' });
});

it.each([
  { remaining: 300, attempts: '3', intervalSeconds: '5' },
  { remaining: 15, attempts: '3', intervalSeconds: '5' },
  { remaining: 9.5, attempts: '3', intervalSeconds: '4.5' },
  { remaining: 4.7, attempts: '2', intervalSeconds: '4.2' },
  { remaining: 0.4, attempts: '1', intervalSeconds: '0' },
  { remaining: 0, attempts: '1', intervalSeconds: '0' },
  { remaining: -1, attempts: '1', intervalSeconds: '0' },
])('bakes with $attempts questions $intervalSeconds s apart when $remaining s are left', ({ remaining, attempts, intervalSeconds }) => {
  expect(bakeParameters(SETTINGS, remaining)).toEqual({ attempts, intervalSeconds, confirmSeconds: intervalSeconds });
});

it('bakes without an interval as often as is asked', () => {
  expect(bakeParameters({ healthyInARow: 3, healthIntervalSeconds: 0 }, 2)).toMatchObject({ attempts: '3', intervalSeconds: '0' });
});
