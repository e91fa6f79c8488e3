import { describe, expect, it } from 'vitest';
import { installOutput, observeOutput, waitIdleOutput } from '../../../functions/instance/document-contract.ts';
import { readCommand } from '../../../functions/instance/read-command.ts';
import { HEALTHY, HOSTILE, STEERS } from '../shared/hostile-texts.ts';

/** Someone who has taken a server over prints what they like into each text of an answer. */
const answersOf = (text: string) =>
  [
    [
      installOutput,
      {
        result: 'failed',
        error: 'NotPrepared',
        message: text,
        serving: text,
        lastAnswer: text,
        service: text,
        journal: [text, text],
        asked: text,
      },
    ],
    [installOutput, { result: 'installed', version: text, previousVersion: text }],
    [installOutput, { result: 'alreadyInstalled', version: text }],
    [waitIdleOutput, { signal: 'blind', quietSeconds: 0, reason: text }],
    [
      observeOutput,
      {
        ...{ upInARow: 0, attempts: 1, lastAnswer: text, service: text, journal: [text], asked: text, version: text, preparing: text },
        ...{ preparationFailed: text, sessionsReason: text },
        cookieRead: { cookie: { name: 'SID', secure: true, httpOnly: true, domain: text }, reason: text },
      },
    ],
  ] as const;

const installed = '{"result":"alreadyInstalled","version":"2"}';
const read = (output: string, errorOutput = '', state: 'succeeded' | 'failed' = 'succeeded') =>
  readCommand(
    { state, statusDetails: state === 'failed' ? 'Failed' : 'Success', output, errorOutput },
    installOutput,
    'install-release on i-1',
  );

describe('readCommand', () => {
  it.each([
    ['alone', installed],
    ['after other lines', `fetching\n${installed}\n`],
    ['before other lines', `${installed}\nbye\n`],
  ])('reads the JSON line %s', (_, output) => {
    expect(read(output)).toEqual({ result: 'alreadyInstalled', version: '2' });
  });

  it('reads what a failed script found', () => {
    expect(read('{"result":"failed","error":"ChecksumMismatch","message":"got b"}', '', 'failed')).toMatchObject({
      error: 'ChecksumMismatch',
    });
  });

  it.each([
    {
      title: 'a script that failed without a word',
      run: () => read('', '', 'failed'),
      name: 'CommandFailed',
      message: 'install-release on i-1 ended as Failed',
    },
    {
      title: 'a script that failed, with its last words',
      run: () => read('', 'python3: not found\n', 'failed'),
      name: 'CommandFailed',
      message: 'ended as Failed: python3: not found',
    },
    { title: 'a script that printed nothing', run: () => read(''), name: 'CommandFailed', message: 'no JSON line' },
    {
      title: 'a line of another shape',
      run: () => read('{"result":"installed"}'),
      name: 'CommandFailed',
      message: 'printed no valid answer',
    },
    { title: 'a broken line', run: () => read('{"result":'), name: 'CommandFailed', message: 'printed no valid answer' },
    {
      title: 'an instance that has seen a later deploy',
      run: () => read('', 'StaleFencingToken: a later deploy than 3', 'failed'),
      name: 'LeaseLost',
      message: 'later deploy than 3',
    },
  ])('throws $name on $title', ({ run, name, message }) => {
    expect(run).toThrow(expect.objectContaining({ name, message: expect.stringContaining(message) }));
  });
});

describe('words of a server', () => {
  it.each(HOSTILE)('with %s steer nothing in any answer, and have no secret but in a version', (_what, text, secret) => {
    for (const [schema, answer] of answersOf(text)) {
      const output = JSON.stringify(answer);
      const read = readCommand<unknown>({ state: 'succeeded', statusDetails: 'Success', output, errorOutput: '' }, schema, 'x');
      const shown = JSON.stringify(read, (name, value: unknown) => (/version|serving/i.test(name) ? undefined : value));
      expect(textsOf(read).join('')).not.toMatch(STEERS);
      if (secret !== undefined) expect(shown).not.toContain(secret);
    }
  });

  it.each(HOSTILE)('with %s neither steer anything nor have a secret where a script failed with them', (_what, text, secret) => {
    let message = '';
    try {
      read('', `Traceback\n  ${text}`, 'failed');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toMatch(/ended as Failed: /);
    expect(message).not.toMatch(STEERS);
    if (secret !== undefined) expect(message).not.toContain(secret);
  });

  it('stay as they are where they are healthy', () => {
    for (const text of HEALTHY)
      expect(read(JSON.stringify({ result: 'failed', error: 'NotPrepared', message: text }))).toMatchObject({ message: text });
  });
});

const textsOf = (value: unknown): string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
