import { expect, it } from 'vitest';
import { waitIdleOutput } from '../../../functions/instance/document-contract.ts';

const ANSWER = { signal: 'sessions', quietSeconds: 0, sessions: 3, sessionCookie: '__Host-SID', sessionRoute: 'i-0abc_1' };

it('is what a server reports of the sessions in its memory', () => {
  expect(waitIdleOutput.parse(ANSWER)).toEqual(ANSWER);
});

it.each([
  ['a route with the end of an expression', { sessionRoute: 'a|.*' }],
  ['a route with a dot', { sessionRoute: 'a.b' }],
  ['an empty route', { sessionRoute: '' }],
  ['a route that is too long', { sessionRoute: 'a'.repeat(65) }],
  ['a cookie that is an expression', { sessionCookie: '.*=' }],
  ['a count that is a text', { sessions: '3' }],
])('is refused with %s', (_what, change) => {
  expect(() => waitIdleOutput.parse({ ...ANSWER, ...change })).toThrow();
});
