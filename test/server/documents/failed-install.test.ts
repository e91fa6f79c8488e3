/** What is on record of an install that failed, for a command that comes twice. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { joinPython } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

const script = joinPython('failed_install');
const WHOLE = { order: 'this', final: true, result: { result: 'failed', error: 'InvalidRelease' } };

it('a record counts only for the same order, and with its result', async () => {
  const records = [
    WHOLE,
    { ...WHOLE, order: 'other' },
    { order: 'this', final: true },
    { ...WHOLE, result: 'failed' },
    { ...WHOLE, result: null },
    [WHOLE],
  ];
  const root = mkdtempSync(join(tmpdir(), 'holdfast-failed-'));
  mkdirSync(join(root, 'etc'));
  const more = `
found = []
for record in json.loads(${JSON.stringify(JSON.stringify(records))}):
    with open(os.path.join(os.environ["HOLDFAST_ROOT"], "etc/failed-install.json"), "w") as file:
        json.dump(record, file)
    found.append(failed_install("this"))
print(json.dumps(found))`;
  const { stdout, stderr } = await runPython({ script, more, environment: { ...process.env, HOLDFAST_ROOT: root }, limitSeconds: 100 });
  rmSync(root, { recursive: true, force: true });
  expect([stderr, JSON.parse(stdout || '[]')]).toEqual(['', [WHOLE, null, null, null, null, null]]);
});
