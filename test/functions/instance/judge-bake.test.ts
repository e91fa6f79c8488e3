import { describe, expect, it } from 'vitest';
import type { BakeProgress } from '../../../functions/instance/progress.ts';
import { judgeBake } from '../../../functions/instance/steps/bake.ts';

const limits = { bakeSeconds: 15, bakeMaxLatencyMs: 1000, bakeMaxErrors: 1 };
const judge = (
  errors: number | undefined,
  { state = 'healthy', before, seconds = 5 }: { state?: string; before?: BakeProgress; seconds?: number } = {},
) => judgeBake({ errors }, { instanceId: 'i-1', state }, { before, elapsedMs: seconds * 1000 }, limits);

/** One slice's answer time, and the server's counter of requests then. */
type Slice = readonly [seconds: number, latencyMs: number | undefined, requests?: number];

/** Bakes through the slices. @returns the verdicts, the last one being the error's message where it failed */
function bake(slices: readonly Slice[]): readonly string[] {
  const verdicts: string[] = [];
  let before: BakeProgress | undefined;
  for (const [seconds, latencyMs, requests] of slices) {
    try {
      const look = { instanceId: 'i-1', state: 'healthy' };
      const decision = judgeBake({ errors: 4, latencyMs, requests }, look, { before, elapsedMs: seconds * 1000 }, limits);
      verdicts.push(decision.verdict);
      before = decision.progress;
    } catch (error) {
      verdicts.push((error as Error).message);
    }
  }
  return verdicts;
}

