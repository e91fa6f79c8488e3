/** The latest reading of the store as text. Pure. */

import type { NodeError, StoreReading, StoreUnreachable } from '../../functions/collect/contract.ts';
import { counted, nounFor } from '../../functions/shared/texts.ts';
import { bytesText } from '../output.ts';

/** Three times the collector's interval. */
const STALE_SECONDS = 180;

/** That no primary has answered since the latest reading. */
export interface Unreachable extends StoreUnreachable {
  /** Time since it began. */
  readonly seconds: number;
  /** Time since the collector found so last. */
  readonly ageSeconds: number;
}

export interface AgedReading extends StoreReading {
  readonly ageSeconds: number;
  /** Whether its values are not those of now. */
  readonly stale: boolean;
  /** Null while a primary answers. */
  readonly unreachable: Unreachable | null;
}

const secondsBetween = (fromMs: number, toMs: number): number => Math.max(0, Math.round((toMs - fromMs) / 1000));

/** @param seen the latest time that no primary answered; a later reading has ended it */
export function withAge(reading: StoreReading, seen: StoreUnreachable | undefined, nowMs: number): AgedReading {
  const ageSeconds = secondsBetween(reading.takenAtMs, nowMs);
  const unreachable = seen && seen.seenAtMs > reading.takenAtMs ? agedUnreachable(seen, nowMs) : null;
  return { ...reading, ageSeconds, stale: unreachable !== null || ageSeconds > STALE_SECONDS, unreachable };
}

export const agedUnreachable = (seen: StoreUnreachable, nowMs: number): Unreachable => ({
  ...seen,
  seconds: secondsBetween(seen.sinceMs, nowMs),
  ageSeconds: secondsBetween(seen.seenAtMs, nowMs),
});

const SILENT = 'the collector has stopped, see docs/runbook/at-night.md#collector-silent';

/** `since 2026-11-20T09:00:00.000Z, 4 min: no primary answers (one:6379: …)`, and what to read. */
export function unreachableWords({ sinceMs, seconds, ageSeconds, failed }: Unreachable): string {
  const why = failed.length === 0 ? 'only replicas do' : failed.map(({ name, error }: NodeError) => `${name}: ${error}`).join('; ');
  const since = `since ${new Date(sinceMs).toISOString()}, ${duration(seconds)}: no primary answers (${why})`;
  if (ageSeconds > STALE_SECONDS) return `${since} when the collector last ran, ${duration(ageSeconds)} ago; ${SILENT}`;
  return `${since}; see docs/runbook/at-night.md#store-unreachable`;
}

export const renderReading = (reading: AgedReading): string =>
  readingRows(reading)
    .map(([name, text]) => `${name.padEnd(11)}  ${text}`)
    .join('\n');

/** The rows of a reading: a name and a text each. */
export function readingRows(reading: AgedReading): (readonly [name: string, text: string])[] {
  const { hitRatePercent, evictions } = reading;
  const stale = reading.unreachable ? ', STALE: before the store became unreachable' : reading.stale ? `, STALE: ${SILENT}` : '';
  return [
    ...(reading.unreachable ? [row('UNREACHABLE', unreachableWords(reading.unreachable))] : shardsWithoutPrimaryOf(reading)),
    row('taken', `${new Date(reading.takenAtMs).toISOString()}, ${duration(reading.ageSeconds)} ago${stale}`),
    row('sessions', sessionsOf(reading)),
    row('hit rate', hitRatePercent === null ? 'unknown: no lookups' : `${hitRatePercent.toFixed(1)} %${dropOf(reading)}`),
    row('without TTL', withoutTtlOf(reading)),
    ...databasesOf(reading),
    row('memory', memoryOf(reading)),
    row('full', fullOf(reading)),
    row('replication', replicationOf(reading)),
    row('evictions', sincePrevious(evictions)),
    row('connections', `at most ${reading.connections} on one node, ${reading.connectionsPercent.toFixed(1)} % of its limit`),
    row('refused', refusedOf(reading)),
    row('writes', sincePrevious(reading.refusedWrites ?? null, ' refused')),
    row('engine', engineOf(reading)),
    ...(reading.failovers > 0 ? [row('failover', 'the primary has changed since the previous reading')] : []),
    ...reading.nodes.map((node) => row('node', 'error' in node ? `${node.name} was not read: ${node.error}` : `${node.name} ${node.role}`)),
    ...largestOf(reading),
  ];
}

function shardsWithoutPrimaryOf({ shardsWithoutPrimary = 0 }: AgedReading): (readonly [name: string, text: string])[] {
  if (shardsWithoutPrimary === 0) return [];
  const which =
    shardsWithoutPrimary === 1 ? '1 shard has no primary that answers' : `${shardsWithoutPrimary} shards have no primary that answers`;
  return [row('UNREACHABLE', `${which}: its sessions are in no value below; see docs/runbook/at-night.md#store-unreachable`)];
}

