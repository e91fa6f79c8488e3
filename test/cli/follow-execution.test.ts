import type { SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { followExecution } from '../../cli/follow-execution.ts';

const ENDED = { status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1_000) };
const named = (name: string, more: object = {}) => Object.assign(new Error('why'), { name, ...more });

/** Answers with each of these in turn, and then that it has ended. */
const answering = (...answers: (Error | object)[]) =>
  ({
    send: async () => {
      const answer = answers.shift() ?? ENDED;
      if (answer instanceof Error) throw answer;
      return answer;
    },
  }) as unknown as SFNClient;

const follow = (stepFunctions: SFNClient, bearMs: number) =>
  followExecution({ stepFunctions, patience: { intervalMs: 1, bearMs } }, 'arn', async (ended) => ended?.status);

describe('following an execution', () => {
  it.each([
    ['no answer', named('Error', { code: 'ECONNRESET' })],
    ['a time-out', named('TimeoutError')],
    ['too many calls', named('ThrottlingException')],
    ['a failure of the service', named('InternalError', { $fault: 'server' })],
  ])('bears %s', async (_, error) => {
    expect(await follow(answering({ status: 'RUNNING' }, error, error), 60_000)).toBe('SUCCEEDED');
  });

  it('bears them for a time alone, which begins anew after an answer', async () => {
    const error = named('TimeoutError');
    await expect(follow(answering(error), 0)).rejects.toBe(error);
    await expect(follow(answering({ status: 'RUNNING' }, ...Array.from({ length: 1_000 }, () => error)), 40)).rejects.toBe(error);
  });

  it.each(['AccessDeniedException', 'ExpiredTokenException'])('does not bear %s', async (name) => {
    await expect(follow(answering(named(name, { $fault: 'client' })), 60_000)).rejects.toThrow('why');
  });
});
