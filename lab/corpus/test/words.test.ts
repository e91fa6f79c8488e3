import { statSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { CLIENTS } from '../words/all-clients.ts';
import { checkWords, expectedOf, type WordsCheck } from '../words/check-words.ts';
import { MAX_WORDS_BYTES, readWords, wordsFileOf } from '../words/recording.ts';
import { steadyLines } from '../words/steady-lines.ts';

const recordings = readWords();
const names = [...recordings.keys()];
const errorsOf = (isOurs: boolean) =>
  [...recordings].flatMap(([name, { errors }]) => {
    const client = CLIENTS.get(name);
    return client === undefined ? [] : errors.filter((error) => (expectedOf(client, error) !== 'none') === isOurs);
  });

describe('the recorded errors', () => {
  it('are of each client of the table, of its version', () => {
    expect(names.toSorted()).toEqual([...CLIENTS.keys()].toSorted());
    for (const [name, { client, version, packages }] of recordings) expect(CLIENTS.get(name)).toMatchObject({ client, version, packages });
  });

  it('are of every fault that each client meets', () => {
    const missing = [...recordings].flatMap(([name, { errors }]) =>
      (CLIENTS.get(name)?.situations ?? []).filter((fault) => !errors.some(({ of }) => of === fault)).map((fault) => `${name}: ${fault}`),
    );
    // PHP's handler of sessions logged nothing there.
    expect(missing).toEqual(['phpredis-sessions: expired certificate']);
  });

  it('are at least 60 of stores, and keep within the size of the folder', () => {
    expect(errorsOf(true).length).toBeGreaterThanOrEqual(60);
    expect(names.reduce((sum, name) => sum + statSync(wordsFileOf(name)).size, 0)).toBeLessThanOrEqual(MAX_WORDS_BYTES);
  });

  let check: WordsCheck;
  beforeAll(async () => {
    check = await checkWords(recordings);
  });

  it('are each counted once and in their category: in a file, in the journal, and in a field of JSON', () => {
    expect(check.missed).toEqual([]);
    expect(check.wrong).toEqual([]);
  });
});

it('an error of another category, one that is not counted, and a foreign one that is are found', async () => {
  const [, ioredis] = [...recordings].find(([name]) => name === 'ioredis') ?? [];
  if (ioredis === undefined) throw new Error('ioredis is not recorded');
  const errors = [
    { of: 'full', log: ["ReplyError: READONLY You can't write against a read only replica."] },
    { of: 'stopped', log: ['Error: Connection is closed.'] },
  ];
  const { missed, wrong } = await checkWords(new Map([['ioredis', { ...ioredis, errors }]]));
  expect(wrong).toEqual(Array(3).fill(expect.stringMatching(/ioredis: full: .*: 1 readOnly, not outOfMemory$/)));
  expect(missed).toEqual(Array(3).fill(expect.stringMatching(/ioredis: stopped: .*: nothing, not storeConnection, 3 entries$/)));
});

it('lines of a log are recorded without times, ports and folders of the machine', () => {
  const line = "2026-11-21T10:20:30.123Z ERROR file:///x/y/main.mjs:4 [id: 0x1a2b3c4d, L:/127.0.0.1:54321] R:127.0.0.1:6379 '/x/y/a.js'";
  expect(steadyLines([line], '/x/y')).toEqual([
    "2026-11-27T09:30:00.000Z ERROR file:///srv/app/main.mjs:4 [id: 0x7f1a2b3c, L:/127.0.0.1:40112] R:127.0.0.1:6379 '/srv/app/a.js'",
  ]);
});
