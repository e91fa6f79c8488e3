import { STORE_METRICS, type StoreReading, type StoreRecord, TROUBLE_METRICS } from './contract.ts';

/** A metric's name, unit and value, as it is published. */
export interface PublishedValue {
  readonly name: string;
  readonly unit: 'Count' | 'Percent' | 'Seconds';
  readonly value: number;
}

/** From when on a sweep is overdue. */
export interface OverdueAfter {
  /** Age of the last one. */
  readonly ageSeconds: number;
  /** How long keys without a TTL have piled up without one. */
  readonly answerSeconds: number;
}

/** Two days ahead: what comes later is no trouble yet. */
const FORECAST_LIMIT_SECONDS = 172_800;
/** A replica confirms once a second: one second is no lag. */
const LAG_FROM_SECONDS = 2;
/** Below these a drop or a load is the usual up and down. */
const HIT_RATE_DROP_FROM_POINTS = 5;
const SESSION_DROP_FROM_PERCENT = 10;
const CONNECTIONS_FROM_PERCENT = 10;
/** ElastiCache's own metric has the rest, for nothing. */
const MEMORY_FROM_PERCENT = 50;

/**
 * What a reading publishes: always the two that have no counterpart of ElastiCache's, the others only when there is something to
 * tell.
 * @param since when it was first watched, which the age of a sweep that never was counts from; and since when keys without a
 * TTL pile up
 */
export function publishedOf(
  reading: StoreReading,
  since: Pick<StoreRecord, 'watchedSinceMs' | 'pilingSinceMs'>,
  overdueAfter: OverdueAfter,
): readonly PublishedValue[] {
  const value = (name: string, unit: PublishedValue['unit'], value: number | null, isTold = true): PublishedValue[] =>
    value === null || !isTold ? [] : [{ name, unit, value }];
  const from = (name: string, unit: PublishedValue['unit'], read: number | null, least: number) =>
    value(name, unit, read, read !== null && read >= least);
  const { secondsUntilFull } = reading;
  return [
    ...value(STORE_METRICS.hitRatePercent, 'Percent', reading.hitRatePercent),
    ...value(STORE_METRICS.activeSessions, 'Count', reading.activeSessions),
    ...from(TROUBLE_METRICS.memoryPercent, 'Percent', reading.memoryPercent, MEMORY_FROM_PERCENT),
    ...value(
      TROUBLE_METRICS.secondsUntilFull,
      'Seconds',
      secondsUntilFull,
      secondsUntilFull !== null && secondsUntilFull < FORECAST_LIMIT_SECONDS,
    ),
    ...from(TROUBLE_METRICS.evictions, 'Count', reading.evictions, 1),
    ...from(TROUBLE_METRICS.withoutTtl, 'Count', reading.withoutTtl, 1),
    ...from(TROUBLE_METRICS.hitRateDropPoints, 'Count', reading.hitRateDropPoints, HIT_RATE_DROP_FROM_POINTS),
    ...from(TROUBLE_METRICS.sessionDropPercent, 'Percent', reading.sessionDropPercent, SESSION_DROP_FROM_PERCENT),
    ...from(TROUBLE_METRICS.replicationLagSeconds, 'Seconds', reading.replicationLagSeconds, LAG_FROM_SECONDS),
    ...from(TROUBLE_METRICS.failovers, 'Count', reading.failovers, 1),
    ...from(TROUBLE_METRICS.connectionsPercent, 'Percent', reading.connectionsPercent, CONNECTIONS_FROM_PERCENT),
    ...from(TROUBLE_METRICS.authenticationFailures, 'Count', reading.authenticationFailures, 1),
    ...from(TROUBLE_METRICS.sweepOverdueSeconds, 'Seconds', overdueSeconds(reading, since, overdueAfter), 1),
  ];
}

/** By the schedule; or by the alarm that should have started one, whatever kept it from that. */
function overdueSeconds(
  { takenAtMs, sweepAgeSeconds }: StoreReading,
  { watchedSinceMs, pilingSinceMs = takenAtMs }: Pick<StoreRecord, 'watchedSinceMs' | 'pilingSinceMs'>,
  { ageSeconds, answerSeconds }: OverdueAfter,
): number {
  const age = sweepAgeSeconds ?? (takenAtMs - watchedSinceMs) / 1000;
  const piling = (takenAtMs - pilingSinceMs) / 1000;
  return Math.max(age - ageSeconds, age > piling ? piling - answerSeconds : 0);
}
