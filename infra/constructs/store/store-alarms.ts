import { aws_cloudwatch as cloudwatch, Duration, type aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PROBLEM_METRICS, SILENT_READINGS, STORE_DIMENSION, STORE_METRICS } from '../../../functions/collect/contract.ts';
import { METRICS } from '../../../functions/deploy/contract/common.ts';
import { WITHOUT_TTL_THRESHOLD } from '../../../functions/records/ttl-baseline.ts';
import { type StoreAlarm, storeAlarmName } from '../../../functions/shared/naming.ts';
import { pascalCase } from '../../../functions/shared/texts.ts';
import type { Policy } from '../../../functions/sweep/contract/settings.ts';
import { type WatchAlarmProps, watchAlarm } from '../watch-alarm.ts';

/**
 * A collector that never reads has its alarm within ten minutes: eight minutes of warm-up, and up to two for the evaluation after it. A new collector has
 * its first data point sooner: five minutes at most between two readings, one for the schedule's precision, one until
 * CloudWatch has the metric from the log.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
const FIRST_READING_MINUTES = 8;

export interface StoreAlarmsProps {
  readonly installation: string;
  readonly topic: sns.ITopic;
  /** Minutes between two readings: the alarms' period. */
  readonly collectMinutes: number;
  /** Of scheduled sweeps, and of those that alarms start. */
  readonly policy: Policy;
  /** Applications that no fleet deploys use the store: what is counted over all of its keys can be of keys that are no sessions. @default false */
  readonly isShared?: boolean;
}

type Rule = Pick<WatchAlarmProps, 'sentence' | 'threshold' | 'when' | 'periods' | 'missing' | 'warmUp'> & {
  readonly metricName: string;
  /** @default Maximum */
  readonly statistic?: 'Sum' | 'SampleCount';
  /** @default high */
  readonly severity?: WatchAlarmProps['severity'];
  /**
   * It starts a sweep. One that repairs needs nobody; after one that reports, keys count as left on purpose and the alarm ends, so that
   * this is the only notification. @default false
   */
  readonly startsSweep?: boolean;
  /** What is counted in a store that other applications use, where it is of all keys. */
  readonly sharedSentence?: string;
};

/**
 * The rule of each alarm on the store. They watch the collector's metrics, which exist for every store, created or existing,
 * with one series each for any number of nodes. Metrics of trouble have no data while there is none.
 */
