/** The three places in which the abilities are shown, each started for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ensureLocalStack, type LocalStackSetup } from '../../../../setup/localstack.mjs';
import { freePort } from '../../../processes/free-port.ts';
import { openLedger, type ProcessLedger } from '../../../processes/process-ledger.ts';
import { spawnManaged } from '../../../processes/spawn-managed.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { localStackEnvironment } from '../../emulator/localstack/environment.ts';
import { makeOwnFolders } from '../../emulator/localstack/own-folders.ts';
import { createRootCredentials } from '../../local-account.ts';
import { startLocalAws } from '../../start.ts';
import type { ClientConfig, PlaceConfig } from './abilities/ability.ts';
import type { Place } from './service-table.ts';

const REGION = 'us-east-1';
const START_TIMEOUT_MS = 100_000;

/** Runs `work` with a client's configuration for the place, and stops the place. */
export async function inPlace<T>(place: Place, work: (config: PlaceConfig) => Promise<T>): Promise<T> {
  const localStack = place === 'default emulator' ? undefined : await ensureLocalStack();
  if (place !== 'LocalStack alone') return behindGateway(localStack, work);
  const folder = mkdtempSync(path.join(tmpdir(), 'holdfast-place-'));
  const ledger = openLedger(path.join(folder, 'run'), path.basename(folder));
  try {
    return await work(await alone(ledger, localStack as LocalStackSetup));
  } finally {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function behindGateway<T>(localStack: LocalStackSetup | undefined, work: (config: PlaceConfig) => Promise<T>): Promise<T> {
  const { endpoint, region, credentials, cloud, stop } = await startLocalAws({ localStack });
  try {
    const listenerUrl = (loadBalancerArn: string, port: number) => {
      const address = cloud.elbv2.addressOf(loadBalancerArn, port);
      return address && `${address.protocol.toLowerCase()}://${address.host}:${address.port}/`;
    };
    return await work({ endpoint, region, credentials, listenerUrl });
  } finally {
    await stop();
  }
}

/** As "-m localstack.runtime.main" does, with the objects of S3 in its own folder: LocalStack has one for the whole machine. */
const OWN_OBJECTS = `
import tempfile
from localstack.services.s3 import provider
provider.DEFAULT_S3_TMP_DIR = tempfile.gettempdir() + '/s3-objects'
from localstack.runtime.main import main
main()
`;

/** Ended by its ledger. Without Docker, as everything here. */
async function alone(ledger: ProcessLedger, { python, libraries }: LocalStackSetup): Promise<ClientConfig> {
  const { folder } = ledger;
  const endpoint = `http://127.0.0.1:${await freePort()}`;
  const credentials = createRootCredentials();
  const access = { url: endpoint, token: '', region: REGION, credentials };
  const functions = { node: '', functionEnvironment: {}, idleEnvironmentMs: 60_000 };
  const all = localStackEnvironment({ access, gatewayUrl: endpoint, python, eventToken: '', ...functions });
  // What makes it Holdfast's, and what it would do by default with types that it does not know.
  const own = /^(HOLDFAST_.*|PROVIDER_OVERRIDE_.*|PYTHONPATH|LAMBDA_RUNTIME_EXECUTOR|CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES)$/;
  const settings = Object.fromEntries(Object.entries(all).filter(([name]) => !own.test(name)));
  const child = await spawnManaged(ledger, python, ['-c', OWN_OBJECTS], {
    name: 'localstack',
    cwd: folder,
    logFile: path.join(folder, 'localstack.log'),
    env: {
      ...settings,
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      ...makeOwnFolders(folder, libraries),
    },
  });
  const answers = () =>
    fetch(`${endpoint}/_localstack/health`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  await waitUntil('the start of LocalStack', async () => child.exit() !== undefined || (await answers()), {
    timeoutMs: START_TIMEOUT_MS,
    pollMs: 500,
  });
  if (child.exit()) throw new Error('LocalStack ended while it started');
  return { endpoint, region: REGION, credentials };
}
