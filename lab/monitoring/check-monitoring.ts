/** The whole check: a real store, exporter and Prometheus with the deployed rules, and every query asked. */
import { awaitData, type Missing } from './await-data.ts';
import { type Checked, checkedPanel, checkedRule, readPanels, readRules } from './checked-queries.ts';
import { checkKnownValues } from './known-values.ts';
import { type MonitoredStoreOptions, withMonitoredStore } from './monitored-store.ts';

/** All data is there after some six scrapes; a loaded machine may take much longer. */
const DATA_TIMEOUT_MS = 40_000;

/** What `--json` prints. */
export interface MonitoringReport {
  readonly rules: number;
  readonly rulesWithData: number;
  readonly panels: number;
  readonly panelsWithData: number;
}

/**
 * @param log prints a progress line
 * @returns the counts, and what gave no data
 * @throws Error when a server does not start, Prometheus refuses a query, a value is wrong, or the store refused a command
 */
export async function checkMonitoring(
  options: MonitoredStoreOptions,
  log: (line: string) => void,
): Promise<MonitoringReport & { missing: Missing[] }> {
  const all = [...readRules().map(checkedRule), ...readPanels().map(checkedPanel)];
  log('starting a store of three nodes with TLS, redis_exporter and Prometheus');
  return withMonitoredStore(options, async ({ store, values }) => {
    log(`querying the data of ${all.length} rules and panels`);
    const missing = await awaitData(all, values, performance.now() + DATA_TIMEOUT_MS);
    if (missing.length === 0) await checkKnownValues(values);
    const refused = await store.refusedCommands();
    if (refused > 0) throw new Error(`the store refused the exporter ${refused} commands: its user's access string is too narrow`);
    return { ...countData(all, missing), missing };
  });
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
