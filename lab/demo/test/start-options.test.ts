import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const START = path.resolve(import.meta.dirname, '../start.ts');

function start(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [START, ...args], { timeout: 120_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe.concurrent('npm start', () => {
  it('refuses a wrong option in one sentence and starts nothing', async () => {
    const { code, stdout, stderr } = await start(['--users', 'abc']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      '--users "abc" is not a whole number from 1 to 2000; nothing was started. "npm start -- --help" shows the options',
    );
    expect(stderr).not.toContain('    at ');
  });

  it('--help shows examples', async () => {
    const { code, stdout } = await start(['--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('npm start -- --once --json')]);
  });
});
