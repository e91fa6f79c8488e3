import { describe, expect, it } from 'vitest';
import type { ReadyProgress } from '../../../functions/instance/progress.ts';
import { judgeReadiness } from '../../../functions/instance/steps/readiness.ts';

const subject = { instanceId: 'i-1', version: '2', phaseStartedAtMs: 0 };
const limits = { healthyInARow: 3, healthDeadlineSeconds: 300 };
const look = (upInARow: number, attempts: number, version = '2') => ({ upInARow, attempts, lastAnswer: '200 UP', version });
const counted = (upInARow: number): ReadyProgress => ({ upInARow, lastAnswer: '' });

describe('judgeReadiness', () => {
  it.each([
    { title: 'passes with enough answers in a row', output: look(3, 3), progress: undefined, verdict: 'DONE', upInARow: 3 },
    { title: 'goes on counting when a whole look was up', output: look(2, 2), progress: counted(1), verdict: 'DONE', upInARow: 3 },
    { title: 'counts anew after a gap', output: look(2, 3), progress: counted(2), verdict: 'REPEAT', upInARow: 2 },
    { title: 'counts nothing while the target is down', output: look(0, 3), progress: counted(2), verdict: 'REPEAT', upInARow: 0 },
    { title: 'counts nothing of another version', output: look(3, 3, '1'), progress: counted(2), verdict: 'REPEAT', upInARow: 0 },
    {
      title: 'does not keep the count of a look that asked nothing',
      output: look(0, 0),
      progress: counted(2),
      verdict: 'REPEAT',
      upInARow: 0,
    },
  ])('$title', ({ output, progress, verdict, upInARow }) => {
    expect(judgeReadiness(output, progress, subject, 10_000, limits)).toMatchObject({ verdict, progress: { upInARow } });
  });

  it('passes a target that is up at the last moment', () => {
    expect(judgeReadiness(look(3, 3), undefined, subject, 300_000, limits).verdict).toBe('DONE');
  });

  it('throws TargetNeverUp with target and last answer at the deadline', () => {
    const down = { ...look(0, 3), lastAnswer: '503 DOWN' };
    expect(() => judgeReadiness(down, undefined, subject, 300_000, limits)).toThrow(
      expect.objectContaining({ name: 'TargetNeverUp', message: expect.stringMatching(/^i-1 .*last answer: 503 DOWN$/) }),
    );
  });

  it('says so when another release answers', () => {
    expect(judgeReadiness(look(3, 3, '1'), undefined, subject, 1, limits).progress.lastAnswer).toBe('release 1 runs instead of 2');
  });
});
