/** `npm run rehearse`: every command of docs/install-new.md on an empty local account, with AWS's times. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { readSteps } from '../../lab/rehearse/read-steps.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const LIMIT_MS = 25 * 60_000;

it('goes from an empty account to two deploys, and back to nothing', { timeout: LIMIT_MS + 30_000 }, async () => {
  const names = readSteps(readFileSync(path.join(REPOSITORY, 'docs/install-new.md'), 'utf8')).map(({ name }) => name);
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(REPOSITORY, 'lab/rehearse/main.ts'), '--json'], {
    cwd: REPOSITORY,
    timeout: LIMIT_MS,
  });
  const { steps, failed } = JSON.parse(stdout) as { steps: readonly { name: string; seconds: number; ok: boolean }[]; failed: number };
  expect(failed).toBe(0);
  expect(steps.map(({ name, ok }) => [name, ok])).toEqual(names.map((name) => [name, true]));
  expect(stdout).not.toContain('000000000000');
});