describe('judgeBake', () => {
  it.each([
    { title: 'fails on one more lost change than is allowed', max: 2, isRollback: false, fails: true },
    { title: 'bears as many lost changes as are allowed', max: 3, isRollback: false, fails: false },
    { title: 'only warns of lost changes where no limit is set', max: undefined, isRollback: false, fails: false },
    { title: 'lets a rollback lose changes, as the previous release did', max: 0, isRollback: true, fails: false },
  ])('$title', ({ max, isRollback, fails }) => {
    const unwritten = { requests: 3, of: 40, attributes: ['cart (java.util.ArrayList)'], unserializable: [] };
    const look = { before: { errorsAtStart: 0 }, elapsedMs: 15_000 };
    const bakeAll = { ...limits, isRollback, ...(max !== undefined && { bakeMaxUnwritten: max }) };
    const judged = () => judgeBake({ errors: 0, unwritten }, { instanceId: 'i-1', state: 'healthy' }, look, bakeAll).verdict;
    const sentence =
      'on i-1, 3 of 40 sampled requests changed session attributes that were not written to the store: cart (java.util.ArrayList). bakeMaxUnwritten allows 2. Set "sessionUpdates": "afterRequest" in app, or call setAttribute after each change, and publish a new release.';
    if (fails) expect(judged).toThrow(sentence);
    else expect(judged()).toBe('DONE');
  });

  it.each([
    { title: 'goes on before its time', errors: 4, options: { before: { errorsAtStart: 4 } }, verdict: 'REPEAT' },
    { title: 'is done when its time has passed', errors: 4, options: { before: { errorsAtStart: 4 }, seconds: 15 }, verdict: 'DONE' },
    { title: 'bears as many errors as are allowed', errors: 5, options: { before: { errorsAtStart: 4 }, seconds: 15 }, verdict: 'DONE' },
    { title: 'judges a server without counts by its health alone', errors: undefined, options: { seconds: 15 }, verdict: 'DONE' },
    { title: 'takes the first count for the start when there is no earlier one', errors: 100, options: {}, verdict: 'REPEAT' },
  ])('$title', ({ errors, options, verdict }) => {
    expect(judge(errors, options).verdict).toBe(verdict);
  });

  it.each([
    {
      title: 'too many errors',
      errors: 6,
      options: { before: { errorsAtStart: 4 } },
      message: 'i-1 answered 2 requests with a 5xx status while it baked; bakeMaxErrors allows 1',
    },
    {
      title: 'a counter that fell: the server restarted',
      errors: 0,
      options: { before: { errorsAtStart: 4 } },
      message: 'restarted while it baked',
    },
    {
      title: 'a target that turned unhealthy',
      errors: 4,
      options: { before: { errorsAtStart: 4 }, state: 'unhealthy' },
      message: 'became unhealthy',
    },
    { title: 'a target that somebody took out', errors: 4, options: { state: 'unused' }, message: 'became unused' },
    { title: 'errors seen only at the end', errors: 9, options: { before: { errorsAtStart: 4 }, seconds: 60 }, message: '5 requests' },
  ])('throws BakeFailed on $title', ({ errors, options, message }) => {
    expect(() => judge(errors, options)).toThrow(
      expect.objectContaining({ name: 'BakeFailed', message: expect.stringContaining(message) }),
    );
  });

  it('quotes the service and its journal where the readiness path failed as well', () => {
    const answer = { errors: 4, service: 'app.service is failed', journal: ['java.lang.OutOfMemoryError: Java heap space'] };
    const judged = () => judgeBake(answer, { instanceId: 'i-1', state: 'unhealthy' }, { before: undefined, elapsedMs: 5_000 }, limits);
    expect(judged).toThrow(
      'i-1 became unhealthy at the load balancer while it baked; app.service is failed; its journal:\n  java.lang.OutOfMemoryError: Java heap space',
    );
  });

  it('keeps the first count over the looks', () => {
    expect(judge(5, { before: { errorsAtStart: 4 } }).progress).toEqual({ errorsAtStart: 4, errors: 5 });
  });

  it.each<[string, { errors?: number; latencyMs?: number }, boolean]>([
    ['an answer as slow as is allowed', { latencyMs: 1000 }, false],
    ['a slower one of a release that is gone back to', { latencyMs: 1001 }, true],
    ['errors of a release that is gone back to', { errors: 90 }, true],
  ])('passes %s', (_, look, isRollback) => {
    const judged = () =>
      judgeBake(
        look,
        { instanceId: 'i-1', state: 'healthy' },
        { before: { errorsAtStart: 4 }, elapsedMs: 20_000 },
        { ...limits, isRollback },
      );
    expect(judged().verdict).toBe('DONE');
  });

  it.each<[string, readonly Slice[], readonly string[]]>([
    [
      'slow first answers, and then fast ones',
      [
        [10, 2400],
        [15, 300],
      ],
      ['REPEAT', 'DONE'],
    ],
    [
      'answers that get faster beyond its time',
      [
        [10, 2400],
        [15, 1900],
        [25, 1200],
        [35, 900],
      ],
      ['REPEAT', 'REPEAT', 'REPEAT', 'DONE'],
    ],
    [
      'no new request since the slow ones',
      [
        [10, 2400, 7],
        [20, 2400, 7],
        [30, 700, 9],
      ],
      ['REPEAT', 'REPEAT', 'DONE'],
    ],
    [
      'an answer time that cannot be read in between',
      [
        [10, 2400],
        [15, undefined],
        [25, 800],
      ],
      ['REPEAT', 'REPEAT', 'DONE'],
    ],
    [
      'one slow minute among fast ones',
      [
        [5, 200],
        [10, 1500],
        [15, 600],
      ],
      ['REPEAT', 'REPEAT', 'DONE'],
    ],
  ])('goes on for %s', (_, slices, verdicts) => expect(bake(slices)).toEqual(verdicts));

  const SLOW =
    'bakeMaxLatencyMs allows 1000 ms. If the release is sound and only starts slowly, warm it up before its readiness path answers UP, give the target group a slow start (slow_start.duration_seconds), or increase bakeMaxLatencyMs';
  it.each<[string, readonly Slice[], string]>([
    [
      'do not get faster',
      [
        [10, 2400],
        [15, 2400],
      ],
      'i-1 took 2400 ms to answer while it baked, after 2400 ms before: they do not get faster',
    ],
    [
      'are as slow for new requests',
      [
        [10, 2400, 7],
        [15, 2400, 8],
      ],
      'after 2400 ms before',
    ],
    [
      'get slower',
      [
        [10, 1500],
        [15, 2400.4],
      ],
      'i-1 took 2400 ms to answer while it baked, after 1500 ms before',
    ],
    [
      'get slower again',
      [
        [10, 2400],
        [15, 1500],
        [25, 1600],
      ],
      'i-1 took 1600 ms to answer while it baked, after 1500 ms before',
    ],
    [
      'get faster for too long',
      [
        [80, 2400],
        [90, 1001],
      ],
      'i-1 took 1001 ms to answer while it baked, 90 s after its bake began',
    ],
    [
      'are slow after the time to warm up',
      [
        [89, 900],
        [95, 1001],
      ],
      'i-1 took 1001 ms to answer while it baked, 95 s after its bake began',
    ],
    [
      'cannot be read at the end',
      [
        [80, 2400],
        [91, undefined],
      ],
      'i-1 took 2400 ms to answer while it baked, 91 s after its bake began',
    ],
  ])('fails where answers %s', (_, slices, message) => {
    const last = bake(slices).at(-1);
    expect(last).toContain(message);
    expect(last).toContain(SLOW);
  });
});
