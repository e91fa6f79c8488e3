import { describe, expect, it } from 'vitest';
import { type DrainLimits, decideDrain } from '../../../functions/instance/decide-drain.ts';
import type { WaitIdleOutput } from '../../../functions/instance/documents.ts';

const limits = { deregistrationDelaySeconds: 30, drainFloorSeconds: 10, quietSeconds: 25, leastQuietSeconds: 5, drainTimeoutSeconds: 60 };
const look = (inFlight: number, quietSeconds: number): WaitIdleOutput => ({ signal: 'counts', inFlight, requests: 7, quietSeconds });
const blind: WaitIdleOutput = { signal: 'blind', quietSeconds: 0, reason: 'no probes' };
const decide = (output: WaitIdleOutput, seconds: number, settings: DrainLimits = limits) =>
  decideDrain(output, 'i-1', 1_000, 1_000 + seconds * 1000, settings);

describe('decideDrain', () => {
  it.each([
    { title: 'is done when idle and quiet after the floor', output: look(0, 25), seconds: 30, verdict: 'DONE' },
    { title: 'goes on below the floor, idle as the target may be', output: look(0, 99), seconds: 9.9, verdict: 'REPEAT' },
    { title: 'goes on while a request is in flight, quiet as it may be', output: look(1, 40), seconds: 50, verdict: 'REPEAT' },
    { title: 'goes on while requests were seen lately', output: look(0, 24.9), seconds: 50, verdict: 'REPEAT' },
    { title: 'is done when idle even after the time-out', output: look(0, 25), seconds: 300, verdict: 'DONE' },
    { title: 'waits the whole delay and the floor without counts', output: blind, seconds: 39.9, verdict: 'WAIT' },
    { title: 'is done without counts after the delay and the floor', output: blind, seconds: 40, verdict: 'DONE' },
    { title: 'is done at once for a placeholder', output: { ...blind, placeholder: true as const }, seconds: 0, verdict: 'DONE' },
    {
      title: 'takes an answer without an in-flight count for no counts',
      output: { signal: 'counts' as const, quietSeconds: 99 },
      seconds: 30,
      verdict: 'WAIT',
    },
  ])('$title', ({ output, seconds, verdict }) => {
    expect(decide(output, seconds).verdict).toBe(verdict);
  });

  it('carries counter and quiet time to the next slice', () => {
    expect(decide(look(2, 3), 10).progress).toEqual({ requests: 7, quietSeconds: 3 });
  });

  it('throws DrainTimedOut with the numbers when the time is up', () => {
    expect(() => decide(look(3, 4), 60)).toThrow(
      expect.objectContaining({ name: 'DrainTimedOut', message: expect.stringMatching(/i-1 .* 60 s: 3 requests in flight, .* 4 s ago/) }),
    );
  });

  it('takes a server that answers nobody for idle when the time is up, once the load balancer cannot send any more', () => {
    expect(decide(look(0, 23), 60).verdict).toBe('DONE');
    expect(() => decide(look(0, 4), 60)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
    expect(() => decide(look(1, 23), 60)).toThrow(expect.objectContaining({ name: 'DrainTimedOut' }));
    expect(() => decide(look(0, 23), 60, { ...limits, deregistrationDelaySeconds: 300 })).toThrow(
      expect.objectContaining({ name: 'DrainTimedOut' }),
    );
  });

  it('goes on at the time-out in a rollback: a release that hangs its requests has to go', () => {
    expect(decide(look(3, 4), 60, { ...limits, isRollback: true }).verdict).toBe('DONE');
    expect(decide(look(3, 4), 59, { ...limits, isRollback: true }).verdict).toBe('REPEAT');
  });

  it('never times a server without counts out: it gets its whole delay', () => {
    expect(decide(blind, 70, { ...limits, deregistrationDelaySeconds: 300 }).verdict).toBe('WAIT');
  });
});
