import { createPublishLine } from '../shared/metrics.ts';
import { PROBLEM_METRICS, SILENT_READINGS, STORE_DIMENSION, STORE_METRICS, type StoreReading, type StoreRecord } from './contract.ts';
import { expectedLookups, isTimedOut, isUsualTraffic } from './watch-lookups.ts';

/** A metric to publish. */
export interface PublishedValue {
  readonly name: string;
  readonly unit: 'Count' | 'Percent' | 'Seconds';
  readonly value: number;
  /** It holds for so many, of which the first is that of the reading. @default 1 */
  readonly minutes?: number;
}

/** When a sweep is overdue. */
export interface OverdueAfter {
  /** Age of the last sweep. */
  readonly ageSeconds: number;
  /** Time since keys without a TTL reached their threshold, without a sweep. */
  readonly answerSeconds: number;
}

/** Two days: a later end is no problem yet. */
const FORECAST_LIMIT_SECONDS = 172_800;
/** A replica acknowledges once a second: one second is no lag. */
const LAG_FROM_SECONDS = 2;
/** Below these values a drop or a load is normal variation. */
const HIT_RATE_DROP_FROM_POINTS = 5;
const SESSION_DROP_FROM_PERCENT = 10;
const CONNECTIONS_FROM_PERCENT = 10;
/**
 * Published only above these values: ElastiCache's own metrics cover lower ones for free. A forecast of a full store means little below
 * half of the memory, too.
 */
const MEMORY_FROM_PERCENT = 50;
const ENGINE_CPU_FROM_PERCENT = 50;

/**
 * The metrics that a reading publishes: always those without a counterpart in ElastiCache, the others only above their
 * thresholds. What alarms compare with the load balancer's minutes holds until the next reading.
 * @param since the time of the first reading, from which the age of a sweep counts before the first one; and the time when
 * keys without a TTL reached their threshold; and how people use the store
 * @param collectMinutes between two readings
 */
