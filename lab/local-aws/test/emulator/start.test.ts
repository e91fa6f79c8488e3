/** A start that cannot succeed ends with one sentence, not with a stack. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { FULL } from '../../../../test/e2e/full-run.ts';
import { freePort } from '../../../processes/free-port.ts';
import { openLedger } from '../../../processes/process-ledger.ts';
import { startMiniStack } from '../../emulator/ministack/ministack.ts';
import { type Fixture, service, startFixture } from '../gateway/gateway-fixture.ts';
import { ROOT } from '../root-credentials.ts';

const LAUNCHER = path.resolve(import.meta.dirname, '../../emulator/ministack/launcher.py');
const { python, node } = readSetup();
let folder: string;
let fixture: Fixture;

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast-start-'));
  fixture = await startFixture([service({})]);
});
afterAll(async () => {
  await fixture.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The name that a seam needs, taken away before the launcher looks. */
function launchWithout(module: string, name: string, owner = 'module') {
  const site = mkdtempSync(path.join(folder, 'site-'));
  writeFileSync(
    path.join(site, 'sitecustomize.py'),
    `import importlib\nmodule = importlib.import_module("${module}")\ndelattr(${owner}, "${name}")\n`,
  );
  return launch({ PYTHONPATH: site }, fixture.gateway.url);
}

/** Gives the exit code and the last line, which is what a user is told; MiniStack's own notices may come before it. */
async function launch(environment: Record<string, string>, gateway: string, prefix: readonly string[] = []) {
  const child = spawn(python, [...prefix, LAUNCHER], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 150_000,
    env: {
      PATH: '/usr/bin:/bin',
      HOME: folder,
      TMPDIR: folder,
      // What starts of MiniStack have compiled: compiling all of it again takes most of the time.
      PYTHONPYCACHEPREFIX: path.join(path.dirname(python), '../pycache'),
      PYTHONDONTWRITEBYTECODE: '1',
      GATEWAY_PORT: '0',
      BIND_HOST: '127.0.0.1',
      HOLDFAST_GATEWAY: gateway,
      HOLDFAST_NODE: node,
      HOLDFAST_BOOTSTRAP: '/nowhere',
      HOLDFAST_FUNCTION_ENV: '{}',
      HOLDFAST_IDLE_MS: '60000',
      HOLDFAST_MOST_IDLE: '4',
      HOLDFAST_EVENT_TOKEN: 't',
      ...environment,
    },
  });
  const [output, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  return { code: code as number | null, printed: output.trim().split('\n').at(-1), trace: output.includes('Traceback') };
}

describe('the launcher', () => {
  const seams = [
    ['ministack.services.lambda_svc', 'release_worker'],
    ['ministack.core.iam_evaluator', 'enforce'],
    ['ministack.services.cloudformation.provisioners', '_RESOURCE_HANDLERS'],
    ['ministack.services.cloudformation.stacks', '_runs_on_worker_thread'],
    ['ministack.services.eventbridge', '_put_events'],
    ['ministack.services.sts', 'register_session'],
    ['ministack.services.iam', '_build_simulate_results_real'],
  ] as const;
  // Each starts Python with all of MiniStack; the launcher asks for every seam in the same way.
  it.each(seams.slice(0, FULL ? undefined : 1))('stops with one sentence when %s has no %s', async (module, name) => {
    expect(await launchWithout(module, name)).toEqual({
      code: 1,
      printed: `MiniStack's ${module}.${name} is missing: this is not the pinned release. Remove .holdfast/venv and start again to install the pinned release.`,
      trace: false,
    });
  });

  it.runIf(FULL)('names the class of a method that is missing', async () => {
    const { printed } = await launchWithout('ministack.core.lambda_runtime', '_await_init', 'module.ProvidedWorker');
    expect(printed).toContain("MiniStack's ministack.core.lambda_runtime.ProvidedWorker._await_init is missing");
  });

  it('stops with one sentence when MiniStack is not installed', async () => {
    const { code, printed, trace } = await launch({}, fixture.gateway.url, ['-S']);
    expect([code, trace]).toEqual([1, false]);
    expect(printed).toMatch(/^MiniStack cannot be imported \(No module named 'ministack'\): remove .holdfast\/venv/);
  });
});

it('a start without a running gateway ends with one sentence, which is reported from the log', async () => {
  const ledger = openLedger(path.join(folder, 'run'), 'start');
  const gatewayUrl = `http://127.0.0.1:${await freePort()}`;
  const access = { url: `http://127.0.0.1:${await freePort()}`, token: 't', region: 'us-east-1', credentials: ROOT };
  const options = { gatewayUrl, access, folder: path.join(folder, 'emulator'), idleEnvironmentMs: 60_000 };
  const emulator = await startMiniStack({ ...options, node, python, ledger, eventToken: 't', functionEnvironment: {} });
  await expect(emulator.ready()).rejects.toThrow(`MiniStack ended while it started: The gateway at ${gatewayUrl} does not answer`);
  expect(readFileSync(path.join(options.folder, 'ministack.log'), 'utf8')).not.toContain('Traceback');
  await emulator.stop();
  await ledger.close();
});
