/** The latest reading of the store as people read it. Pure. */
import type { AgedReading } from './commands/store.ts';

export const renderReading = (reading: AgedReading): string =>
  readingRows(reading)
    .map(([name, text]) => `${name.padEnd(11)}  ${text}`)
    .join('\n');

/** What the reading says, a name and a text each. */
export function readingRows(reading: AgedReading): (readonly [name: string, text: string])[] {
  const { hitRatePercent, evictions, authenticationFailures } = reading;
  const stale = reading.stale ? ', STALE: the collector is silent, see docs/operator-runbook.md#collector-silent' : '';
  return [
    row('taken', `${new Date(reading.takenAtMs).toISOString()}, ${duration(reading.ageSeconds)} ago${stale}`),
    row('sessions', sessionsOf(reading)),
    row('hit rate', hitRatePercent === null ? 'nothing was looked up' : `${hitRatePercent.toFixed(1)} %${dropOf(reading)}`),
    row('without TTL', withoutTtlOf(reading)),
    row('memory', memoryOf(reading)),
    row('full', fullOf(reading)),
    row('replication', replicationOf(reading)),
    row('evictions', `${orUnknown(evictions)} since the reading before`),
    row('connections', `${reading.connections} on one node, ${reading.connectionsPercent.toFixed(1)} % of what it takes`),
    row('refused', `${orUnknown(authenticationFailures)} log-ins since the reading before`),
    ...(reading.failovers > 0 ? [row('failover', 'the primary is another process than at the reading before')] : []),
    ...reading.nodes.map((node) =>
      row('node', 'unread' in node ? `${node.name} was not read: ${node.unread}` : `${node.name} ${node.role}`),
    ),
    ...largestOf(reading),
  ];
}

/** Which of them are still there nobody asks: the sweep's time says how old the list is. */
function largestOf({ largestSessions, largestSessionsOneIn, sweepAgeSeconds }: AgedReading): (readonly [name: string, text: string])[] {
  if (largestSessions.length === 0) return [];
  const among = (largestSessionsOneIn ?? 1) > 1 ? `one in ${largestSessionsOneIn} sessions was weighed` : 'every session was weighed';
  return [
    row('largest', `by the sweep of ${duration(sweepAgeSeconds ?? 0)} ago; ${among}`),
    ...largestSessions.map(({ hashedId, dialect, bytes }) => row('', `${bytesText(bytes)} ${dialect} ${hashedId}`)),
  ];
}

const row = (name: string, text: string) => [name, text] as const;
const orUnknown = (value: number | null): string => (value === null ? 'not known' : value.toLocaleString('en-US'));

function sessionsOf({ activeSessions, activeSessionsFrom, sweepAgeSeconds, keys }: AgedReading): string {
  const how =
    activeSessionsFrom === 'sweep'
      ? `estimate by the sweep of ${duration(sweepAgeSeconds ?? 0)} ago`
      : 'no sweep has been: every key counts as a session';
  return `${activeSessions.toLocaleString('en-US')} active (${how}), ${keys.toLocaleString('en-US')} keys`;
}

const dropOf = ({ hitRateDropPoints }: AgedReading): string =>
  hitRateDropPoints !== null && hitRateDropPoints >= 1 ? `, ${hitRateDropPoints.toFixed(1)} points below what is usual` : '';

const withoutTtlOf = ({ withoutTtl, structural }: AgedReading): string =>
  structural === null
    ? `${withoutTtl.toLocaleString('en-US')} keys; no sweep has told which of them are meant to have none`
    : `${withoutTtl.toLocaleString('en-US')} keys, and ${structural.toLocaleString('en-US')} that are meant to have none`;

function memoryOf({ memoryUsedBytes, memoryMaxBytes, memoryPercent, bytesPerSession }: AgedReading): string {
  const each = bytesPerSession === null ? '' : `, ${bytesText(bytesPerSession)} a session`;
  if (memoryMaxBytes === null || memoryPercent === null) return `${bytesText(memoryUsedBytes)}, without a limit${each}`;
  return `${memoryPercent.toFixed(1)} %: ${bytesText(memoryUsedBytes)} of ${bytesText(memoryMaxBytes)}${each}`;
}

function fullOf({ secondsUntilFull, growthBytesPerHour }: AgedReading): string {
  const growth = growthBytesPerHour === null ? 'not enough readings for a trend' : `${bytesText(growthBytesPerHour)} an hour`;
  return secondsUntilFull === null ? `not in sight (${growth})` : `in ${duration(secondsUntilFull)} (${growth})`;
}

function replicationOf({ replicas, replicationLagSeconds, replicationLagBytes }: AgedReading): string {
  if (replicationLagSeconds === null) return 'no replica is linked';
  return `${replicas} replicas, the slowest ${replicationLagSeconds} s and ${bytesText(replicationLagBytes ?? 0)} behind`;
}

/** `42 s`, `12 min`, `5.2 h`, `3.1 days` */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

function bytesText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(bytes))) / 3)));
  return `${(bytes / 1_000 ** power).toFixed(power === 0 ? 0 : 1)} ${UNITS[power]}`;
}
