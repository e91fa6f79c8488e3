/**
 * The time of each pattern in the documents, and of what is built of them, grows no faster than its text, whatever a release answers
 * or prints: 128 KB take at most about twice the time of 64 KB. The texts are made from the pattern itself.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { APPLICATION_CATEGORIES, READ_LOGS } from '../../../../functions/incidents/contract/read-logs.ts';
import { DOCUMENT_STEPS } from '../../../../functions/instance/document-contract.ts';
import { documentContent } from '../../../../server/documents/deploy-documents.ts';
import { joinPython } from '../../../../server/documents/join-python.ts';
import { readLogsContent } from '../../../../server/documents/read-logs.ts';
import { scriptOf } from '../unpack.ts';

const SCRIPT = fileURLToPath(new URL('patterns.py', import.meta.url));

/** A document's Python without the call of `main`. */
const programOf = (content: object, step: string): string => scriptOf(content, step).replace(/\nmain\(\)\n$/, '');
const WAIT_IDLE = programOf(documentContent('waitIdle', ''), DOCUMENT_STEPS.waitIdle);
const OBSERVE = programOf(documentContent('observe', ''), DOCUMENT_STEPS.observe);
const INSTALL = programOf(documentContent('install', 'releases'), DOCUMENT_STEPS.install);
const LOGS = programOf(readLogsContent(), READ_LOGS.step);
/** As its files have it: the document's own text has other names. */
const ACCESS = joinPython('read_access_log').replace(/\nmain\(\)\s*$/, '');

type Text = readonly [begin: string, unit: string, end: string];
interface Question {
  readonly scripts?: readonly string[];
  /** Patterns of no document. */
  readonly patterns?: readonly string[];
  /** Expressions of `text`. */
  readonly functions?: readonly string[];
  readonly texts?: readonly Text[];
}
interface Answer {
  readonly patterns: readonly string[];
  readonly failed: readonly { readonly pattern: string; readonly text: Text; readonly seconds: readonly number[][] }[];
}

function check(question: Question): Answer {
  const { stdout, stderr, status } = spawnSync('python3', ['-I', SCRIPT], {
    input: JSON.stringify({ scripts: [], patterns: [], functions: [], texts: [], ...question }),
    encoding: 'utf8',
    timeout: 60_000,
    maxBuffer: 16 * 1024 ** 2,
  });
  if (status !== 0) throw new Error(stderr || 'no end after 60 s');
  return JSON.parse(stdout) as Answer;
}

/** What an answer or a line can repeat. */
const UNITS = [
  ...['<a ', '<b>x', '<svg>', '</svg>', '<!--', '<script>', '<h1>x', '<a b="', '&#1', '<', '\u200b\n', '["', '{"a":'],
  ...[
    'x-',
    'x-token',
    'secret',
    'secret.',
    'password ',
    'password[',
    'password "',
    'password: a ',
    'pass.',
    'a a',
    'a=',
    'a\\',
    '\\"',
    '"',
  ],
  ...['//', '//a:', '@', 'a@', '<token>', 'eyJ', '?a=', '\u001b]', '\u001b[0', 'session', 'session ', 'OOM ', 'redis ', 'redis timeout '],
  ...['A1', 'aB', 'bcdfg', 'Error', 'Error: x\n', ' at x\n', 'Caused by: ', '1', '1.', 'A="', "A='", 'A="\\"', 'a;b=', ';', ', 01 '],
];
const TEXTS: readonly Text[] = [
  ...UNITS.flatMap((unit): Text[] => [
    ['', unit, ''],
    ['<html>', unit, '\u0000'],
  ]),
  ['{"message":"', 'secret.', '"}'],
  ['<html>&#', '1', ''],
  ['password: "', 'a\\', ''],
];

describe('no text takes long', () => {
  it.each([
    ['wait-idle', [WAIT_IDLE], 3],
    ['observe and install', [OBSERVE, INSTALL], 40],
    ['read-logs', [LOGS], 40],
  ] as const)(
    'to search with a pattern of %s',
    (_what, scripts, least) => {
      const { patterns, failed } = check({ scripts });
      expect(failed).toEqual([]);
      expect(patterns.length).toBeGreaterThan(least);
    },
    60_000,
  );

  it.each([
    [
      'install and observe',
      INSTALL,
      [
        'first_line(text, Redactor(["hunter2"]))',
        'mask_header(text)',
        'mask_labelled(text)',
        'mask_prose(text)',
        'CANDIDATE.sub(mask_opaque, text)',
        'explaining(text.split("\\n"))',
        'list(server_secrets([text]))',
        'Redactor(["hunter2"]).line(text)',
        'Redactor(["hunter2 and 3"]).without_cut_word(text)',
      ],
    ],
    ['read-logs', LOGS, [...APPLICATION_CATEGORIES.map((name) => `says("${name}", text)`), 'line_time_ms(text)']],
    [
      'access-log',
      ACCESS,
      [
        'cookie_in(text, "SID", 1.8e9)',
        'cookies_named(text, "SID")',
        'page_of(text)',
        'session_in_path(text)',
        'agent_class(text)',
        'Paths([]).plain(text)',
        'reads_as_words(text)',
        'time_ms(text)',
      ],
    ],
  ])(
    'to search with the functions of %s',
    (_what, script, functions) => {
      expect(check({ scripts: [script], functions, texts: TEXTS }).failed.filter(({ pattern }) => functions.includes(pattern))).toEqual([]);
    },
    60_000,
  );

  it('to read with a log pattern of 1 KB', () => {
    const patterns = [
      `%t %s ${'%U%q;'.repeat(150)}`,
      `%t %s "${'%U%q" "'.repeat(120)}`,
      `%t %s ${'%U%q '.repeat(150)}`,
      '%t %s %q',
      `%t %s ${'$_ a'.repeat(200)}`,
    ];
    const functions = patterns.map((pattern) => `compile_pattern(${JSON.stringify(pattern)}, None)[0].match("[x] 200 " + text)`);
    const texts: Text[] = [';', '?', '?;', '"', '\\"', ' ', 'a', ' a', 'x a'].map((unit) => ['', unit, '']);
    expect(check({ scripts: [ACCESS], functions, texts }).failed).toEqual([]);
  }, 60_000);

  it('to find the files of a log whose name has many dates', () => {
    const functions = ['*1', '1*', '*a', '**'].map(
      (name) => `rotated_expression(${JSON.stringify(`${name.repeat(120)}b`)}).fullmatch(text[:255])`,
    );
    expect(
      check({
        scripts: [ACCESS],
        functions,
        texts: [
          ['', '1', ''],
          ['', '1a', ''],
          ['', '.', ''],
        ],
      }).failed,
    ).toEqual([]);
  }, 60_000);
});

it('finds patterns whose time grows faster than their text', () => {
  const patterns = [
    String.raw`(?i)\b(x-[a-z-]*(?:token|key|auth|secret)[a-z-]*)("?\s*[:=]\s*)(?!\*)(.+)`,
    String.raw`//[^\s"'<>]*@`,
    String.raw`session\w*(?: id)?\s`,
  ];
  expect(check({ patterns }).failed.map(({ pattern }) => pattern)).toEqual(patterns);
}, 60_000);