const RULES: Readonly<Record<StoreAlarm, Rule>> = {
  'memory-percent': {
    metricName: PROBLEM_METRICS.memoryPercent,
    threshold: 80, // the rest has room for a day's growth, and for a snapshot's copy of keys that change meanwhile
    periods: [3, 5],
    sentence: 'The memory of the session store is nearly full',
  },
  'time-to-full': {
    metricName: PROBLEM_METRICS.secondsUntilFull,
    threshold: 6 * 3_600, // time to act within a working day
    when: 'atMost',
    periods: [10, 10], // a trend, not a burst of logins
    sentence: 'The session store is more than half full, and will be full within six hours at its present growth',
  },
  evictions: {
    metricName: PROBLEM_METRICS.evictions,
    statistic: 'Sum',
    threshold: 1,
    sentence: 'The session store evicts sessions, and their users are logged out',
    sharedSentence: 'The session store evicts keys, which can be sessions: their users are logged out',
  },
  'refused-writes': {
    metricName: PROBLEM_METRICS.refusedWrites,
    statistic: 'Sum',
    threshold: 10, // a failover has a few, of clients that reconnect
    periods: [2, 5],
    sentence: 'The session store refuses writes, and users cannot log in',
    sharedSentence: 'The session store refuses writes, which can be those of log-ins',
  },
  'engine-cpu': {
    metricName: PROBLEM_METRICS.engineCpuPercent,
    // @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.WhichShouldIMonitor.html
    threshold: 90,
    periods: [5, 10], // a backup, or a full synchronization, is over by then
    sentence: "A node of the session store is at the limit of its engine's one thread",
  },
  'keys-without-ttl': {
    metricName: PROBLEM_METRICS.withoutTtl,
    threshold: WITHOUT_TTL_THRESHOLD, // a few are sessions in the middle of a write, or a client that failed between two commands
    periods: [3, 5],
    severity: 'low',
    startsSweep: true, // which repairs them, or knows them from then on; what it cannot repair has the next alarm
    sentence: 'The session store contains many keys without a TTL that the last full sweep did not leave on purpose, and a sweep starts',
  },
  'keys-unrepaired': {
    metricName: PROBLEM_METRICS.unrepaired,
    threshold: 1,
    severity: 'medium',
    sentence: 'The last sweep of the session store could not repair keys without a TTL',
  },
  'hit-rate-drop': {
    metricName: PROBLEM_METRICS.hitRateDropPoints,
    threshold: 20,
    periods: [3, 5],
    sentence: 'Far more lookups than in the last two hours find no session',
    sharedSentence: 'Far more lookups of keys than in the last two hours find none, which can be sessions that were lost',
  },
  'active-session-drop': {
    metricName: PROBLEM_METRICS.sessionDropPercent,
    threshold: 50,
    periods: [2, 3],
    sentence: 'The number of sessions fell to half of what the last two hours had, and further than on other days at this hour',
  },
  'sessions-lost': {
    metricName: PROBLEM_METRICS.sessionsLostPercent,
    threshold: 5, // the collector's own least, with as many people who come with a lost session: a class that logs out together has none of these
    sentence: 'Sessions were deleted from the session store while their users were active',
  },
  'logins-again': {
    metricName: PROBLEM_METRICS.loginsAgainPercent,
    threshold: 1, // the collector publishes it from a quarter of all sessions on
    sentence: 'Users who were logged in log in again: their cookies have stopped naming their sessions',
  },
  'replication-lag': {
    metricName: PROBLEM_METRICS.replicationLagSeconds,
    threshold: 10, // the deploy's own limit: a failover now would lose what the replica lacks
    periods: [3, 5],
    sentence: 'A replica of the session store lags, or has lost its primary',
  },
  failover: {
    metricName: PROBLEM_METRICS.failovers,
    statistic: 'Sum',
    threshold: 1,
    severity: 'medium',
    sentence: 'The primary of the session store changed',
  },
  connections: {
    metricName: PROBLEM_METRICS.connectionsPercent,
    threshold: 80,
    periods: [3, 5],
    sentence: 'The session store has nearly reached its maximum number of connections',
  },
  'authentication-failures': {
    metricName: PROBLEM_METRICS.authenticationFailures,
    statistic: 'Sum',
    threshold: 10, // a server that restarts with an old password tries a few times, and again later
    periods: [2, 5],
    severity: 'medium',
    sentence: 'The session store rejects logins',
  },
  'collector-silent': {
    metricName: STORE_METRICS.activeSessions,
    statistic: 'SampleCount',
    threshold: 0,
    when: 'atMost',
    periods: [SILENT_READINGS, SILENT_READINGS],
    missing: cloudwatch.TreatMissingData.BREACHING, // silence is the trouble
    warmUp: Duration.minutes(FIRST_READING_MINUTES),
    sentence: 'The last five readings of the session store are missing, so no other alarm on it can fire',
  },
  'store-unreachable': {
    metricName: PROBLEM_METRICS.unreachable,
    statistic: 'Sum',
    threshold: 1, // one reading waits ten seconds for each node: Auto Scaling replaces servers soon after
    sentence: 'The collector reaches no primary of the session store',
  },
  'sweep-overdue': {
    metricName: PROBLEM_METRICS.sweepOverdueSeconds,
    threshold: 1,
    periods: [10, 10],
    severity: 'low',
    sentence: 'A sweep of the session store is overdue',
  },
};

/** Dashboards draw these next to the metrics. */
export const STORE_THRESHOLDS = Object.fromEntries(Object.entries(RULES).map(([alarm, { threshold }]) => [alarm, threshold])) as Readonly<
  Record<StoreAlarm, number>
>;

export function storeAlarms(
  scope: Construct,
  { installation, topic, collectMinutes, policy, isShared = false }: StoreAlarmsProps,
): Readonly<Record<StoreAlarm, cloudwatch.Alarm>> {
  const alarmOf = (heading: StoreAlarm) => {
    const { metricName, statistic = 'Maximum', severity = 'high', startsSweep = false, sharedSentence, ...rule } = RULES[heading];
    const reports = startsSweep && policy === 'report';
    return watchAlarm(scope, pascalCase(heading), {
      ...{ ...rule, severity },
      ...(isShared && sharedSentence !== undefined && { sentence: sharedSentence }),
      ...(reports && { sentence: `${rule.sentence} that reports them, and repairs none unless earlier ones did` }),
      alarmName: storeAlarmName(installation, heading),
      heading,
      topic: startsSweep && !reports ? undefined : topic,
      metric: storeMetric(installation, metricName, statistic, collectMinutes),
    });
  };
  const alarms = (Object.keys(RULES) as StoreAlarm[]).map((heading) => [heading, alarmOf(heading)] as const);
  return Object.fromEntries(alarms) as Record<StoreAlarm, cloudwatch.Alarm>;
}

export const storeMetric = (installation: string, metricName: string, statistic: string, minutes = 1): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: METRICS.namespace,
    metricName,
    dimensionsMap: { [STORE_DIMENSION]: installation },
    period: Duration.minutes(minutes),
    statistic,
  });