export function selectMetrics(
  reading: StoreReading,
  since: Pick<StoreRecord, 'watchedSinceMs' | 'pilingSinceMs' | 'lookups'>,
  overdueAfter: OverdueAfter,
  collectMinutes: number,
): readonly PublishedValue[] {
  const value = (name: string, unit: PublishedValue['unit'], value: number | null, isPublished = true): PublishedValue[] =>
    value === null || !isPublished ? [] : [{ name, unit, value }];
  const from = (name: string, unit: PublishedValue['unit'], read: number | null, least: number) =>
    value(name, unit, read, read !== null && read >= least);
  const held = (name: string, unit: PublishedValue['unit'], read: number | undefined, minutes = collectMinutes) =>
    value(name, unit, read ?? null).map((one) => ({ ...one, minutes }));
  const { lookups } = since;
  const expected = lookups && expectedLookups(lookups);
  // Of other keys too, lookups say nothing of people.
  const areOfSessions = (lookups?.samples.at(-1)?.net ?? null) !== null;
  const { secondsUntilFull, memoryPercent, refusedWrites = null, engineCpuPercent = null } = reading;
  return [
    ...value(STORE_METRICS.hitRatePercent, 'Percent', reading.hitRatePercent),
    ...value(STORE_METRICS.activeSessions, 'Count', reading.activeSessions),
    ...held(STORE_METRICS.expectedLookups, 'Count', expected?.now),
    ...held(STORE_METRICS.expectedLookups, 'Count', expected?.usual, collectMinutes * SILENT_READINGS),
    ...from(PROBLEM_METRICS.memoryPercent, 'Percent', reading.memoryPercent, MEMORY_FROM_PERCENT),
    ...value(
      PROBLEM_METRICS.secondsUntilFull,
      'Seconds',
      secondsUntilFull,
      secondsUntilFull !== null && secondsUntilFull < FORECAST_LIMIT_SECONDS && (memoryPercent ?? 0) >= MEMORY_FROM_PERCENT,
    ),
    ...from(PROBLEM_METRICS.evictions, 'Count', reading.evictions, 1),
    ...from(PROBLEM_METRICS.refusedWrites, 'Count', refusedWrites, 1),
    ...from(PROBLEM_METRICS.engineCpuPercent, 'Percent', engineCpuPercent, ENGINE_CPU_FROM_PERCENT),
    ...from(PROBLEM_METRICS.withoutTtl, 'Count', reading.withoutTtl, 1),
    ...from(PROBLEM_METRICS.unrepaired, 'Count', reading.unrepaired, 1),
    ...from(
      PROBLEM_METRICS.hitRateDropPoints,
      'Count',
      !areOfSessions || isUsualTraffic(lookups) ? null : reading.hitRateDropPoints,
      HIT_RATE_DROP_FROM_POINTS,
    ),
    ...from(
      PROBLEM_METRICS.sessionDropPercent,
      'Percent',
      isTimedOut(lookups) ? null : reading.sessionDropPercent,
      SESSION_DROP_FROM_PERCENT,
    ),
    ...value(PROBLEM_METRICS.sessionsLostPercent, 'Percent', lookups?.lostPercent ?? null),
    ...value(PROBLEM_METRICS.loginsAgainPercent, 'Percent', lookups?.againPercent ?? null),
    ...held(PROBLEM_METRICS.sessionsBegun, 'Count', lookups?.begun?.perMinute),
    ...held(PROBLEM_METRICS.lookupsFallPercent, 'Percent', lookups?.fallen?.percent),
    ...from(PROBLEM_METRICS.replicationLagSeconds, 'Seconds', reading.replicationLagSeconds, LAG_FROM_SECONDS),
    ...from(PROBLEM_METRICS.failovers, 'Count', reading.failovers, 1),
    ...from(PROBLEM_METRICS.connectionsPercent, 'Percent', reading.connectionsPercent, CONNECTIONS_FROM_PERCENT),
    ...from(PROBLEM_METRICS.authenticationFailures, 'Count', reading.authenticationFailures, 1),
    ...from(PROBLEM_METRICS.sweepOverdueSeconds, 'Seconds', overdueSeconds(reading, since, overdueAfter), 1),
  ];
}

/** Compared with the schedule, or with the alarm that should have started a sweep. */
function overdueSeconds(
  { takenAtMs, sweepAgeSeconds }: StoreReading,
  { watchedSinceMs, pilingSinceMs = takenAtMs }: Pick<StoreRecord, 'watchedSinceMs' | 'pilingSinceMs'>,
  { ageSeconds, answerSeconds }: OverdueAfter,
): number {
  const age = sweepAgeSeconds ?? (takenAtMs - watchedSinceMs) / 1000;
  const piling = (takenAtMs - pilingSinceMs) / 1000;
  return Math.max(age - ageSeconds, age > piling ? piling - answerSeconds : 0);
}

/**
 * Publishes one reading's metrics. `logFields` are in the same log line, but are not metrics and cost nothing.
 * @param atMs of the reading, since the epoch
 */
export type PublishReading = (values: readonly PublishedValue[], logFields: Readonly<Record<string, number | null>>, atMs: number) => void;

/** One log line per reading, and one for each later minute in which one of its values holds: CloudWatch takes two hours ahead. */
export function createStoreMetrics(installation: string): PublishReading {
  const publish = createPublishLine(STORE_DIMENSION, installation);
  return (values, logFields, atMs) => {
    publish((metrics) => {
      for (const { name, unit, value } of values) metrics.addMetric(name, unit, value);
      for (const [name, value] of Object.entries(logFields)) if (value !== null) metrics.addMetadata(name, String(value));
    });
    for (let minute = 1; values.some(({ minutes = 1 }) => minutes > minute); minute += 1)
      publish((metrics) => {
        metrics.setTimestamp(atMs + minute * 60_000);
        for (const { name, unit, value, minutes = 1 } of values) if (minutes > minute) metrics.addMetric(name, unit, value);
      });
  };
}
