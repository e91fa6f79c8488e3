import { expect, it } from 'vitest';
import { plain, withoutClients } from '../../../../functions/incidents/report/plain.ts';

it.each([
  ['a terminal escape', '\u001b[31mred\u001b[0m', 'red'],
  ['lines', 'one\r\ntwo\u2028three', 'one two three'],
  ['a mark that turns the direction of the text', 'ok \u202egnp.exe', 'ok gnp.exe'],
  [
    'a session’s name',
    'arn:aws:sts::123456789012:assumed-role/Operator/jane@example.com',
    'arn:aws:sts::123456789012:assumed-role/Operator',
  ],
  ['an address', 'for jane.doe@example.com', 'for (address)'],
])('a report has no %s', (_, text, expected) => {
  expect(plain(text).replaceAll(/ +/g, ' ')).toBe(expected);
});

it.each([
  ['connect ECONNREFUSED 10.0.3.17:6379', 'connect ECONNREFUSED (address):6379'],
  ['connect ETIMEDOUT 2001:db8:0:1::7', 'connect ETIMEDOUT (address)'],
  ['no session 3BD6A1F00C4E4E0B9A7D5C2211EE4477', 'no session (session)'],
  ['connect.sid=s%3AJx8aZk3Lm9QwErTyUiOp.sig of ann@example.com', '(session) of (address)'],
  [
    'at 2026-11-22T03:12:05.123Z, event 3f1c1d1e-0000-4000-8000-0123456789ab',
    'at 2026-11-22 03:12:05 UTC, event 3f1c1d1e-0000-4000-8000-0123456789ab',
  ],
])('an error %s has nothing of a client', (text, expected) => {
  expect(withoutClients(text)).toBe(expected);
});

it('cuts what is longer than 600 characters', () => {
  expect(plain('x'.repeat(601))).toBe(`${'x'.repeat(599)}…`);
});
