import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { processStart } from '../../setup/process-start.mjs';
import { until } from '../../test/until.ts';
import { endProcessesOf, runLimited } from './run-limited.ts';

let cwd: string;
beforeEach(() => {
  cwd = realpathSync(mkdtempSync(path.join(tmpdir(), 'holdfast-limited-')));
});
afterEach(() => {
  endProcessesOf(cwd);
  rmSync(cwd, { recursive: true });
});

function run(script: string, limitMs: number) {
  writeFileSync(path.join(cwd, 'script.mjs'), `import { spawn } from 'node:child_process';\n${script}`);
  return runLimited(['script.mjs'], { cwd, limitMs });
}
const SERVER = "const { pid } = spawn('sleep', ['120'], { detached: true, stdio: 'ignore' });";

it('a script that never ends is ended at its time limit', async () => {
  expect(await run('for (;;);', 1)).toEqual({ stdout: '', isSlow: true });
});

// Its environment is where such a process is found by, and Linux alone shows that.
it.runIf(process.platform === 'linux')('a server in a group of its own ends with the script that left it', async () => {
  const { code, stdout, isSlow } = await run(`${SERVER} process.stdout.write(String(pid), () => process.exit(3));`, 60_000);
  expect([code, isSlow]).toEqual([3, false]);
  expect(Number(stdout)).toBeGreaterThan(1);
  await until(() => processStart(Number(stdout)) === undefined, 'the server has ended');
});
