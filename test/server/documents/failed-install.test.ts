/** What is on record of an install that failed, for a command that comes twice. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinPython } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

const script = joinPython('failed_install');
const WHOLE = { order: 'this', final: true, result: { result: 'failed', error: 'InvalidRelease' } };

it.each([
  ['a whole record', WHOLE, WHOLE],
  ['a record of another order', { ...WHOLE, order: 'other' }, null],
  ['a record without a result', { order: 'this', final: true }, null],
  ['a record whose result is a text', { ...WHOLE, result: 'failed' }, null],
  ['a record whose result is nothing', { ...WHOLE, result: null }, null],
  ['a list', [WHOLE], null],
])('%s counts only for the same order, and with its result', async (_what, record, expected) => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-failed-'));
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/failed-install.json'), JSON.stringify(record));
  const more = 'print(json.dumps(failed_install("this")))';
  const { stdout, stderr } = await runPython({ script, more, environment: { ...process.env, HOLDFAST_ROOT: root }, limitSeconds: 100 });
  rmSync(root, { recursive: true, force: true });
  expect([stderr, JSON.parse(stdout)]).toEqual(['', expected]);
});
