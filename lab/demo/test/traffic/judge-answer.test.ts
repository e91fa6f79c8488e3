import { describe, expect, it } from 'vitest';
import { type Answer, judgeCount, judgeLogin } from '../../traffic/judge-answer.ts';

const answered = (status: number, body: unknown): Answer => ({
  kind: 'answered',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
});
const ann = (count: number) => answered(200, { user: 'ann', count });
const sure = { user: 'ann', count: 4, uncertain: 0 };

describe('judgeCount', () => {
  it.each<[string, Answer, object]>([
    [
      'the next count',
      answered(200, { user: 'ann', count: 5, server: 'a', version: '1.1.0' }),
      { verdict: 'good', count: 5, server: 'a', version: '1.1.0' },
    ],
    ['401', answered(401, {}), { verdict: 'lost', reason: 'signedOut' }],
    ['401 without JSON', answered(401, 'Unauthorized'), { verdict: 'lost', reason: 'signedOut' }],
    ['an answer without a user', answered(200, { count: 1 }), { verdict: 'lost', reason: 'noUser' }],
    ['a null user', answered(200, { user: null, count: 1 }), { verdict: 'lost', reason: 'noUser' }],
    ["another user's session", answered(200, { user: 'bob', count: 5 }), { verdict: 'lost', reason: 'wrongUser' }],
    ['the same count again', ann(4), { verdict: 'lost', reason: 'countWentBack', detail: 'count 4, not 5' }],
    ['a count from the beginning', ann(1), { verdict: 'lost', reason: 'countWentBack' }],
    ['a count too far', ann(6), { verdict: 'failed', failure: 'countJumped', count: 6, detail: 'count 6, not 5' }],
    ['500', answered(500, {}), { verdict: 'failed', failure: 'serverError' }],
    ["the load balancer's 503", answered(503, '<html>'), { verdict: 'failed', failure: 'serverError' }],
    ['429', answered(429, {}), { verdict: 'failed', failure: 'unexpectedStatus' }],
    ['a redirect', answered(302, ''), { verdict: 'failed', failure: 'unexpectedStatus' }],
    ['a page', answered(200, '<html>'), { verdict: 'failed', failure: 'malformed' }],
    ['a list', answered(200, []), { verdict: 'failed', failure: 'malformed' }],
    ['a count that is text', answered(200, { user: 'ann', count: '5' }), { verdict: 'failed', failure: 'malformed' }],
    ['a reset', { kind: 'broken', code: 'ECONNRESET' }, { verdict: 'failed', failure: 'connection', detail: 'ECONNRESET' }],
    ['no answer', { kind: 'timedOut' }, { verdict: 'failed', failure: 'timeout' }],
  ])('%s', (_what, answer, verdict) => {
    expect(judgeCount(sure, answer)).toMatchObject(verdict);
  });

  it.each([
    [4, 'lost'],
    [5, 'good'],
    [6, 'good'],
    [7, 'good'],
    [8, 'failed'],
  ])('with two requests in doubt, count %i after 4 is %s', (count, verdict) => {
    expect(judgeCount({ ...sure, uncertain: 2 }, ann(count)).verdict).toBe(verdict);
  });
});

describe('judgeLogin', () => {
  it.each<[string, Answer, string]>([
    ['200', answered(200, {}), 'good'],
    ['204', answered(204, ''), 'good'],
    ['401', answered(401, {}), 'failed'],
    ['503', answered(503, {}), 'failed'],
  ])('%s is %s', (_what, answer, verdict) => {
    expect(judgeLogin(answer).verdict).toBe(verdict);
  });
});
