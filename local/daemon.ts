/**
 * The process that owns one local cloud: its own services, the emulator and everything that they start. It tells its
 * parent when it is ready, lives on its own when it was detached, and ends all of it on SIGTERM or SIGINT.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readSetup } from '../setup/read-setup.mjs';
import { type LocalCloud, startCloud } from './cloud.ts';
import { type CloudState, removeCloudState, STATE_FOLDER, writeCloudState } from './cloud-state.ts';
import { type LocalChoice, localSettings } from './local-settings.ts';
import { startPage } from './page.ts';
import { cleanUpLeftovers } from './processes/clean-up-leftovers.ts';
import { openLedger } from './processes/process-ledger.ts';

/** What the parent passes as the one argument, in JSON. */
export interface DaemonOptions extends LocalChoice {
  readonly runId: string;
  readonly gatewayPort: number;
  readonly pagePort: number;
  readonly loadBalancerPort: number;
  /** Lives on when the parent goes. */
  readonly detached: boolean;
}

/** From the daemon to its parent, once. */
export type DaemonMessage = { readonly type: 'ready'; readonly state: CloudState } | { readonly type: 'failed'; readonly message: string };

export const RUNS_FOLDER = path.join(STATE_FOLDER, 'run');

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as DaemonOptions;
  const report = await cleanUpLeftovers(RUNS_FOLDER);
  const ledger = openLedger(RUNS_FOLDER, options.runId);
  process.env['HOLDFAST_RUN_ID'] = ledger.runId; // children that inherit it can be found after a crash
  let cloud: LocalCloud | undefined;
  let page: { readonly url: string; close(): Promise<void> } | undefined;
  let stopping = false;

  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    await removeCloudState(process.pid);
    await page?.close();
    await cloud?.stop();
    keepLogs(ledger.folder);
    await ledger.close();
    process.exit(code);
  };
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  if (!options.detached) process.on('disconnect', () => void stop(0));

  try {
    const settings = localSettings(options);
    cloud = await startCloud({
      setup: readSetup(),
      settings,
      ledger,
      folder: ledger.folder,
      gatewayPort: options.gatewayPort,
      loadBalancerPort: options.loadBalancerPort,
    });
    for (const process of report.ended) cloud.log(`ended what a killed run left: ${process.pid}`);
    const token = randomUUID();
    const state = (): CloudState => {
      const listener = cloud?.elbv2.listeners().find((candidate) => candidate.protocol === 'HTTPS') ?? cloud?.elbv2.listeners()[0];
      return {
        pid: process.pid,
        runFolder: ledger.folder,
        gatewayUrl: (cloud as LocalCloud).gateway.url,
        pageUrl: page?.url ?? '',
        token,
        region: settings.config.region,
        installation: settings.config.installation,
        fleet: options.fleet,
        caFile: (cloud as LocalCloud).caFile,
        startedAtMs: Date.now(),
        ...(listener?.address && { loadBalancerUrl: `${listener.protocol.toLowerCase()}://localhost:${listener.address.port}` }),
      };
    };
    page = await startPage({ port: options.pagePort, token, cloud, state });
    const ready = state();
    await writeCloudState(ready);
    // The load balancer's address is known once the stacks are deployed.
    setInterval(() => {
      const now = state();
      if (now.loadBalancerUrl !== undefined && !stopping) void writeCloudState({ ...now, startedAtMs: ready.startedAtMs });
    }, 1_000).unref();
    process.send?.({ type: 'ready', state: ready } satisfies DaemonMessage);
  } catch (error) {
    process.send?.({ type: 'failed', message: error instanceof Error ? error.message : String(error) } satisfies DaemonMessage);
    cloud?.log(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await stop(1);
  }
}

/** The logs of the run that ended last outlive its folder: what failed can be looked up. */
function keepLogs(folder: string): void {
  const kept = path.join(STATE_FOLDER, 'logs', 'last-run');
  rmSync(kept, { recursive: true, force: true });
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.log')) cpSync(path.join(folder, name), path.join(kept, name.replaceAll(path.sep, '-')), { force: true });
  }
}

if (import.meta.main) await main();
