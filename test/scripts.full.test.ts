/** Every script of package.json in its shortest real run, by npm as a reader of the pages types it: exit code, and what it leaves. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from './run-node.ts';
import { SHORT_RUNS } from './scripts.ts';

/** The longest, a benchmark with a local cloud, takes four minutes on a quiet machine. */
const LIMIT_MS = 15 * 60_000;

const changes = () => execFileSync('git', ['status', '--porcelain'], { cwd: REPOSITORY, encoding: 'utf8', timeout: 60_000 });

const npmRun = (name: string, args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    const options = { cwd: REPOSITORY, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
    execFile('npm', ['run', name, '--', ...args], options, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
    );
  });

it.each(Object.entries(SHORT_RUNS))(
  'npm run %s ends as it says, and leaves the checkout as it was',
  { timeout: LIMIT_MS + 60_000 },
  async (name, { args, code }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-script-'));
    const before = changes();
    try {
      const ended = await npmRun(name.split(' ')[0] as string, args(folder));
      const expected = code ? code(JSON.parse(ended.stdout) as Record<string, unknown>) : 0;
      expect([ended.code, ended.code === expected ? '' : `${ended.stdout}${ended.stderr}`.slice(-4_000)]).toEqual([expected, '']);
      expect(changes()).toBe(before);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
