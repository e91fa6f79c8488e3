/** A local store with redis_exporter and Prometheus, for the duration of some work. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { EngineServers } from '#local-aws/elasticache/engine-servers.ts';
import type { MonitoringPrograms } from '../../setup/monitoring-programs.mjs';
import { cleanUpLeftovers } from '../processes/clean-up-leftovers.ts';
import { RUN_MARK } from '../processes/end-processes.ts';
import { openLedger } from '../processes/process-ledger.ts';
import { type LocalStore, startLocalStore } from './local-store.ts';
import { queryValues } from './prometheus-api.ts';
import { startServers } from './start-servers.ts';

const RUNS_FOLDER = path.resolve(import.meta.dirname, '../../.holdfast/monitoring-run');

export interface MonitoredStoreOptions {
  readonly programs: MonitoringPrograms;
  /** Servers at hand, as set-up recorded them. */
  readonly stores: EngineServers;
}

export interface MonitoredStore {
  readonly store: LocalStore;
  /** The values that Prometheus returns for a query now. @throws QueryError */
  values(query: string): Promise<number[]>;
}

/**
 * Leaves nothing behind: no process, no file.
 *
 * @throws Error when a server does not start
 */
export async function withMonitoredStore<T>(options: MonitoredStoreOptions, work: (running: MonitoredStore) => Promise<T>): Promise<T> {
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
    const store = await startLocalStore(ledger, options.stores);
    try {
      const url = await startServers(ledger, options.programs, store);
      return await work({ store, values: (query) => queryValues(url, query) });
    } finally {
      await store.stop();
    }
  } finally {
    await ledger.close();
    process.off('exit', atExit);
    delete process.env[RUN_MARK];
  }
}
