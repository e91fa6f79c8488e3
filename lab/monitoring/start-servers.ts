/** The exporter and Prometheus, as docker-compose.yml runs them, but on free ports of this machine and at a quicker pace. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { MONITORING_USER } from '../../infra/constructs/store/access-strings.ts';
import type { MonitoringPrograms } from '../../setup/monitoring-programs.mjs';
import { freePorts } from '../processes/free-port.ts';
import type { ProcessLedger } from '../processes/process-ledger.ts';
import { type ManagedProcess, spawnManaged } from '../processes/spawn-managed.ts';
import { waitUntil } from '../processes/wait.ts';
import { PROMETHEUS_FILE, RULES_FOLDER } from './checked-queries.ts';
import type { LocalStore } from './local-store.ts';
import { isReady } from './prometheus-api.ts';

const START_TIMEOUT_MS = 15_000;
/** Rates need two scrapes, and rules that use other rules one evaluation each. */
const PACE = '500ms';
/** The exporter's address in prometheus.yml. */
const EXPORTER_IN_COMPOSE = 'redis-exporter:9121';

/**
 * @param store what the exporter scrapes, with TLS and the password from a file
 * @returns the address of Prometheus
 * @throws Error with the last lines of the log when one does not start
 */
export async function startServers(ledger: ProcessLedger, programs: MonitoringPrograms, store: LocalStore): Promise<string> {
  const [exporterPort, prometheusPort] = (await freePorts(2)) as [number, number];
  const file = (name: string, text: string, mode = 0o644): string => {
    const path = join(ledger.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  };
  const exporter = await spawnManaged(ledger, programs.exporter, [`-web.listen-address=127.0.0.1:${exporterPort}`], {
    name: 'redis_exporter',
    env: {
      REDIS_ADDR: '',
      REDIS_USER: MONITORING_USER,
      REDIS_PASSWORD_FILE: file('store-passwords.json', passwordFile(store), 0o600),
      REDIS_EXPORTER_CONFIG_COMMAND: '-',
      REDIS_EXPORTER_CONNECTION_TIMEOUT: '5s',
      REDIS_EXPORTER_TLS_CA_CERT_FILE: store.ca.caFile,
    },
    logFile: join(ledger.folder, 'exporter.log'),
  });
  const targets = file('targets.json', JSON.stringify([{ labels: { store: 'sessions' }, targets: store.nodes }]));
  const configuration = file('prometheus.yml', localConfiguration(readFileSync(PROMETHEUS_FILE, 'utf8'), exporterPort, targets));
  const url = `http://127.0.0.1:${prometheusPort}`;
  const prometheus = await spawnManaged(
    ledger,
    programs.prometheus,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(ledger.folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${prometheusPort}`,
      '--log.level=warn',
    ],
    { env: {}, logFile: join(ledger.folder, 'prometheus.log') },
  );
  await waitUntil('the start of Prometheus', () => stillRuns(exporter) && stillRuns(prometheus) && isReady(url), {
    timeoutMs: START_TIMEOUT_MS,
    pollMs: 50,
  }).catch((error: Error) => {
    const ended = [exporter, prometheus].find((server) => server.exit() !== undefined);
    if (ended === undefined) throw error;
    throw new Error(
      `${ended.name} ended while it was starting: ${readFileSync(ended.logFile, 'utf8').trim().split('\n').slice(-3).join(' ')}`,
    );
  });
  return url;
}

const stillRuns = (server: ManagedProcess): boolean => server.exit() === undefined;

/** Releases before 1.46 look a password up by the address alone, later ones by the address with the user. */
function passwordFile({ nodes, password }: LocalStore): string {
  const keys = nodes.flatMap((node) => [node, node.replace('://', `://${MONITORING_USER}@`)]);
  return JSON.stringify(Object.fromEntries(keys.map((key) => [key, password])));
}

/** The deployed configuration, with other addresses and a shorter scrape interval. */
export function localConfiguration(deployed: string, exporterPort: number, targetsFile: string): string {
  if (!deployed.includes(EXPORTER_IN_COMPOSE)) throw new Error(`prometheus.yml names no ${EXPORTER_IN_COMPOSE}`);
  const configuration = parse(deployed.replaceAll(EXPORTER_IN_COMPOSE, `127.0.0.1:${exporterPort}`));
  configuration.global = { scrape_interval: PACE, scrape_timeout: PACE, evaluation_interval: PACE };
  configuration.rule_files = [`${RULES_FOLDER}/*.yml`];
  for (const job of configuration.scrape_configs) for (const discovery of job.file_sd_configs ?? []) discovery.files = [targetsFile];
  return stringify(configuration);
}
