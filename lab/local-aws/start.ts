/** Starts the local cloud from a script, with defaults for what the script does not choose. Another project begins here. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readSetup } from '../../setup/read-setup.mjs';
import { openLedger } from '../processes/process-ledger.ts';
import { type LocalCloud, startCloud } from './cloud.ts';
import type { CloudOptions, CloudTimes } from './cloud-options.ts';
import type { LocalCredentials } from './local-account.ts';

/** What `startCloud` takes and a script can choose. */
export interface StartOptions
  extends Partial<Pick<CloudOptions, 'region' | 'localStack' | 'emulatorEndpoint' | 'gatewayPort' | 'loadBalancerPort' | 'javaHome'>> {
  /** Short ones by default. */
  readonly times?: Partial<CloudTimes>;
}

export interface LocalAws {
  /** Of every service: `endpoint` of an SDK's client, `AWS_ENDPOINT_URL` of a process. */
  readonly endpoint: string;
  readonly region: string;
  /** Root's. */
  readonly credentials: LocalCredentials;
  /** Everything that the run writes, until `stop` removes it: `cloud.log`, and the calls that `readCalls` reads. */
  readonly folder: string;
  /** The secret of requests that set faults. */
  readonly token: string;
  readonly cloud: LocalCloud;
  /** Ends all processes and removes the folder. */
  stop(): Promise<void>;
}

const SHORT_TIMES: CloudTimes = {
  propagationLagMs: 50,
  healthCheckSecondMs: 50,
  metricDelayMs: 0,
  stabilizeTimeoutMs: 60_000,
  idleEnvironmentMs: 60_000,
};

/** @throws SetupError where set-up has not run in this checkout */
export async function startLocalAws({ region = 'us-east-1', times = {}, ...options }: StartOptions = {}): Promise<LocalAws> {
  const setup = readSetup();
  const base = mkdtempSync(path.join(tmpdir(), 'local-aws-'));
  const ledger = openLedger(path.join(base, 'run'), path.basename(base));
  const { folder } = ledger;
  const token = randomUUID();
  try {
    const tlsFolder = path.join(base, 'tls');
    const own = { setup, region, ledger, folder, tlsFolder, token, times: { ...SHORT_TIMES, ...times } };
    const cloud = await startCloud({ gatewayPort: 0, loadBalancerPort: 0, ...options, ...own });
    const stop = async () => {
      await cloud.stop();
      await ledger.close();
      rmSync(base, { recursive: true, force: true });
    };
    return { endpoint: cloud.gateway.url, region, credentials: cloud.credentials, folder, token, cloud, stop };
  } catch (error) {
    // The folder stays: it has the logs that the error names.
    await ledger.stopAll();
    throw error;
  }
}
