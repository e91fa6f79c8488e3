/** The whole check: a real store, exporter and Prometheus with the deployed rules, and every query asked. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { cleanUpLeftovers } from '../../../local/processes/clean-up-leftovers.ts';
import { RUN_MARK } from '../../../local/processes/end-processes.ts';
import { openLedger } from '../../../local/processes/process-ledger.ts';
import type { MonitoringPrograms } from '../../../setup/monitoring-programs.mjs';
import { awaitData, type Missing } from './await-data.ts';
import { type Checked, checkedPanel, checkedRule, readPanels, readRules } from './checked-queries.ts';
import { checkKnownValues } from './known-values.ts';
import { startLocalStore } from './local-store.ts';
import { queryValues } from './prometheus-api.ts';
import { startServers } from './start-servers.ts';

const RUNS_FOLDER = path.resolve(import.meta.dirname, '../../../.holdfast/monitoring-run');
/** All data is there after some six scrapes; a loaded machine may take much longer. */
const DATA_TIMEOUT_MS = 40_000;

/** What `--json` prints. */
export interface MonitoringReport {
  readonly rules: number;
  readonly rulesWithData: number;
  readonly panels: number;
  readonly panelsWithData: number;
}

export interface CheckOptions {
  readonly programs: MonitoringPrograms;
  /** redis-server or valkey-server. */
  readonly storeServer: string;
  readonly say: (line: string) => void;
}

/**
 * Leaves nothing behind: no process, no file.
 *
 * @returns the counts, and what gave no data
 * @throws Error when a server does not start, Prometheus refuses a query, a value is wrong, or the store refused a command
 */
export async function checkMonitoring({ programs, storeServer, say }: CheckOptions): Promise<MonitoringReport & { missing: Missing[] }> {
  const all = [...readRules().map(checkedRule), ...readPanels().map(checkedPanel)];
  await cleanUpLeftovers(RUNS_FOLDER);
  const ledger = openLedger(RUNS_FOLDER, randomUUID());
  // The store's servers inherit it: a later check finds and ends what a killed one left.
  process.env[RUN_MARK] = ledger.runId;
  const atExit = () => {
    ledger.killNow();
    rmSync(ledger.folder, { recursive: true, force: true });
  };
  process.once('exit', atExit);
  try {
    say('starting a store of three nodes with TLS, redis_exporter and Prometheus');
    const store = await startLocalStore(ledger.folder, storeServer);
    try {
      const url = await startServers(ledger, programs, store);
      say(`asking for the data of ${all.length} rules and panels`);
      const values = (query: string) => queryValues(url, query);
      const missing = await awaitData(all, values, performance.now() + DATA_TIMEOUT_MS);
      if (missing.length === 0) await checkKnownValues(values);
      const refused = await store.refusedCommands();
      if (refused > 0) throw new Error(`the store refused the exporter ${refused} commands: its user's access string is too narrow`);
      return { ...countData(all, missing), missing };
    } finally {
      await store.stop();
    }
  } finally {
    await ledger.close();
    process.off('exit', atExit);
  }
}

/** One has data when all its queries do. */
export function countData(all: readonly Checked[], missing: readonly Missing[]): MonitoringReport {
  const count = (kind: Checked['kind']) => {
    const names = all.filter((entry) => entry.kind === kind);
    const without = names.filter(({ name, queries }) =>
      missing.some((entry) => entry.kind === kind && entry.name === name && queries.includes(entry.query)),
    );
    return [names.length, names.length - without.length] as const;
  };
  const [rules, rulesWithData] = count('rule');
  const [panels, panelsWithData] = count('panel');
  return { rules, rulesWithData, panels, panelsWithData };
}
