/** A hundred runs of the session gate between releases that keep each other's sessions, while 200 users are on the old one. */
import { expect, it } from 'vitest';
import { tryPairs } from './laboratory.ts';
import { GOOD } from './pairs.ts';

const RUNS = 100;
const LIMIT_MS = 20 * 60_000;

it(
  'passes all of them, logs nobody out, and stays within its limits',
  async () => {
    const names = new Set(GOOD.map(({ name }) => name));
    const { good, usersLoggedOut, problems } = await tryPairs({ wanted: (name) => names.has(name), runs: RUNS, say: () => {} });
    expect(problems).toEqual([]);
    expect(good).toEqual({ runs: RUNS, refused: 0 });
    expect(usersLoggedOut).toBe(0);
  },
  LIMIT_MS,
);
