/**
 * What reads a key's name, a member, a field or a server's words takes a time that grows with its length and no faster: names of users
 * are in them, and a server's words are anybody's.
 */
import { describe, expect, it } from 'vitest';
import { describeError, withoutQuoted } from '../../../../functions/shared/errors.ts';
import { CATALOGUE } from '../../../../functions/sweep/keys/catalogue.ts';
import { readBoolean, readNumber } from '../../../../functions/sweep/keys/evidence.ts';
import { keyGlob, keyPattern } from '../../../../functions/sweep/keys/key-pattern.ts';
import { readAuthJs, readBetterAuth, readCookie, readKoa } from '../../../../functions/sweep/keys/read-expiry.ts';
import { readLife } from '../../../../functions/sweep/keys/read-life.ts';
import { isCommandRefusal, isElsewhere, isKeylessRefusal, isRefusal } from '../../../../functions/sweep/store/sweep-store.ts';
import { random } from '../random.ts';

const KB = 1_024;
/** Below this, and measured once, a growth would be noise: what grows with the square takes some hundred. */
const QUICK_MS = 8;
const RUNS = 5;
/** Twice for twice the length, and half as much again for a busy machine. A pattern that tries every place again needs four times as long. */
const MOST_TIMES = 2.5;

/** What patterns repeat, or begin again with. */
const REPEATED = [
  'spring:session:',
  'sessions:',
  'sessions:expires:',
  'expirations:',
  'index:',
  'index:a.',
  'PRINCIPAL_NAME_INDEX_NAME:',
  'redisson:tomcat_session:',
  'user:session:',
  ':1:django.contrib.sessions.cache',
  'laravel_cache',
  '00000000-0000-4000-8000-000000000000',
  'sess:',
  '1',
  '1:',
  '::',
  'a',
  ' ',
  '"',
  '{"cookie":{',
  'ab',
  ', with args beginning with:',
];
const HEADS = ['', 'blog:', 'spring:session:'];
const TAILS = ['!:'];

const rules = CATALOGUE.flatMap(({ name, rules }) => rules.map((rule, at) => [`${name}, rule ${at + 1}`, rule] as const));
const GLOB = keyGlob('*a*b*a*:*session:*1*');
const WITH_ID = keyPattern('app:*:{hex:32}{route}');
const OF_ANY_LENGTH = keyPattern('app:{id}-{hex:32}{route}');
const NO_FACTS = { idleSeconds: undefined, fields: {} };

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ...rules.map(([name, { pattern }]) => [`the pattern of ${name}`, (text: string) => pattern.test(text)] as const),
  ...rules.flatMap(([name, { memberKey }]) =>
    memberKey
      ? [
          [`the member of ${name}`, (text: string) => memberKey('spring:session:index:PRINCIPAL_NAME_INDEX_NAME:u', text)] as const,
          [`the index of ${name}`, (text: string) => memberKey(text, '00000000-0000-4000-8000-000000000000')] as const,
        ]
      : [],
  ),
  ...rules.flatMap(([name, { life }]) => {
    if (life === undefined) return [];
    const other = life.from === 'fields' ? (life.of ?? life.marker) : undefined;
    return [
      [`the life of ${name}`, (text: string) => readLife(life, text, NO_FACTS, 0)] as const,
      ...(other ? [[`the other key of ${name}`, other] as const] : []),
    ];
  }),
  ['a configured pattern', (text) => GLOB.test(text)],
  ['one with an id', (text) => WITH_ID.test(text)],
  ['one with an id of any length', (text) => OF_ANY_LENGTH.test(text)],
  ['a number', readNumber],
  ['a truth value', readBoolean],
  ...[readCookie, readKoa, readBetterAuth, readAuthJs].flatMap((read) => [
    [`${read.name} of all`, (text: string) => read({ start: text, isWhole: true })] as const,
    [`${read.name} of both ends`, (text: string) => read({ start: text, end: text, isWhole: false })] as const,
  ]),
  ...rules.flatMap(([name, { evidence }]) =>
    evidence
      ? [[`the evidence of ${name}`, (text: string) => evidence.shows({ fields: {}, text: { start: text, isWhole: true } }, text)] as const]
      : [],
  ),
  ['a refusal', (text) => [isRefusal, isElsewhere, isKeylessRefusal].map((is) => is(new Error(text)))],
  ['the refusal of a command', (text) => isCommandRefusal(new Error(text), 'eval')],
  ['a described error', (text) => describeError(new Error(text))],
  ['an error without arguments', withoutQuoted],
];

