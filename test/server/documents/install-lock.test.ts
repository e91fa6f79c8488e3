/** An install that Run Command brings twice: the second one waits for the end of the first. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { documentContent } from '../../../server/documents/deploy-documents.ts';
import { joinPython } from '../../../server/documents/join-python.ts';
import { runPython } from './warm-python.ts';

/** Everything but its start. */
const script = joinPython('install_release').replace(/\nmain\(\)\n*$/, '\n');
/** The first command has the lock for so long, by a clock that only a wait moves on. */
const whileFirstInstalls = (seconds: number) => `
first = open(os.path.join(ETC, "install.lock"), "w")
fcntl.flock(first, fcntl.LOCK_EX)
passed = [0.0]
started = []
def wait(_):
    passed[0] += 1.0
    if passed[0] >= ${seconds}:
        fcntl.flock(first, fcntl.LOCK_UN)
time.monotonic = lambda: passed[0]
time.sleep = wait
def install():
    started.append(passed[0])
    return dict(result="alreadyInstalled", version="1.2.0")
def check_folder(path):
    pass
try:
    print(json.dumps([install_once((7, "1.2.0", "a" * 64, "install"), LOCK_SECONDS, install), started]))
finally:
    first.close()
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-lock-'));
  mkdirSync(join(root, 'etc'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const secondAfter = (seconds: number) =>
  runPython({ script, more: whileFirstInstalls(seconds), environment: { ...process.env, HOLDFAST_ROOT: root }, limitSeconds: 100 });

it('waits for one that takes minutes, and then gives its result', async () => {
  const { stdout, stderr } = await secondAfter(400);
  expect([stderr, JSON.parse(stdout)]).toEqual(['', [{ result: 'alreadyInstalled', version: '1.2.0' }, [400]]]);
});

it('gives up, and installs nothing, while the step still has the time to say so', async () => {
  const { code, stdout, stderr } = await secondAfter(10_000);
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain('for more than 480 s');
  const constant = (name: string) => Number(new RegExp(`^${name} = ([0-9.]+)$`, 'm').exec(script)?.[1]) || Number.NaN;
  const steps = documentContent('install', 'releases').mainSteps as readonly { readonly inputs: { readonly timeoutSeconds?: string } }[];
  const limit = Number(steps.at(-1)?.inputs.timeoutSeconds);
  expect(constant('READY_SECONDS') + constant('LOCK_SECONDS') + 120).toBeLessThanOrEqual(limit);
});
