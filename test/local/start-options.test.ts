import { execFile } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const START = path.resolve(import.meta.dirname, '../../local/start.ts');

function start(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [START, ...args], { timeout: 20_000 }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

describe.concurrent('npm start', () => {
  it.each([
    [
      ['--users', 'abc'],
      '--users "abc" is not a whole number from 1 to 2000; nothing was started. "npm start -- --help" shows the options',
    ],
    [
      ['--port', '70000'],
      '--port "70000" is not a whole number from 0 to 65535; nothing was started. "npm start -- --help" shows the options',
    ],
    [['--app', 'tomcat', '--strategy', 'memory'], '--strategy "memory" is not one of sticky, tomcat-cluster, redis; nothing was started'],
    [['--strategy', 'sticky'], '--strategy needs --app tomcat'],
    [['--frob'], "Unknown option '--frob'"],
    [['extra'], 'Unexpected argument'],
  ])('refuses %j in one sentence and starts nothing', async (args, message) => {
    const { code, stdout, stderr } = await start(args);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('--help shows examples', async () => {
    const { code, stdout } = await start(['--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('npm start -- --once --json')]);
  });
});
