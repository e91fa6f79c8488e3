import { STORE_METRICS, type StoreReading, TROUBLE_METRICS } from './contract.ts';

/** A metric's name, unit and value, as it is published. */
export interface PublishedValue {
  readonly name: string;
  readonly unit: 'Count' | 'Percent' | 'Seconds';
  readonly value: number;
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
 * @param overdueAfterSeconds age of the last sweep from which on it is overdue
 * @param watchedSinceMs what the age counts from when no sweep has been
 */
export function publishedOf(reading: StoreReading, watchedSinceMs: number, overdueAfterSeconds: number): readonly PublishedValue[] {
  const sweepAgeSeconds = reading.sweepAgeSeconds ?? (reading.takenAtMs - watchedSinceMs) / 1000;
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
    ...from(TROUBLE_METRICS.sweepOverdueSeconds, 'Seconds', sweepAgeSeconds - overdueAfterSeconds, 1),
  ];
}