/** The largest sessions that the last full sweep found. Some can have ended since, so the sweep's age is shown with them. */
function largestOf({
  largestSessions,
  largestSessionsSampledOneIn,
  largestSessionsAgeSeconds,
}: AgedReading): (readonly [name: string, text: string])[] {
  if (largestSessions.length === 0) return [];
  const among =
    (largestSessionsSampledOneIn ?? 1) > 1 ? `one in ${largestSessionsSampledOneIn} sessions was measured` : 'every session was measured';
  return [
    row('largest', `sweep of ${duration(largestSessionsAgeSeconds ?? 0)} ago; ${among}`),
    ...largestSessions.map(({ hashedId, dialect, bytes }) => row('', `${bytesText(bytes)} ${dialect} ${hashedId}`)),
  ];
}

const row = (name: string, text: string) => [name, text] as const;
const count = (value: number): string => value.toLocaleString('en-US');
const NEEDS_TWO = 'unknown: it takes two readings';
const sincePrevious = (value: number | null, what = ''): string =>
  value === null ? NEEDS_TWO : `${count(value)}${what} since the previous reading`;

function sessionsOf({ activeSessions, activeSessionsFrom, sweepAgeSeconds, keys }: AgedReading): string {
  const how =
    activeSessionsFrom === 'sweep'
      ? `estimated by the sweep of ${duration(sweepAgeSeconds ?? 0)} ago`
      : 'no sweep yet: every key counts as a session';
  return `${activeSessions.toLocaleString('en-US')} active (${how}), ${keys.toLocaleString('en-US')} ${nounFor(keys, 'key')}`;
}

const dropOf = ({ hitRateDropPoints }: AgedReading): string =>
  hitRateDropPoints !== null && hitRateDropPoints >= 1 ? `, ${hitRateDropPoints.toFixed(1)} points below normal` : '';

function withoutTtlOf({ withoutTtl, unrepaired, leftOnPurpose, structural }: AgedReading): string {
  const keys = `${count(withoutTtl)} ${nounFor(withoutTtl, 'key')}${unrepaired > 0 ? `, ${count(unrepaired)} of which the last sweep could not repair` : ''}`;
  if (leftOnPurpose === null) return `${keys}; no full sweep yet (dry runs do not count), so some may have none by design`;
  return `${keys}, and ${count(leftOnPurpose)} left on purpose, ${count(structural ?? 0)} of them by design`;
}

/** A row per database; none if the store has keys in database 0 only and that one is swept, which is the usual case. */
function databasesOf({ databases }: AgedReading): (readonly [name: string, text: string])[] {
  if (databases.every(({ database, isSwept }) => database === 0 && isSwept)) return [];
  return databases.map(({ database, keys, expires, isSwept }) =>
    row(
      `database ${database}`,
      `${count(keys)} ${nounFor(keys, 'key')}, ${count(Math.max(0, keys - expires))} without TTL; ${isSwept ? 'swept' : 'not in store.databases: never changed, no alarm'}`,
    ),
  );
}

function refusedOf({ authenticationFailures, countsAuthenticationFailures }: AgedReading): string {
  if (!countsAuthenticationFailures)
    return 'unknown: this engine does not count refused logins, as Valkey and Redis from 7.2 on do. ElastiCache does: see its metric AuthenticationFailures';
  return authenticationFailures === null
    ? NEEDS_TWO
    : `${count(authenticationFailures)} ${nounFor(authenticationFailures, 'login')} since the previous reading`;
}

function engineOf({ engineCpuPercent = null, nodes }: AgedReading): string {
  if (engineCpuPercent === null) return NEEDS_TWO;
  const busiest = nodes.find((node) => 'engineCpuPercent' in node && node.engineCpuPercent === engineCpuPercent);
  return `${engineCpuPercent.toFixed(1)} % of one thread${busiest ? `, on ${busiest.name}` : ''}`;
}

function memoryOf({ memoryUsedBytes, memoryMaxBytes, memoryPercent, bytesPerSession }: AgedReading): string {
  const each = bytesPerSession === null ? '' : `, ${bytesText(bytesPerSession)} per session`;
  if (memoryMaxBytes === null || memoryPercent === null) return `${bytesText(memoryUsedBytes)}, no limit${each}`;
  return `${memoryPercent.toFixed(1)} %: ${bytesText(memoryUsedBytes)} of ${bytesText(memoryMaxBytes)}${each}`;
}

function fullOf({ secondsUntilFull, growthBytesPerHour, memoryMaxBytes }: AgedReading): string {
  if (growthBytesPerHour === null) return 'unknown: too few readings for a trend';
  const growth = `${bytesText(growthBytesPerHour)} per hour`;
  if (secondsUntilFull !== null) return `in ${duration(secondsUntilFull)} (${growth})`;
  return growthBytesPerHour > 0 && memoryMaxBytes !== null ? `too early to say (${growth} so far)` : `not expected (${growth})`;
}

function replicationOf({ replicas, replicationLagSeconds, replicationLagBytes }: AgedReading): string {
  if (replicationLagSeconds === null) return 'no replica is connected';
  return `${counted(replicas, 'replica')}, the slowest is ${replicationLagSeconds} s and ${bytesText(replicationLagBytes ?? 0)} behind`;
}

/** `42 s`, `12 min`, `5.2 h`, `3.1 days` */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${(seconds / 3_600).toFixed(1)} h` : `${(seconds / 86_400).toFixed(1)} days`;
}
