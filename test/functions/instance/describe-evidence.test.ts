import { describe, expect, it } from 'vitest';
import { judgeInstall } from '../../../functions/instance/steps/install.ts';
import { judgeReadiness } from '../../../functions/instance/steps/readiness.ts';
import { describeEvidence } from '../../../functions/instance/steps/server-step.ts';

const SERVER = { service: 'holdfast-app is activating, restarted 7 times, last exit code 1', journal: ['SEVERE x', 'Caused by: y'] };

describe('what a server shows of its failure', () => {
  it('is the request, the state of its service, and its journal on lines of their own', () => {
    expect(describeEvidence({ asked: 'http://127.0.0.1:8080/health', ...SERVER })).toBe(
      '; requested: http://127.0.0.1:8080/health; holdfast-app is activating, restarted 7 times, last exit code 1; its journal:\n  SEVERE x\n  Caused by: y',
    );
    expect(describeEvidence({})).toBe('');
  });

  it('is in the error of an install', () => {
    const judgement = judgeInstall(
      {
        result: 'failed',
        error: 'ServiceDidNotStart',
        message: '2: the service is failed after its start; 1 runs again',
        serving: '1',
        ...SERVER,
      },
      { instanceId: 'i-1', version: '2', sha256: 'a', fromVersion: '1' },
    );
    expect(judgement).toMatchObject({
      servingVersion: '1',
      error: {
        message: expect.stringMatching(
          /^release 2 could not be installed on i-1: 2: .*; 1 runs again; .* code 1; its journal:\n {2}SEVERE x\n/,
        ),
      },
    });
  });

  it('is in the error of a readiness check', () => {
    const answer = { upInARow: 0, attempts: 1, lastAnswer: '404 without a status: HTTP Status 404 – Not Found', version: '2', ...SERVER };
    const judge = () =>
      judgeReadiness(answer, undefined, { instanceId: 'i-1', version: '2', phaseStartedAtMs: 0 }, 61_000, {
        healthyInARow: 2,
        healthDeadlineSeconds: 60,
      });
    expect(judge).toThrow(
      /within 60 s; last answer: 404 without a status: HTTP Status 404 – Not Found; holdfast-app is [\s\S]*\n {2}Caused by: y$/,
    );
  });
});
