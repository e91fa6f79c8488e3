/**
 * The process that owns one local cloud: its own services, the emulator and everything that they start. It tells its
 * parent when it is ready, and ends all of it on SIGTERM, on SIGINT, and when it loses a parent that has not let it go.
 */
import { randomUUID } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { readSetup } from '../setup/read-setup.mjs';
import { claimCheckout } from './claim-checkout.ts';
import { type LocalCloud, startCloud } from './cloud.ts';
import { type CloudState, RUNS_FOLDER, removeCloudState, STATE_FOLDER, writeCloudState } from './cloud-state.ts';
import type { DaemonCommand, DaemonMessage, DaemonOptions } from './daemon-messages.ts';
import { within } from './instances/process-group.ts';
import { localSettings } from './local-settings.ts';
import { startPage } from './page.ts';
import { cleanUpLeftovers } from './processes/clean-up-leftovers.ts';
import { PortError } from './processes/free-port.ts';
import { openLedger, type ProcessLedger } from './processes/process-ledger.ts';

/** What the services get to end in order; then everything is ended by force. */
const STOP_MS = 6_000;
/** What is left after that had its time. */
const LEFT_GRACE_MS = 500;

async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] ?? '{}') as DaemonOptions;
  let release: (() => void) | undefined;
  let ledger: ProcessLedger | undefined;
  let cloud: LocalCloud | undefined;
  let page: { readonly url: string; close(): Promise<void> } | undefined;
  let keeper: NodeJS.Timeout | undefined;
  let written: Promise<void> = Promise.resolve();
  let stopping = false;

  const stop = async (code: number) => {
    if (stopping) return;
    stopping = true;
    clearInterval(keeper);
    await within(written, 1_000);
    await removeCloudState(process.pid);
    await within(Promise.allSettled([page?.close(), cloud?.stop()]), STOP_MS);
    if (ledger) {
      keepLogs(ledger.folder);
      await ledger.close(LEFT_GRACE_MS).catch((error: Error) => process.stderr.write(`${error.message}\n`));
    }
    release?.();
    process.exit(code);
  };
  let letGo = false;
  process.on('message', (command: DaemonCommand) => {
    letGo ||= command.type === 'letGo';
  });
  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  process.on('disconnect', () => {
    if (!letGo) void stop(0);
  });

  try {
    release = await claimCheckout();
    if (stopping) return release();
    const report = await cleanUpLeftovers(RUNS_FOLDER);
    ledger = openLedger(RUNS_FOLDER, options.runId);
    process.env['HOLDFAST_RUN_ID'] = ledger.runId; // children that inherit it can be found after a crash
    process.env['TMPDIR'] = path.join(ledger.folder, 'tmp');
    mkdirSync(process.env['TMPDIR']);
    const settings = localSettings(options);
    const { gatewayPort, loadBalancerPort } = options;
    const token = randomUUID();
    cloud = await startCloud({ setup: readSetup(), settings, ledger, folder: ledger.folder, gatewayPort, loadBalancerPort, token });
    for (const { command, pid } of report.ended) cloud.log(`ended what a killed run left: ${command} (process ${pid})`);

    const { gateway, elbv2, caFile } = cloud;
    const fixed = {
      pid: process.pid,
      runFolder: ledger.folder,
      gatewayUrl: gateway.url,
      token,
      region: settings.config.region,
      installation: settings.config.installation,
      fleet: options.fleet,
      caFile,
      startedAtMs: Date.now(),
    };
    const state = (): CloudState => {
      const listener = elbv2.listeners().find((candidate) => candidate.protocol === 'HTTPS') ?? elbv2.listeners()[0];
      const loadBalancerUrl = listener?.address && `${listener.protocol.toLowerCase()}://localhost:${listener.address.port}`;
      return { ...fixed, pageUrl: page?.url ?? '', ...(loadBalancerUrl && { loadBalancerUrl }) };
    };
    page = await startPage({ port: options.pagePort, token: fixed.token, cloud, state });
    const ready = state();
    await writeCloudState(ready);
    // The load balancer's address is known once the stacks are deployed.
    let known = ready.loadBalancerUrl;
    keeper = setInterval(() => {
      const now = state();
      if (now.loadBalancerUrl === known || stopping) return;
      known = now.loadBalancerUrl;
      written = writeCloudState(now).catch(() => {});
    }, 250).unref();
    if (!stopping) process.send?.({ type: 'ready', state: ready } satisfies DaemonMessage);
  } catch (thrown) {
    const error = explain(thrown);
    cloud?.log(error.stack ?? error.message);
    process.stderr.write(`${error.stack}\n`);
    if (process.connected) process.send?.({ type: 'failed', name: error.name, message: error.message } satisfies DaemonMessage);
    await stop(1);
  }
}

/** A port that was free a moment ago and is taken now is the user's to know. */
function explain(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== 'EADDRINUSE' || port === undefined) return error;
  return new PortError(
    port,
    `Port ${port} on 127.0.0.1 is taken by another program: free it, give another one, or start again to get a free one.`,
  );
}

/** The logs of the run that ended last outlive its folder: what failed can be looked up. */
function keepLogs(folder: string): void {
  const kept = path.join(STATE_FOLDER, 'logs', 'last-run');
  try {
    rmSync(kept, { recursive: true, force: true });
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (name.endsWith('.log')) cpSync(path.join(folder, name), path.join(kept, name.replaceAll(path.sep, '-')), { force: true });
    }
  } catch (error) {
    // A file that went meanwhile is no reason to leave processes behind.
    process.stderr.write(`logs were not kept: ${(error as Error).message}\n`);
  }
}

if (import.meta.main) await main();
