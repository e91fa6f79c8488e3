import { aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { STORE_DIMENSION, STORE_METRICS, TROUBLE_METRICS, WITHOUT_TTL_THRESHOLD } from '../../functions/collect/contract.ts';
import { METRICS } from '../../functions/deploy/contract.ts';
import { type StoreAlarm, storeAlarmName } from '../../functions/shared/naming.ts';
import { type WatchAlarmProps, watchAlarm } from './watch-alarm.ts';

export interface StoreAlarmsProps {
  readonly installation: string;
  readonly topic: sns.ITopic;
  /** Minutes between two readings: the alarms' period. */
  readonly collectMinutes: number;
}

type Rule = Pick<WatchAlarmProps, 'severity' | 'sentence' | 'threshold' | 'when' | 'periods' | 'missing'> & {
  readonly metricName: string;
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum' | 'SampleCount';
};

/**
 * What each alarm on the store goes by. They watch the collector's metrics, which are there for every store, made or named,
 * with one series each, however many nodes there are. Metrics of trouble have no data while there is none.
 */
const RULES: Readonly<Record<StoreAlarm, Rule>> = {
  'memory-percent': {
    metricName: TROUBLE_METRICS.memoryPercent,
    statistic: 'Maximum',
    threshold: 80, // what is left lets a day's growth be dealt with, and a snapshot's copy of what changes meanwhile
    periods: [3, 5],
    severity: 'high',
    sentence: 'The session store is filling up',
  },
  'time-to-full': {
    metricName: TROUBLE_METRICS.secondsUntilFull,
    statistic: 'Maximum',
    threshold: 6 * 3_600, // a working day's time to act, less what it takes to see it
    when: 'atMost',
    periods: [10, 10], // a trend, not a burst of log-ins
    severity: 'high',
    sentence: 'The session store will be full within six hours if it grows on as it does',
  },
  evictions: {
    metricName: TROUBLE_METRICS.evictions,
    statistic: 'Sum',
    threshold: 1,
    severity: 'high',
    sentence: 'The session store evicts sessions: their users are logged out',
  },
  'keys-without-ttl': {
    metricName: TROUBLE_METRICS.withoutTtl,
    statistic: 'Maximum',
    threshold: WITHOUT_TTL_THRESHOLD, // a few are sessions that were being written, or a client that died between two commands
    periods: [3, 5],
    severity: 'medium',
    sentence: 'Sessions without a TTL pile up in the store',
  },
  'hit-rate-drop': {
    metricName: TROUBLE_METRICS.hitRateDropPoints,
    statistic: 'Maximum',
    threshold: 20,
    periods: [3, 5],
    severity: 'high',
    sentence: 'Sessions are looked up and not found far more often than in the two hours before',
  },
  'active-session-drop': {
    metricName: TROUBLE_METRICS.sessionDropPercent,
    statistic: 'Maximum',
    threshold: 50,
    periods: [2, 3],
    severity: 'high',
    sentence: 'Half of the sessions that were usual in the last two hours are gone',
  },
  'replication-lag': {
    metricName: TROUBLE_METRICS.replicationLagSeconds,
    statistic: 'Maximum',
    threshold: 10, // the deploy's own limit: a failover now would lose what the replica lacks
    periods: [3, 5],
    severity: 'high',
    sentence: 'A replica of the session store is behind, or has lost its primary',
  },
  failover: {
    metricName: TROUBLE_METRICS.failovers,
    statistic: 'Sum',
    threshold: 1,
    severity: 'medium',
    sentence: 'The session store has another primary than before',
  },
  connections: {
    metricName: TROUBLE_METRICS.connectionsPercent,
    statistic: 'Maximum',
    threshold: 80,
    periods: [3, 5],
    severity: 'high',
    sentence: 'The session store has nearly as many connections as it takes',
  },
  'authentication-failures': {
    metricName: TROUBLE_METRICS.authenticationFailures,
    statistic: 'Sum',
    threshold: 10, // a server that restarts with an old password tries some times and then again later
    periods: [2, 5],
    severity: 'medium',
    sentence: 'The session store refuses log-ins',
  },
  'collector-silent': {
    metricName: STORE_METRICS.activeSessions,
    statistic: 'SampleCount',
    threshold: 0,
    when: 'atMost',
    periods: [5, 5],
    missing: cloudwatch.TreatMissingData.BREACHING, // silence is what it is about
    severity: 'high',
    sentence: 'The session store has not been read for five minutes, so that no other alarm on it can go off',
  },
  'sweep-overdue': {
    metricName: TROUBLE_METRICS.sweepOverdueSeconds,
    statistic: 'Maximum',
    threshold: 1,
    periods: [10, 10],
    severity: 'low',
    sentence: 'The session store has not been swept for longer than it should be',
  },
};

/** What dashboards draw beside the metrics. */
export const STORE_THRESHOLDS = Object.fromEntries(Object.entries(RULES).map(([alarm, { threshold }]) => [alarm, threshold])) as Readonly<
  Record<StoreAlarm, number>
>;

export function storeAlarms(
  scope: Construct,
  { installation, topic, collectMinutes }: StoreAlarmsProps,
): Readonly<Record<StoreAlarm, cloudwatch.Alarm>> {
  const alarmOf = (heading: StoreAlarm) => {
    const { metricName, statistic, ...rule } = RULES[heading];
    return watchAlarm(scope, pascal(heading), {
      ...rule,
      alarmName: storeAlarmName(installation, heading),
      heading,
      topic,
      metric: storeMetric(installation, metricName, statistic, collectMinutes),
    });
  };
  const alarms = (Object.keys(RULES) as StoreAlarm[]).map((heading) => [heading, alarmOf(heading)] as const);
  return Object.fromEntries(alarms) as Record<StoreAlarm, cloudwatch.Alarm>;
}

/** A metric of the collector's. */
export const storeMetric = (installation: string, metricName: string, statistic: string, minutes = 1): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: { [STORE_DIMENSION]: installation },
    period: Duration.minutes(minutes),
    statistic,
  });

const pascal = (name: string): string => name.replaceAll(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