const timed = (read: (text: string) => unknown, text: string): number => {
  const startedMs = performance.now();
  read(text);
  return performance.now() - startedMs;
};
const least = (read: (text: string) => unknown, text: string): number => Math.min(...Array.from({ length: RUNS }, () => timed(read, text)));

const growsTooFast = (read: (text: string) => unknown, textOf: (bytes: number) => string, bytes: number): boolean => {
  const [short, long] = [textOf(bytes), textOf(2 * bytes)];
  return timed(read, long) >= QUICK_MS && least(read, long) >= MOST_TIMES * least(read, short) + QUICK_MS;
};
const repeat = (text: string, bytes: number): string => text.repeat(Math.ceil(bytes / text.length));

/** Every hostile text, as a head, what is repeated, and a tail. */
const TEXTS = REPEATED.flatMap((repeated) => HEADS.flatMap((head) => TAILS.map((tail) => [head, repeated, tail] as const)));

// Measured anew where another program took the machine meanwhile.
describe('128 KB are read in at most two and a half times as long as 64 KB', { retry: 3 }, () => {
  it.each(READERS)('%s', (_name, read) => {
    const slow = TEXTS.filter(([head, repeated, tail]) => growsTooFast(read, (bytes) => head + repeat(repeated, bytes) + tail, 64 * KB));
    expect(slow).toEqual([]);
  });

  // With shorter texts, which take less than a second.
  it.each([
    [
      'a namespace that is tried again with each of its repetitions',
      /^(?:[^:]+:)*spring:session:(?:[^:]+:)*sessions:[^:]+$/,
      'spring:session:',
      16,
    ],
    ['a search for digits at the end', /\d+$/, '1', 12],
    ['two texts of any length', /^.*a.*b!$/s, 'ab', 8],
  ] as const)('and this test finds %s', (_name, pattern, repeated, kilobytes) => {
    expect(
      growsTooFast(
        (text) => pattern.test(text),
        (bytes) => `${repeat(repeated, bytes)}!:`,
        kilobytes * KB,
      ),
    ).toBe(true);
  });
});

describe('the namespace of Spring Session', () => {
  const SPRING = '(?:[^:]+:)*spring:session:(?:[^:]+:)*';
  const PARTS = [
    'spring:',
    'session:',
    'sessions:',
    'spring:session:',
    'index:',
    'x.PRINCIPAL_NAME_INDEX_NAME:',
    ':',
    'blog:',
    'expires:',
    'id',
    'idx',
    'expirations:',
    '123456789012',
    'expirations',
  ];
  const before = [
    [`index:[\\w.]*PRINCIPAL_NAME_INDEX_NAME:.*`, 's'],
    ['sessions:expirations', ''],
    ['sessions:[^:]+:idx', ''],
    ['sessions:expires:[^:]+', ''],
    ['expirations:\\d{12,14}', ''],
    ['sessions:[^:]+', ''],
  ].map(([rest, flags]) => new RegExp(`^${SPRING}${rest}$`, flags));

  it('is found in the same names as by a pattern that tries every place', () => {
    const [spring] = CATALOGUE;
    const next = random(20_261_122);
    let found = 0;
    for (let turn = 0; turn < 20_000; turn += 1) {
      const name = Array.from({ length: 1 + Math.floor(next() * 8) }, () => PARTS[Math.floor(next() * PARTS.length)]).join('');
      const matches = spring?.rules.map(({ pattern }) => pattern.test(name));
      expect(matches, name).toEqual(before.map((pattern) => pattern.test(name)));
      if (matches?.includes(true)) found += 1;
    }
    expect(found).toBeGreaterThan(80);
  });

  it('a configured pattern is found in the same names as by a pattern that tries every place', () => {
    const next = random(7);
    const some = (letters: string, most: number) =>
      Array.from({ length: Math.floor(next() * most) }, () => letters[Math.floor(next() * letters.length)]).join('');
    let found = 0;
    for (let turn = 0; turn < 20_000; turn += 1) {
      const [glob, name] = [some('ab*', 7), some('ab\n', 9)];
      const expected = new RegExp(`^${glob.replaceAll('*', '.*')}$`, 's').test(name);
      expect(keyGlob(glob).test(name), `${glob} ${JSON.stringify(name)}`).toBe(expected);
      if (expected) found += 1;
    }
    expect(found).toBeGreaterThan(1_000);
  });
});
