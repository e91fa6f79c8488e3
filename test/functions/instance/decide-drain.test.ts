import { describe, expect, it } from 'vitest';
import type { WaitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { drainTimeoutOf } from '../../../functions/instance/drain-times.ts';
import { type DrainLimits, decideDrain, timeDrainSlice } from '../../../functions/instance/steps/drain.ts';

const limits = { deregistrationDelaySeconds: 70, drainFloorSeconds: 10, quietSeconds: 25, leastQuietSeconds: 5, drainTimeoutSeconds: 60 };
const DELAY_300 = { ...limits, deregistrationDelaySeconds: 300, drainTimeoutSeconds: 290 };
const look = (inFlight: number, quietSeconds: number, more: Partial<WaitIdleOutput> = {}): WaitIdleOutput => ({
  signal: 'counts',
  inFlight,
  requests: 7,
  quietSeconds,
  ...more,
});
const seen = (inFlight: number, quietSeconds: number, more: Partial<WaitIdleOutput> = {}): WaitIdleOutput => ({
  signal: 'kernel',
  inFlight,
  quietSeconds,
  ...more,
});
const blind: WaitIdleOutput = { signal: 'blind', quietSeconds: 0, reason: 'no probes' };
const decide = (output: WaitIdleOutput, seconds: number, settings: DrainLimits = limits, deregisteredAtMs?: number) =>
  decideDrain(output, 'i-1', { phaseStartedAtMs: 1_000, deregisteredAtMs }, 1_000 + seconds * 1000, settings);

describe('decideDrain', () => {
  it.each([
    { title: 'is done when idle and quiet after the floor', output: look(0, 25), seconds: 30, verdict: 'DONE' },
    { title: 'goes on below the floor, idle as the target may be', output: look(0, 99), seconds: 9.9, verdict: 'REPEAT' },
    { title: 'goes on while a request is in flight, quiet as it may be', output: look(1, 40), seconds: 50, verdict: 'REPEAT' },
    { title: 'goes on while requests were seen lately', output: look(0, 24.9), seconds: 50, verdict: 'REPEAT' },
    { title: "is done by the kernel's view alike", output: seen(0, 25), seconds: 30, verdict: 'DONE' },
    { title: 'goes on while the kernel sees a request', output: seen(1, 0), seconds: 30, verdict: 'REPEAT' },
    {
      title: 'takes a response that pauses for 6 s for finished once no load balancer still sends',
      output: seen(0, 6),
      seconds: 60,
      limits: DELAY_300,
      verdict: 'DONE',
    },
    { title: 'waits for it before', output: seen(0, 6), seconds: 59.9, limits: DELAY_300, verdict: 'REPEAT' },
    { title: 'lets the server close WebSockets at the end', output: seen(0, 25, { longLived: 3 }), seconds: 30, verdict: 'DONE' },
    { title: 'is done when idle even after the time-out', output: look(0, 25), seconds: 300, verdict: 'DONE' },
    { title: 'waits the whole delay and the floor without counts', output: blind, seconds: 79.9, verdict: 'WAIT' },
    { title: 'is done without counts after the delay and the floor', output: blind, seconds: 80, verdict: 'DONE' },
    { title: 'is done at once for a placeholder', output: { ...blind, placeholder: true as const }, seconds: 0, verdict: 'DONE' },
    {
      title: 'takes an answer without an in-flight count for no counts',
      output: { signal: 'counts' as const, quietSeconds: 99 },
      seconds: 30,
      verdict: 'WAIT',
    },
  ])('$title', ({ output, seconds, verdict, ...more }) => {
    expect(decide(output, seconds, 'limits' in more ? more.limits : limits).verdict).toBe(verdict);
  });

  it('carries counter and quiet time to the next slice, and why it had no better signal', () => {
    expect(decide(look(2, 3), 10).progress).toEqual({ requests: 7, quietSeconds: 3 });
    expect(decide(seen(2, 3, { reason: 'no probes' }), 10).progress).toEqual({ requests: undefined, quietSeconds: 3, reason: 'no probes' });
  });

  it.each([look(3, 4), seen(3, 4)])('throws DrainTimedOut with the numbers when the time is up, by $signal', (output) => {
    expect(decide(output, 54.9).verdict).toBe('REPEAT');
    expect(() => decide(output, 55)).toThrow(
      expect.objectContaining({ name: 'DrainTimedOut', message: expect.stringMatching(/i-1 .* 55 s: 3 requests in flight, .* 4 s ago/) }),
    );
  });

  it('counts the time from the first moment at which the target can have been deregistered', () => {
    expect(() => decide(look(3, 4), 50, limits, 1_000 - 10_000)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
    expect(decide(look(3, 4), 44, limits, 1_000 - 10_000).verdict).toBe('REPEAT');
    expect(decide(look(0, 25), 9, limits, 1_000 - 10_000).verdict, 'the floor counts from the last one').toBe('REPEAT');
  });

  it('takes a server that answers nobody for idle when the time is up', () => {
    const short = { ...limits, drainTimeoutSeconds: 50 };
    expect(decide(look(0, 5), 44, short).verdict).toBe('REPEAT');
    expect(decide(look(0, 5), 45, short).verdict).toBe('DONE');
    expect(decide(look(0, 4), 59.9, short).verdict, 'a load balancer may still send, and nothing is in flight').toBe('REPEAT');
    expect(() => decide(look(0, 4), 60, short)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
    expect(() => decide(look(1, 23), 50, short)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
  });

  it('gives a server the silence that is missing, where a call of 6.5 s and a slow load balancer left it too short', () => {
    const addresses = { ...limits, deregistrationDelaySeconds: 60, drainTimeoutSeconds: 50 };
    expect(decide(look(0, 4), 40.5, addresses, 1_000 - 6_500).verdict).toBe('REPEAT');
    expect(decide(look(0, 2), 47, addresses, 1_000 - 6_500).verdict).toBe('REPEAT');
    expect(decide(look(0, 5), 50, addresses, 1_000 - 6_500).verdict).toBe('DONE');
    expect(() => decide(look(1, 0), 47, addresses, 1_000 - 6_500)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
  });

  it('takes the requests of a monitor for no sign once no load balancer still sends', () => {
    const long = { ...limits, deregistrationDelaySeconds: 300, drainTimeoutSeconds: 290 };
    expect(decide(look(0, 5), 59.9, long).verdict).toBe('REPEAT');
    expect(decide(look(0, 5), 60, long).verdict).toBe('DONE');
    expect(decide(look(0, 4), 60, long).verdict).toBe('REPEAT');
    expect(decide(look(1, 5), 60, long).verdict).toBe('REPEAT');
  });

  it('waits for ties alone until the load balancer has cut them, as without a signal', () => {
    const ties = seen(2, 20, { ties: 2 });
    expect(decide(ties, 60).verdict).toBe('REPEAT');
    expect(decide(ties, 79.9).verdict).toBe('REPEAT');
    expect(decide(ties, 80).verdict).toBe('DONE');
    expect(() => decide(seen(1, 0, { ties: 2 }), 60), 'a request next to older ties').toThrow(
      expect.objectContaining({ name: 'DrainTimedOut' }),
    );
  });

  it('waits for WebSockets and streams where that is wanted, until the time is up', () => {
    const waiting = { ...limits, longLived: 'wait' as const };
    expect(decide(seen(0, 25, { longLived: 3 }), 30, waiting).verdict).toBe('REPEAT');
    expect(() => decide(seen(0, 25, { longLived: 3 }), 60, waiting)).toThrow(/3 requests in flight/);
  });

  it('waits in a rollback until the load balancer has cut what hangs: that release has to go', () => {
    const rollback = { ...limits, isRollback: true };
    expect(decide(look(3, 4), 60, rollback).verdict).toBe('REPEAT');
    expect(decide(look(3, 4), 79.9, rollback).verdict).toBe('REPEAT');
    expect(decide(look(3, 4), 80, rollback).verdict).toBe('DONE');
    expect(decide(look(0, 25), 30, rollback).verdict).toBe('DONE');
  });

  it('never times out a server that shows no requests: it gets its whole delay', () => {
    expect(decide(blind, 200, { ...limits, deregistrationDelaySeconds: 300 }).verdict).toBe('WAIT');
  });
});

describe('what the end of a drain cuts', () => {
  const cut = { ...limits, onDrainTimeout: 'cut', cutAtMost: 5 } as const;
  const stop = { ...cut, onDrainTimeout: 'stop' } as const;
  const ages = (older: number, younger = 0) => ({ older, younger });
  it.each<[string, WaitIdleOutput, DrainLimits, number, number | 'DrainTimedOut' | 'REPEAT']>([
    ['a few requests, all from before the drain', seen(2, 0, ages(2)), cut, 60, 2],
    ["the same by the application's counts", look(1, 0, ages(1)), cut, 60, 1],
    ['what the counts do not have, such as a request whose head is not complete', look(1, 0, ages(2)), cut, 60, 2],
    ['exactly as many as the setting has', seen(5, 0, ages(5)), cut, 60, 5],
    ['none of more than that', seen(6, 0, ages(6)), cut, 60, 'DrainTimedOut'],
    ['none where one began during the drain', seen(2, 0, ages(1, 1)), cut, 60, 'DrainTimedOut'],
    ['none where one began that the counts do not have', look(1, 0, ages(1, 1)), cut, 60, 'DrainTimedOut'],
    ['none where connections show fewer than the counts have', look(2, 0, ages(1)), cut, 60, 'DrainTimedOut'],
    ['none whose age is unknown', seen(1, 0), cut, 60, 'DrainTimedOut'],
    ['none where requests still come, but none is in flight', look(0, 1, ages(0)), cut, 60, 'DrainTimedOut'],
    ['none before the time is up', seen(1, 0, ages(1)), cut, 54, 'REPEAT'],
    ['none by default', seen(1, 0, ages(1)), limits, 60, 'DrainTimedOut'],
    ['none with stop', seen(1, 0, ages(1)), stop, 60, 'DrainTimedOut'],
    ['all of them, by hand', look(9, 0, ages(1, 8)), { ...DELAY_300, isEndedByHand: true }, 60, 9],
    ['none by hand while the load balancer can still send', look(9, 0), { ...DELAY_300, isEndedByHand: true }, 59.9, 'REPEAT'],
    ['all of them, by hand, at the end of a drain that has less than that', look(9, 0), { ...limits, isEndedByHand: true }, 55, 9],
    ['all of them by hand in a rollback too', look(3, 0), { ...DELAY_300, isRollback: true, isEndedByHand: true }, 60, 3],
  ])('is %s', (_, output, settings, seconds, expected) => {
    const attempt = () => decide(output, seconds, settings);
    if (expected === 'DrainTimedOut') expect(attempt).toThrow(expect.objectContaining({ name: expected }));
    else if (expected === 'REPEAT') expect(attempt().verdict).toBe(expected);
    else expect(attempt()).toMatchObject({ verdict: 'DONE', progress: { cut: expected } });
  });

  it('is unknown by hand of a server that shows no requests', () => {
    const byHand = { ...DELAY_300, isEndedByHand: true };
    expect(decide(blind, 60, byHand)).toMatchObject({ verdict: 'DONE', progress: { cut: 'unknown' } });
    expect(decide(look(0, 1), 60, byHand).progress, 'nothing is in flight').not.toHaveProperty('cut');
  });

  it('is in the failure’s message, with the setting and the command', () => {
    expect(() => decide(seen(3, 0, ages(1, 2)), 60)).toThrow(
      /3 requests in flight, 1 of them older than the drain, .*Nothing was cut\. With deploy\.onDrainTimeout "cut".*deploys end-drain ID/,
    );
    expect(() => decide(seen(3, 0), 60, cut)).toThrow(/how many of them are older than the drain is unknown.*cuts at most 5, all older/);
  });
});

describe('drainTimeoutOf', () => {
  const DELAY_60 = { deregistrationDelaySeconds: 60, drainTimeoutSeconds: 50 };
  it.each([
    ['a target that can be put back at once: in time for its requests', DELAY_60, undefined, 50],
    ['an address, which is back after the delay alone', DELAY_60, { returnsAfterDelay: true as const }, 60],
    ['an address whose fleet wants an earlier end', { ...DELAY_60, drainTimeoutSeconds: 45 }, { returnsAfterDelay: true as const }, 45],
  ])('of %s', (_, settings, target, expected) => {
    expect(drainTimeoutOf(settings, target)).toBe(expected);
  });
});

describe('timeDrainSlice', () => {
  const clock = { phaseStartedAtMs: 1_000 };
  const SILENT = 5;
  it.each([
    ['5 s before the time-out, so that its answer comes in time', 5_000, limits, 0, 56_000, 64_000],
    [
      'with the floor and the quiet time, where a time-out leaves no more',
      5_000,
      { ...limits, drainTimeoutSeconds: 38 },
      0,
      36_000,
      42_000,
    ],
    ['with the silence, where that alone is missing', 56_000, limits, SILENT - 1, 57_000, 65_000],
    ['with the cut once that has passed', 56_000, limits, SILENT, 81_000, 381_000],
    ['with the cut in a rollback', 5_000, { ...limits, isRollback: true }, 0, 81_000, 381_000],
  ])('ends a slice at the latest %s', (_, sentAtMs, settings, quietSeconds, endsAtMs, overdueAtMs) => {
    expect(timeDrainSlice(clock, sentAtMs, settings, quietSeconds)).toEqual({ endsAtMs, overdueAtMs });
  });
});
