/** Words of an application, before they leave its server. */
import { describe, expect, it } from 'vitest';
import { printable } from '../../../functions/shared/foreign-text.ts';
import { FULL } from '../../e2e/full-run.ts';
import { HEALTHY, HOSTILE, STEERS } from '../../functions/shared/hostile-texts.ts';
import { evaluate } from './run-python.ts';

describe('words of an application', async () => {
  const shown = await evaluate<string[]>(
    '[foreign_words(text, 400) for text in given]',
    HOSTILE.map(([, text]) => text),
  );

  it.each(HOSTILE.map(([what, , secret], at) => [what, shown[at], secret] as const))(
    'with %s are one line that steers nothing and has no secret',
    (_what, text, secret) => {
      expect(text).not.toMatch(STEERS);
      expect(text).not.toContain('\n');
      if (secret !== undefined) expect(text).not.toContain(secret);
    },
  );

  it('stay as they are where they are healthy', async () => {
    // A server's own redactor masks more: what reads like an id, and addresses of people.
    const healthy = HEALTHY.filter((text) => !/[0-9a-f]{16}|-[0-9a-f]{12}|@/.test(text));
    expect(await evaluate('[foreign_words(text, 400) for text in given]', healthy)).toEqual(healthy);
  });
});

/** Code points. Those that Unicode has not given a meaning yet are most of them: the full run looks at each. */
const RANGES: readonly (readonly [from: number, to: number])[] = FULL
  ? [[0, 0x110000]]
  : [
      [0, 0x20000],
      [0xe0000, 0xe1000],
    ];

it('a server and a function remove the same ones of all characters, and keep the same joiners', async () => {
  const codes = RANGES.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at));
  const every = codes.map((code) => String.fromCodePoint(code));
  const ofPython = `[${RANGES.map(([from, to]) => `*range(${from}, ${to})`).join(', ')}]`;
  // A server's text is one line.
  const line = (text: string) => printable(text).replaceAll('\n', ' ');
  const kept = new Set(line(every.join('a')));
  const removed = codes.filter((_, at) => !kept.has(every[at] as string));
  expect(await evaluate(`sorted(set(${ofPython}) - set(map(ord, printable("a".join(map(chr, ${ofPython}))))))`, null)).toEqual(removed);
  expect(removed).toEqual(expect.arrayContaining([0x34f, 0x600, 0x17b4, 0x17b5, 0x2800, 0xffa0, 0xe0100, 0xe01ef]));

  const joined = line(every.map((character) => `${character}\u200d\u{1f680}`).join('a')).matchAll(/([^a])\u200d(?=\u{1f680})/gu);
  const before = '"a".join(chr(code) + "\\u200d\\U0001f680" for code in EVERY)'.replace('EVERY', ofPython);
  expect(await evaluate(`[ord(one) for one in re.findall("([^a])\\u200d(?=\\U0001f680)", printable(${before}))]`, null)).toEqual(
    [...joined].map(([character]) => character.codePointAt(0)),
  );
});

it('a result steers nothing, no matter who wrote a text of it, and keeps its numbers', async () => {
  const given = { counts: [1, null, true, 0.5], texts: HOSTILE.map(([, text]) => ({ [text]: text })), healthy: HEALTHY };
  const left = await evaluate<typeof given>('stripped(given)', given, 'words');
  expect([left.counts, left.healthy]).toEqual([given.counts, HEALTHY]);
  for (const [name, text] of left.texts.flatMap((one) => Object.entries(one))) expect(name + text).not.toMatch(STEERS);
});

it('a path is shown without what steers a terminal, and without values of its query, parameters and fragment', async () => {
  const paths = ['/status?key=swordfish', '/status;jsessionid=swordfish?a', '/status#swordfish;?', '/a\u001b[2J\u202eb\u009b1m', '/ok'];
  expect(await evaluate('[local_url(8080, path) for path in given]', paths)).toEqual([
    ...Array(3).fill('http://127.0.0.1:8080/status'),
    'http://127.0.0.1:8080/ab1m',
    'http://127.0.0.1:8080/ok',
  ]);
});
