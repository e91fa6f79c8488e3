/** Each plant is found by the drawn outages: none of what must never be holds because it cannot fail. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { PLANTS } from './plants.ts';

const SEEDS = 400;

it.each(PLANTS.map(({ name }) => name))('finds that %s', { timeout: 300_000 }, async (name) => {
  const program = path.join(import.meta.dirname, 'play-planted.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    program,
    name,
    '1',
    String(SEEDS),
  ]);
  expect(stdout).toContain('"broken"');
});
