import { STORE_PART } from '../../functions/shared/naming.ts';
import type { CloudOptions } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import { connectToRead } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { agedUnreachable, renderReading, unreachableWords, withAge } from './render-reading.ts';

/** Shows the collector's latest reading. @throws CommandFailure NoReading, StoreUnreachable */
export async function store(options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options, STORE_PART), 'store');
  output.at(cloud);
  const [record, seen] = await Promise.all([cloud.store.getStore(), cloud.store.getUnreachable()]);
  if (record === undefined && seen) {
    throw new CommandFailure(
      'StoreUnreachable',
      `The collector of ${cloud.installation} has not read the session store yet: it is unreachable ${unreachableWords(agedUnreachable(seen, Date.now()))}.`,
    );
  }
  if (record === undefined) {
    throw new CommandFailure(
      'NoReading',
      `The collector of ${cloud.installation} has not read the session store yet. It runs once a minute after "npx --no cdk deploy --all". If this error persists, see docs/runbook/at-night.md#collector-silent.`,
    );
  }
  const value = withAge(record.reading, seen, Date.now());
  output.result({ ...value, methods: METHODS }, () => renderReading(value));
}

/** How the derived numbers are calculated; `holdfast store --json` prints it next to them. */
export const METHODS = {
  hitRatePercent: 'share of hits in the lookups since the previous reading, over all nodes (INFO keyspace_hits, keyspace_misses)',
  activeSessions:
    'estimate: the sessions with a TTL that were counted last × keys with a TTL now / then, and those without one; before the first sweep, every key',
  sessionDropPercent:
    'how far sessions are below their median of the last two hours × the lowest share of it that any of the last seven days had at this hour; none in the first week',
  largestSessions: 'by MEMORY USAGE, as of the last sweep; sessions that expired since then are still listed',
  withoutTtl:
    'keys − keys with a TTL − keys that the last full sweep left on purpose, at least 0, of each swept database, over all primaries (INFO keyspace)',
  bytesPerSession:
    'average MEMORY USAGE of the sessions that the last sweep measured; before the first, used_memory_dataset / sessions from 5,000 sessions on',
  secondsUntilFull: 'free share of maxmemory / the median slope between every two samples of the window (Theil–Sen)',
  refusedWrites: 'errors OOM, READONLY, NOREPLICAS and MISCONF since the previous reading, over all nodes (INFO errorstats)',
  engineCpuPercent:
    "processor time of the busiest node's one thread since the previous reading / that time (INFO used_cpu_sys_main_thread, used_cpu_user_main_thread)",
  replicationLagSeconds:
    "time since the slowest replica's last acknowledgement, reported by its primary (INFO replication: lag), or since its link went down, reported by itself",
  replicationLagBytes:
    "bytes of its primary's replication stream that the slowest replica has not acknowledged (master_repl_offset − offset)",
} as const;
