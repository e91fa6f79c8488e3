/** A secret of the server that a limit would cut in two, or that is spelled otherwise than in the server's files, does not leave it in part. */
import { describe, expect, it } from 'vitest';
import { evaluate } from './run-python.ts';

const SECRET = 'hunter2-of-the-store-which-is-long';
const WORDS = 'correct  horse-battery staple';
const SECRETS = [SECRET, WORDS];
/** Evaluates after these lines, in which `given` is the text that a program prints. */
const run = <T>(lines: string, expression: string, text: string): Promise<T> =>
  evaluate('(globals().update(text=given[2]), exec(given[0], globals()), eval(given[1]))[2]', [lines, expression, text]);
const quoted = (text: string, secrets = SECRETS): Promise<string[]> =>
  run(
    `def run_quietly(*_, **__): return text\nattempt = FailedAttempt("x", 0, None)`,
    `quote_journal(attempt, Redactor(${JSON.stringify(secrets)}))`,
    text,
  );
const firstLine = (body: string): Promise<string> => evaluate('first_line(given[0], Redactor(given[1]))', [body, SECRETS]);

describe('a journal', () => {
  it.each([
    ['terminal escapes', '\u001b[0m', 4],
    ['characters that nobody sees', '\u200b', 1],
  ])('in which %s come first is quoted without a part of a secret, wherever the line is cut', async (_what, filler, length) => {
    // Each line ends the first 4,096 characters in another part of the secret.
    const lines = [5, 12, 20, 30, 36, 40].map((more, at) => {
      const head = `Error ${'abcdefgh'[at]}: cannot log in with `;
      return `${filler.repeat(Math.floor((4_096 - head.length - more) / length))}${head}${SECRET}`;
    });
    const output = await quoted(lines.join('\n'));
    expect(output).toHaveLength(lines.length);
    for (const [at, line] of output.entries()) expect(line).toBe(`Error ${'abcdefgh'[at]}: cannot log in with ***`);
  });

  it('with a line that is shorter without its known secrets shows no part of one behind them', async () => {
    const long = 'k3y-'.repeat(100);
    const line = `Error: ${`${long} `.repeat(10)}`;
    for (let length = 1; length < WORDS.length; length += 4) {
      const filler = '.'.repeat(4_096 - line.length - 1 - length);
      expect((await quoted(`${line}${filler} ${WORDS} end`, [...SECRETS, long])).join('\n')).toMatch(
        /^Error: (?:\*\*\* ){10}\.+ \*\*\* end$/,
      );
    }
  });

  it('of more than 1 MiB is read from the first whole line on', async () => {
    // The limit is in the middle of the secret.
    const program = `import sys; sys.stdout.write("x" * 1500 + "${SECRET}" + "y" * (1024 * 1024 - 32) + "\\nError: down\\n")`;
    expect(await run<string>(`printed = run_quietly(sys.executable, "-c", text)`, 'printed', program)).toBe('Error: down\n');
    const short = await run<string>(`printed = run_quietly(sys.executable, "-c", text)`, 'printed', `print("a"); print("b")`);
    expect(short).toBe('a\nb\n');
  });
});

describe('a response of 64 KB', () => {
  const HTTP_BYTES = 64 * 1024;
  it.each([
    ['blanks', ' ', ''],
    ['a page’s styles', 'p', '</style></head><body>'],
  ])('that is cut behind %s is shown without a part of a secret', async (_what, filler, end) => {
    const begin = end === '' ? '' : '<html><head><style>';
    for (const secret of SECRETS) {
      const sentence = `${end}Error: cannot log in with ${secret.slice(0, secret.length - 6)}`;
      const body = begin + filler.repeat(HTTP_BYTES - begin.length - sentence.length) + sentence;
      expect(await firstLine(body)).toBe('Error: cannot log in with');
    }
  });

  it('whose only word is cut shows nothing', async () => {
    expect(await firstLine(SECRET.slice(0, 20).padStart(HTTP_BYTES))).toBe('');
  });

  it('shows no secret in the middle of a long line, with entities and behind many blanks', async () => {
    const entities = [...SECRET].map((character) => `&#${character.charCodeAt(0)};`).join('');
    for (const more of [8_100, 8_180, 8_300]) {
      const [behindBlanks, unseen] = [' '.repeat(more), '&#8203;'.repeat(Math.floor(more / 7))];
      expect(await firstLine(`<html><body>${behindBlanks}Error: with ${entities} now`)).toBe('Error: with *** now');
      expect(await firstLine(`<html><body>${unseen}Error: with ${entities} now`)).toBe('Error: with *** now');
    }
    expect(await firstLine(`<html><p>&#${'1'.repeat(5_000)}; ${entities}</p><p>Down`)).not.toMatch(/hunt|&#104;/);
  });

  it('shows no secret whose blanks it collapses', async () => {
    expect(await firstLine(`Error: with ${WORDS} now`)).toBe('Error: with *** now');
    expect(await firstLine(`<html><p>Error: with ${WORDS} now`)).toBe('Error: with *** now');
  });
});

describe('the environment of a service', () => {
  const known = (text: string): Promise<string[]> => evaluate('list(server_secrets([environment_lines(given)]))', text);

  it('has secrets with blanks, quotes and other characters that systemd quotes', async () => {
    expect(await known('PORT=1 "DB_PASSWORD=correct horse-battery staple" A=b')).toEqual(['correct horse-battery staple']);
    expect(await known('API_KEY=short "DB_PASSWORD=a \\"b\\" \\$c \\\\d \\`e" X_TOKEN=swordfish')).toEqual([
      'short',
      'a "b" $c \\d `e',
      'swordfish',
    ]);
  });

  it('that cannot be split has those without blanks', async () => {
    expect(await known('API_KEY=sword"fish X=1')).toEqual(['sword"fish']);
  });
});
