/**
 * `--emulator-endpoint` with a LocalStack that something else started: a process with the environment that
 * ops/localstack/docker-compose.yml gives to its container, except for what is the image's own.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeOwnFolders } from '#local-aws/emulator/localstack/own-folders.ts';
import { ensureLocalStack, whyNoLocalStack } from '../../../../setup/localstack.mjs';
import { containerWith } from '../../../../test/ops/localstack/compose.ts';
import { REPOSITORY } from '../../../../test/run-node.ts';
import { freePort } from '../../../processes/free-port.ts';
import { openLedger, type ProcessLedger } from '../../../processes/process-ledger.ts';
import { spawnManaged } from '../../../processes/spawn-managed.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { nothingLost, Place, StartRun } from './start-run.ts';

const TOKEN = '7c1e94b2f06d8a35be41d7903f5a6c28';
const missing = whyNoLocalStack();

let place: Place;
let ledger: ProcessLedger;
beforeAll(() => {
  place = new Place();
  ledger = openLedger(path.join(place.folder, 'localstack'), path.basename(place.folder));
});
afterAll(async () => {
  await ledger.close();
  place.remove();
});

async function startAsComposeDoes(port: number, gatewayPort: number): Promise<{ url: string; healthCheck: readonly string[] }> {
  const { python, libraries } = await ensureLocalStack();
  const { environment, healthCheck } = containerWith({
    HOLDFAST_CHECKOUT: REPOSITORY,
    HOLDFAST_EMULATOR_TOKEN: TOKEN,
    HOLDFAST_EMULATOR_PORT: String(port),
    HOLDFAST_GATEWAY_PORT: String(gatewayPort),
  });
  const { folder } = ledger;
  const child = await spawnManaged(ledger, python, ['-m', 'localstack.runtime.main'], {
    name: 'localstack',
    cwd: folder,
    logFile: path.join(folder, 'localstack.log'),
    env: {
      ...environment,
      // The authority is below the state folder, which is the checkout's in the container.
      HOLDFAST_FUNCTION_ENV: (environment['HOLDFAST_FUNCTION_ENV'] as string).replace(path.join(REPOSITORY, '.holdfast'), place.state),
      HOLDFAST_LISTENING: path.join(folder, 'listening'),
      // As the image has it.
      ...{ OVERRIDE_IN_DOCKER: '0', LANG: 'C.UTF-8' },
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...makeOwnFolders(folder, libraries),
    },
  });
  const url = `http://127.0.0.1:${port}`;
  await waitUntil('the start of LocalStack', async () => child.exit() !== undefined || isHealthy(healthCheck), {
    timeoutMs: 100_000,
    pollMs: 500,
  });
  return { url, healthCheck };
}

const isHealthy = ([command = '', ...args]: readonly string[]): boolean =>
  spawnSync(command, args, { timeout: 10_000, stdio: 'ignore' }).status === 0;

it.skipIf(missing !== undefined)(
  'a LocalStack started as the compose file does takes every stack and two deploys, is not stopped, and is refused for a second cloud',
  { timeout: 900_000 },
  async () => {
    const [port, gatewayPort] = [await freePort(), await freePort()];
    const { url, healthCheck } = await startAsComposeDoes(port, gatewayPort);
    const args = ['--once', '--json', '--users', '50', '--emulator-endpoint', url, '--gateway-port', String(gatewayPort)];
    const env = { HOLDFAST_EMULATOR_TOKEN: TOKEN };

    const { code, lines, stderr } = await new StartRun(place, args, { env }).ended();
    expect([code, lines.length], stderr).toEqual([0, 1]);
    expect(JSON.parse(lines[0] as string)).toMatchObject(nothingLost(50));

    expect(isHealthy(healthCheck)).toBe(true);
    const second = await new StartRun(place, args, { env }).ended();
    expect(second.code).toBe(1);
    expect(JSON.parse(second.lines[0] as string)).toMatchObject({
      error: { code: 'EmulatorEndpointError', message: expect.stringContaining('has stacks already') },
    });
    expect(place.runs()).toEqual([]);
  },
);
