/** What holds of the documents' scripts and of the simulation's models of them: one suite for both. */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Fleet } from './server-under-test.ts';
import { suiteOn } from './suite-on.ts';
import { waitIdleConforms } from './wait-idle-conformance.ts';

/** A version with a character that no URL has. */
const NEXT = '1.1.0+build.5';

export function documentsConform(fleet: Fleet): void {
  const { describe, it, itOfTheWhole, on } = suiteOn(fleet);
  afterAll(() => fleet.stop());

  waitIdleConforms(fleet);

  describe('install-release', () => {
    const { server } = on('launched');

    it('installs the first release in the place of the placeholder', async () => {
      expect(await server().serving()).toBe('none');
      expect(await server().install('1.0.0')).toEqual({ result: 'installed', version: '1.0.0', previousVersion: 'none' });
      expect(await server().serving()).toBe('1.0.0');
    });

    it('swaps to the next release and remembers the previous one', async () => {
      expect(await server().install(NEXT)).toEqual({ result: 'installed', version: NEXT, previousVersion: '1.0.0' });
      expect([await server().serving(), server().links()]).toEqual([NEXT, { current: NEXT, previous: '1.0.0', fencingToken: 1 }]);
    });

    it('changes nothing when the release already runs', async () => {
      const process = await server().process();
      expect(await server().install(NEXT)).toEqual({ result: 'alreadyInstalled', version: NEXT });
      expect(await server().process()).toBe(process);
    });

    it('installs the same version again when its service is stopped', async () => {
      await server().stopService();
      expect(await server().serving()).toBeUndefined();
      expect(await server().install(NEXT)).toEqual({ result: 'installed', version: NEXT, previousVersion: NEXT });
      expect(server().links()).toMatchObject({ current: NEXT, previous: '1.0.0' });
    });

    it('restarts what is installed, and only once for a deploy', async () => {
      const process = await server().process();
      const restart = () => server().install(NEXT, 'counts', { restarts: true, fencingToken: 1 });
      expect(await restart()).toEqual({ result: 'installed', version: NEXT, previousVersion: NEXT });
      const restarted = await server().process();
      expect([await server().serving(), restarted === process]).toEqual([NEXT, false]);
      expect(server().links()).toMatchObject({ current: NEXT, previous: '1.0.0' });
      expect(await restart()).toEqual({ result: 'alreadyInstalled', version: NEXT });
      expect(await server().process()).toBe(restarted);
    });

    it('refuses to restart another release than the installed one, and stops nothing', async () => {
      const process = await server().process();
      expect(await server().install('1.2.0', 'counts', { restarts: true })).toEqual({
        result: 'failed',
        error: 'InvalidRelease',
        message: `a restart keeps the release, and this server has ${NEXT} instead of 1.2.0; nothing was changed`,
      });
      expect([await server().process(), server().links().current]).toEqual([process, NEXT]);
    });

    it('refuses an archive with another checksum, and stops nothing', async () => {
      const wanted = 'a'.repeat(64);
      const process = await server().process();
      const output = await server().install('1.2.0', 'counts', { sha256: wanted });
      expect(output).toMatchObject({
        result: 'failed',
        error: 'ChecksumMismatch',
        message: expect.stringMatching(/^expected SHA-256 a{64}, downloaded [0-9a-f]{64}$/),
      });
      expect(output).not.toHaveProperty('serving');
      expect([await server().process(), server().links().current]).toEqual([process, NEXT]);
    });

    it('reports a release that was not downloaded, and stops nothing', async () => {
      const output = await server().install('1.2.0', 'counts', { missing: true });
      expect(output).toEqual({ result: 'failed', error: 'DownloadFailed', message: 'release.tar.gz was not downloaded' });
      expect(await server().serving()).toBe(NEXT);
    });

    it('restores the previous release when the new one ends at once', async () => {
      const output = await server().install('1.3.0', 'exits');
      expect(output).toMatchObject({ result: 'failed', error: 'ServiceDidNotStart', serving: NEXT });
      expect(output).toHaveProperty('message', expect.stringMatching(/^1\.3\.0: .*; 1\.1\.0\+build\.5 runs again$/));
      expect(output).toMatchObject({ service: expect.stringMatching(/^holdfast-app is (activating|inactive)/) });
      expect(output).toHaveProperty('journal', expect.arrayContaining([expect.stringContaining('Main process exited')]));
      expect([await server().serving(), server().links()]).toEqual([NEXT, { current: NEXT, previous: '1.0.0', fencingToken: 1 }]);
    });

    it('fetches an archive that did not arrive whole once more for a deploy, not twice', async () => {
      const sha256 = 'b'.repeat(64);
      const missing = await server().install('1.3.2', 'counts', { sha256, missing: true });
      expect(missing).toMatchObject({ error: 'DownloadFailed' });
      const again = await server().install('1.3.2', 'counts', { sha256 });
      expect(again).toMatchObject({ error: 'ChecksumMismatch' });
      expect(await server().install('1.3.2', 'counts', { sha256, missing: true })).toEqual(again);
      expect(await server().serving()).toBe(NEXT);
    });

    it('installs a release that is not ready: that is for the readiness check to find', async () => {
      expect(await server().install('1.4.0', 'down')).toMatchObject({ result: 'installed', previousVersion: NEXT });
    });

    it('refuses a fencing token lower than one that it has seen, and keeps the higher one', async () => {
      expect(await server().install('1.4.0', 'down', { fencingToken: 9 })).toEqual({ result: 'alreadyInstalled', version: '1.4.0' });
      const output = await server().install('1.5.0', 'counts', { fencingToken: 8 });
      expect(output).toEqual({
        result: 'failed',
        error: 'StaleFencingToken',
        message: 'a deploy with a fencing token above 8 works on this instance',
      });
      expect(server().links()).toMatchObject({ current: '1.4.0', fencingToken: 9 });
    });

    itOfTheWhole('gives an install that has failed the same result again, stops nothing, and tries it for a later deploy', async () => {
      const first = await server().install('1.5.1', 'exits', { fencingToken: 9 });
      expect(first).toMatchObject({ error: 'ServiceDidNotStart', serving: '1.4.0' });
      const process = await server().process();
      expect(await server().install('1.5.1', 'exits', { fencingToken: 9 })).toEqual(first);
      expect([await server().process(), server().links().current]).toEqual([process, '1.4.0']);
      expect(await server().install('1.5.1', 'exits', { fencingToken: 10 })).toMatchObject({ error: 'ServiceDidNotStart' });
      expect(await server().process()).not.toBe(process);
    });

    it('puts the placeholder in the place of the release with version none, once', async () => {
      const removed = await server().install('none', undefined, { fencingToken: 10 });
      expect(removed).toEqual({ result: 'installed', version: 'none', previousVersion: '1.4.0' });
      expect([await server().serving(), server().links()]).toEqual(['none', { current: 'none', previous: 'none', fencingToken: 10 }]);
      expect(await server().install('none', undefined, { fencingToken: 10 })).toEqual({ result: 'alreadyInstalled', version: 'none' });
    });

    it('returns the placeholder when the first release does not start', async () => {
      const output = await server().install('2.0.0', 'exits', { fencingToken: 10 });
      expect(output).toMatchObject({ result: 'failed', error: 'ServiceDidNotStart', serving: 'none' });
      expect(output).toHaveProperty('message', expect.stringContaining('the placeholder runs again'));
      expect([await server().serving(), server().links().current]).toEqual(['none', 'none']);
    });
  });

  describe('a server without a placeholder', () => {
    const { server, observe } = on('existing');

    it('has no release with a readiness path', async () => {
      expect(await observe(2)).toEqual({
        upInARow: 0,
        attempts: 2,
        lastAnswer: 'no release with a readiness path is installed',
        version: 'none',
      });
    });

    it('keeps its release when it is to have none', async () => {
      await server().install('1.0.0');
      const output = await server().install('none');
      expect(output).toMatchObject({ result: 'failed', error: 'InvalidRelease', message: expect.stringContaining('has no placeholder') });
      expect(await server().serving()).toBe('1.0.0');
    });
  });

  describe('a server with a placeholder', () => {
    const { watch, observe } = on('launched');

    it('is idle at once, without counters', async () => {
      expect(await watch({ sliceSeconds: '20', quietSeconds: '20' })).toEqual({ signal: 'blind', placeholder: true, quietSeconds: 0 });
    });

    it('passes the readiness check with version none', async () => {
      expect(await observe(2)).toEqual({
        upInARow: 2,
        attempts: 2,
        lastAnswer: '200 UP',
        version: 'none',
        latencyMs: expect.any(Number),
      });
    });
  });

  describe('observe', () => {
    const { server, observe } = on('launched');
    beforeAll(async () => {
      await server().install('1.0.0');
    });

    it('counts consecutive UP responses and reads the counters', async () => {
      expect(await observe(3)).toMatchObject({
        upInARow: 3,
        attempts: 3,
        lastAnswer: '200 UP',
        version: '1.0.0',
        inFlight: 0,
        requests: 0,
        errors: 0,
        latencyMs: expect.any(Number),
      });
    });

    it('waits less after an UP than after another response', async () => {
      const begunAtMs = server().now();
      expect(await observe(3, '60')).toMatchObject({ upInARow: 3 });
      expect(server().now() - begunAtMs).toBeLessThan(40_000);
    });

    it('only reads the counters with zero attempts', async () => {
      expect(await observe(0)).toMatchObject({ upInARow: 0, attempts: 0, lastAnswer: 'not checked', errors: 0 });
    });

    it('returns the error of a server that does not respond, without its counters', async () => {
      await server().stopService();
      const output = await observe(1);
      expect(output).toMatchObject({ upInARow: 0, lastAnswer: expect.stringContaining('ConnectionRefusedError'), version: '1.0.0' });
      expect(output).toMatchObject({
        service: expect.stringContaining('holdfast-app is inactive'),
        asked: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[0-9]+\/[a-z]+$/),
      });
      expect(output).not.toHaveProperty('requests');
    });

    it('returns the response of a release that is not UP', async () => {
      await server().install('1.1.0', 'down');
      expect(await observe(2)).toMatchObject({ upInARow: 0, lastAnswer: '503 DOWN', version: '1.1.0' });
    });
  });

  describe('a server whose user data still runs', () => {
    const { observe } = on('preparing');

    it('is reported with the phase, after the time that was to be waited', async () => {
      expect(await observe(0, '0.3')).toMatchObject({ attempts: 0, preparing: 'installing package nodejs24', version: 'none' });
    });
  });

  describe('a server whose user data failed', () => {
    const { server, observe } = on('failed');
    const reason = 'user data failed while installing package nodejs24, attempt 3: exit code 1 | No match for argument: nodejs24';

    it('is reported at once, with the reason', async () => {
      const begunAtMs = server().now();
      const output = await observe(0, '60');
      expect(output.preparationFailed).toContain(reason);
      expect(output).not.toHaveProperty('preparing');
      expect(server().now() - begunAtMs).toBeLessThan(40_000);
    });

    it('gets no release', async () => {
      expect(await server().install('1.0.0')).toMatchObject({
        result: 'failed',
        error: 'NotPrepared',
        message: expect.stringContaining(reason),
      });
    });
  });
}
