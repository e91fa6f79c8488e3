/** What holds of wait-idle, of the script and of the simulation's model of it. */
import { beforeAll, expect } from 'vitest';
import type { Fleet } from './server-under-test.ts';
import { SLICE, suiteOn } from './suite-on.ts';

export function waitIdleConforms(fleet: Fleet): void {
  const { describe, it, on } = suiteOn(fleet);

  describe('wait-idle', () => {
    const { server, watch } = on('launched');
    beforeAll(async () => {
      await server().install('1.0.0', 'counts', { fencingToken: 5 });
    });

    it('ends early once nothing is in flight and it has been quiet for long enough', async () => {
      const begunAtMs = server().now();
      const output = await watch({ sliceSeconds: '60' });
      expect(output).toMatchObject({ signal: 'counts', inFlight: 0 });
      expect(output.quietSeconds).toBeGreaterThanOrEqual(0.5);
      expect(server().now() - begunAtMs).toBeLessThan(40_000);
    });

    it('does not end before its floor, and then at once', async () => {
      const begunAtMs = server().now();
      const output = await watch({ sliceSeconds: '60', floorSeconds: '1.3' });
      expect(output).toMatchObject({ signal: 'counts', inFlight: 0 });
      expect(output.quietSeconds).toBeGreaterThan(1.2);
      expect(server().now() - begunAtMs).toBeLessThan(40_000);
    });

    it('ends with its slice when the floor is longer', async () => {
      const output = await watch({ sliceSeconds: '0.3', floorSeconds: '9' });
      expect(output.quietSeconds).toBeLessThan(8);
    });

    it('does not count its own probes', async () => {
      const first = await watch({});
      const second = await watch({ previousRequests: String(first.requests), previousQuietSeconds: String(first.quietSeconds) });
      expect(second.requests).toBe(first.requests);
    });

    it('carries quiet time over slices while the counter does not change', async () => {
      const first = await watch({ sliceSeconds: '0.3', quietSeconds: '30' });
      const next = await watch({
        sliceSeconds: '0.3',
        quietSeconds: '30',
        previousRequests: String(first.requests),
        previousQuietSeconds: '12',
      });
      expect(next.quietSeconds).toBeGreaterThanOrEqual(12);
    });

    it('starts again when a request arrived between the slices', async () => {
      const first = await watch({ sliceSeconds: '0', quietSeconds: '30' });
      await server().request(0)();
      const next = await watch({
        sliceSeconds: '0.3',
        quietSeconds: '30',
        previousRequests: String(first.requests),
        previousQuietSeconds: '12',
      });
      expect(next.quietSeconds).toBeLessThan(10);
      expect(next.requests).toBe((first.requests ?? 0) + 1);
    });

    it('watches the whole slice while a request is in flight', async () => {
      const ended = server().request(8_000);
      expect(await watch({ sliceSeconds: '0.6', quietSeconds: '0' })).toMatchObject({ inFlight: 1, quietSeconds: 0 });
      await ended();
    });

    it('ends in the slice in which the last request has ended', async () => {
      const ended = server().request(500);
      const output = await watch({ sliceSeconds: '60', quietSeconds: '0.2' });
      expect(output).toMatchObject({ signal: 'counts', inFlight: 0 });
      expect(output.quietSeconds).toBeLessThan(20);
      await ended();
    });

    it('rejects a stale fencing token, without a line', async () => {
      const { line, errorOutput } = await server().waitIdle({ ...SLICE, fencingToken: '4' });
      expect([line, errorOutput]).toEqual([
        undefined,
        expect.stringMatching(/^StaleFencingToken: a deploy with a fencing token above 4 works/),
      ]);
    });

    it('is idle at its floor when its service is stopped, and says why', async () => {
      await server().stopService();
      const begunAtMs = server().now();
      const output = await watch({ sliceSeconds: '60', floorSeconds: '1', quietSeconds: '25', drainStartedAtMs: '3' });
      expect(output).toEqual({
        signal: 'kernel',
        inFlight: 0,
        longLived: 0,
        ties: 0,
        quietSeconds: expect.any(Number),
        reason: expect.stringMatching(
          /\/stats: ConnectionRefusedError.*; nothing listens at port \d+, and holdfast-app is inactive: no request can be in flight$/,
        ),
      });
      expect(output.quietSeconds).toBeGreaterThanOrEqual(25);
      expect(server().now() - begunAtMs).toBeLessThan(40_000);
      expect(await watch({ drainSignal: 'counts', quietSeconds: '0' })).toMatchObject({ signal: 'kernel', inFlight: 0 });
      expect(await watch({ drainSignal: 'blind' })).toMatchObject({ signal: 'blind' });
    });

    describe('without counts', () => {
      beforeAll(async () => {
        await server().install('1.2.0', 'noCounts', { fencingToken: 5 });
      });

      it("watches the server's connections, and says why", async () => {
        const begunAtMs = server().now();
        const output = await watch({ sliceSeconds: '60' });
        expect(output).toEqual({
          signal: 'kernel',
          inFlight: 0,
          longLived: 0,
          ties: 0,
          quietSeconds: expect.any(Number),
          reason: "the release's contract has no inFlight and requests probes",
        });
        expect(output.quietSeconds).toBeGreaterThanOrEqual(0.5);
        expect(server().now() - begunAtMs).toBeLessThan(40_000);
      });

      it('watches the whole slice while a request is in flight', async () => {
        const ended = server().request(8_000);
        expect(await watch({ sliceSeconds: '0.6', quietSeconds: '0' })).toMatchObject({ signal: 'kernel', inFlight: 1 });
        await ended();
      });

      it('ends in the slice in which the last request has ended', async () => {
        const ended = server().request(500);
        expect(await watch({ sliceSeconds: '60' })).toMatchObject({ signal: 'kernel', inFlight: 0 });
        await ended();
      });

      it('carries quiet time over slices while no request comes', async () => {
        const next = await watch({ sliceSeconds: '0.3', quietSeconds: '30', previousQuietSeconds: '2', drainStartedAtMs: '7' });
        expect(next.quietSeconds).toBeGreaterThan(0.3);
        await server().request(0)();
        const after = await watch({ sliceSeconds: '0.3', quietSeconds: '30', previousQuietSeconds: '12', drainStartedAtMs: '7' });
        expect(after.quietSeconds).toBeLessThan(2);
      });

      it('lets time pass when it is to be blind, or counts alone are to be watched', async () => {
        expect(await watch({ drainSignal: 'blind' })).toEqual({ signal: 'blind', quietSeconds: 0, reason: 'drainSignal is blind' });
        const reason = "the release's contract has no inFlight and requests probes";
        expect(await watch({ drainSignal: 'counts' })).toEqual({ signal: 'blind', quietSeconds: 0, reason });
      });
    });

    it('watches connections alone when that is chosen', async () => {
      await server().install('1.3.0', 'counts', { fencingToken: 5 });
      const output = await watch({ drainSignal: 'kernel' });
      expect(output).toMatchObject({ signal: 'kernel', inFlight: 0 });
      expect(output).not.toHaveProperty('requests');
    });
  });
}
