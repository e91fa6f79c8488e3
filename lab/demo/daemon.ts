/**
 * The process that owns one local cloud: its own services, the emulator and everything that they start. It
 * reports to its parent when it is ready, and stops everything on SIGTERM, on SIGINT, and when it loses a parent that has not let it go.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type LocalCloud, startCloud } from '#local-aws/cloud.ts';
import type { ListenerStatus } from '#local-aws/elbv2/service.ts';
import { LOCAL_ACCOUNT_ID } from '#local-aws/local-account.ts';
import { type CloudState, ownStateFolder, removeCloudState, writeCloudState } from '../../cli/cloud-state.ts';
import { readSetup } from '../../setup/read-setup.mjs';
import { cleanUpLeftovers } from '../processes/clean-up-leftovers.ts';
import { PortError, reservePort } from '../processes/free-port.ts';
import { openLedger, type ProcessLedger } from '../processes/process-ledger.ts';
import { within } from '../processes/wait.ts';
import { claimCheckout } from './claim-checkout.ts';
import type { DaemonCommand, DaemonMessage, DaemonOptions } from './daemon-messages.ts';
import { forgetLastRun, keepLogs } from './last-run-logs.ts';
import { localSettings } from './local-settings.ts';
import { startPage } from './page.ts';
import { leaveRunsFolder, runsFolder } from './runs-folder.ts';
import { writeCredentials } from './write-credentials.ts';

/** Time for the services to stop; then everything is killed. */
const STOP_MS = 6_000;
/** Grace for the remaining processes. */
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
    if (ledger) {
      forgetLastRun();
      // The logs are kept before the machines end, because that removes their folders.
      keepLogs(ledger.folder);
    }
    await within(Promise.allSettled([page?.close(), cloud?.stop()]), STOP_MS);
    if (ledger) {
      keepLogs(ledger.folder);
      await ledger.close(LEFT_GRACE_MS).catch((error: Error) => process.stderr.write(`${error.message}\n`));
      leaveRunsFolder();
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
    const runs = runsFolder();
    const report = await cleanUpLeftovers(runs);
    ledger = openLedger(runs, options.runId);
    process.env['HOLDFAST_RUN_ID'] = ledger.runId; // children that inherit it can be found after a crash
    process.env['TMPDIR'] = path.join(ledger.folder, 'tmp');
    mkdirSync(process.env['TMPDIR']);
    process.send?.({ type: 'opened', runFolder: ledger.folder } satisfies DaemonMessage);
    const settings = localSettings(options);
    const { gatewayPort, loadBalancerPort, pagePort, javaHome, localStack, emulatorEndpoint } = options;
    // None of them is bound before the cloud has asked for free ports of its own.
    for (const port of [gatewayPort, loadBalancerPort, pagePort]) if (port !== 0) reservePort(port);
    const token = randomUUID();
    const { region } = settings.config;
    const tlsFolder = path.join(ownStateFolder(), 'tls');
    const cloudOptions = { setup: readSetup(), region, times: settings, ledger, folder: ledger.folder, tlsFolder };
    cloud = await startCloud({ ...cloudOptions, gatewayPort, loadBalancerPort, token, javaHome, localStack, emulatorEndpoint });
    for (const { command, pid } of report.ended) cloud.log(`stopped a process that a killed run left: ${command} (process ${pid})`);

    const { gateway, elbv2, caFile, credentials } = cloud;
    const fixed = {
      pid: process.pid,
      runFolder: ledger.folder,
      gatewayUrl: gateway.url,
      token,
      account: LOCAL_ACCOUNT_ID,
      credentials,
      credentialsFile: writeCredentials(ledger.folder, credentials),
      region: settings.config.region,
      installation: settings.config.installation,
      fleet: options.fleet,
      caFile,
      startedAtMs: Date.now(),
    };
    const state = (): CloudState => {
      const listener = elbv2.listeners().find((candidate) => candidate.protocol === 'HTTPS') ?? elbv2.listeners()[0];
      const loadBalancerUrl = listener && urlOf(listener);
      const listeners = Object.fromEntries(elbv2.listeners().map((each) => [`${each.loadBalancerName}:${each.port}`, urlOf(each) ?? '']));
      return { ...fixed, pageUrl: page?.url ?? '', ...(loadBalancerUrl && { loadBalancerUrl }), listeners };
    };
    page = await startPage({ port: pagePort, token: fixed.token, cloud, state });
    const ready = state();
    await writeCloudState(ready);
    // A load balancer's address is known once its stack is deployed.
    let known = JSON.stringify(ready.listeners);
    keeper = setInterval(() => {
      const now = state();
      if (JSON.stringify(now.listeners) === known || stopping) return;
      known = JSON.stringify(now.listeners);
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

const urlOf = ({ protocol, address }: ListenerStatus): string | undefined =>
  address && `${protocol.toLowerCase()}://localhost:${address.port}`;

/** A port that was free a moment ago and is taken now becomes a PortError. */
function explain(thrown: unknown): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code !== 'EADDRINUSE' || port === undefined) return error;
  return new PortError(
    port,
    `Port ${port} on 127.0.0.1 is taken by another program: free it, choose another, or start again to get a free one.`,
  );
}

await main();
