/** What is on record of an install that failed, for a command that comes twice. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinPython } from '../../../infra/documents/join-python.ts';

const source = joinPython('failed_install');
const WHOLE = { order: 'this', final: true, result: { result: 'failed', error: 'InvalidRelease' } };

it.each([
  ['a whole record', WHOLE, WHOLE],
  ['a record of another order', { ...WHOLE, order: 'other' }, null],
  ['a record without a result', { order: 'this', final: true }, null],
  ['a record whose result is a text', { ...WHOLE, result: 'failed' }, null],
  ['a record whose result is nothing', { ...WHOLE, result: null }, null],
  ['a list', [WHOLE], null],
])('%s counts only for the same order, and with its result', (_what, record, expected) => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-failed-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/failed-install.json'), JSON.stringify(record));
  const { stdout, stderr } = spawnSync('python3', ['-I', '-'], {
    input: `${source}\nprint(json.dumps(failed_install("this")))\n`,
    env: { ...process.env, HOLDFAST_ROOT: root },
    encoding: 'utf8',
    timeout: 10_000,
  });
  rmSync(root, { recursive: true, force: true });
  expect([stderr, JSON.parse(stdout)]).toEqual(['', expected]);
});
