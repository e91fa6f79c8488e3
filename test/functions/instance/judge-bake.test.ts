import { describe, expect, it } from 'vitest';
import { judgeBake } from '../../../functions/instance/judge-bake.ts';
import type { BakeProgress } from '../../../functions/instance/progress.ts';

const limits = { bakeSeconds: 15, bakeMaxLatencyMs: 1000, bakeMaxErrors: 1 };
const judge = (
  errors: number | undefined,
  { state = 'healthy', before, seconds = 5 }: { state?: string; before?: BakeProgress; seconds?: number } = {},
) => judgeBake({ errors }, { instanceId: 'i-1', state }, { before, elapsedMs: seconds * 1000 }, limits);

describe('judgeBake', () => {
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
      message: 'i-1 answered 2 requests with a 5xx status while it baked; 1 are allowed',
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

  it('keeps the first count over the looks', () => {
    expect(judge(5, { before: { errorsAtStart: 4 } }).progress).toEqual({ errorsAtStart: 4, errors: 5 });
  });

  it.each<[string, { errors?: number; latencyMs?: number }, boolean, boolean]>([
    ['an answer as slow as is allowed', { latencyMs: 1000 }, false, true],
    ['a slower one', { latencyMs: 1001 }, false, false],
    ['a slower one of a release that is gone back to', { latencyMs: 1001 }, true, true],
    ['errors of a release that is gone back to', { errors: 90 }, true, true],
  ])('judges %s', (_, look, isRollback, passes) => {
    const judged = () =>
      judgeBake(
        look,
        { instanceId: 'i-1', state: 'healthy' },
        { before: { errorsAtStart: 4 }, elapsedMs: 20_000 },
        { ...limits, isRollback },
      );
    if (passes) expect(judged().verdict).toBe('DONE');
    else
      expect(judged).toThrow(
        expect.objectContaining({ name: 'BakeFailed', message: 'i-1 took 1001 ms to answer while it baked; 1000 ms are allowed' }),
      );
  });
});
