import { expect, it } from 'vitest';
import { plain } from '../../../../functions/incidents/report/plain.ts';

it.each([
  ['a terminal escape', '\u001b[31mred\u001b[0m', '[31mred [0m'],
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

it('cuts what is longer than 600 characters', () => {
  expect(plain('x'.repeat(601))).toBe(`${'x'.repeat(599)}…`);
});
