import { execFileSync, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readSetup } from '../../setup/read-setup.mjs';
import { checkoutFiles, copyCheckout, removeCheckout } from './checkout.ts';

const LIMIT_MS = 400_000;

const copy = copyCheckout(0, checkoutFiles());
afterAll(() => removeCheckout(copy));

it('checks a change of one line, and prints at once what it does', { timeout: LIMIT_MS + 5_000 }, async () => {
  for (const args of [
    ['add', '--all'],
    ['-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '--quiet', '--allow-empty', '--message', 'all'],
  ]) {
    execFileSync('git', args, { cwd: copy, timeout: 60_000 });
  }
  // Not spelled out, since a file that a test names concerns it: this test would run itself.
  appendFileSync(path.join(copy, ['lab/corpus/check/cookie-table', 'ts'].join('.')), '// One line more.\n');
  const startedAtMs = Date.now();
  let firstLineMs: number | undefined;
  let printed = '';
  const child = spawn(readSetup().node, ['setup/run.mjs', 'test/changed/main.ts', '--since', 'HEAD'], { cwd: copy, timeout: LIMIT_MS });
  child.stdout.on('data', (chunk: Buffer) => {
    firstLineMs ??= Date.now() - startedAtMs;
    printed += chunk;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  expect(printed).toMatch(/^they concern \d+ test files?/m);
  expect(printed).toMatch(/everything passed\n$/);
  expect(code).toBe(0);
  // Shares, since the machine does other work: before, the whole wait for the tests was silent.
  expect(firstLineMs).toBeLessThan((Date.now() - startedAtMs) / 4);
});
