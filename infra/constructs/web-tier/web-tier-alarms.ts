import { aws_cloudwatch as cloudwatch, Duration, type aws_elasticloadbalancingv2 as elbv2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { PEOPLE_GO_ON, PROBLEM_METRICS, STORE_METRICS } from '../../../functions/collect/contract.ts';
import type { FleetAlarm } from '../../../functions/shared/naming.ts';
import { storeMetric } from '../store/store-alarms.ts';
import { type FleetAlarmPlace, type FleetAlarmRule, fleetAlarm, minuteOf } from '../watch-alarm.ts';

export interface WebTierAlarmsProps extends FleetAlarmPlace {
  readonly targetGroup: elbv2.IApplicationTargetGroup;
  /** Whether the load balancer can have targets and rules of others: its own errors then say nothing about a deploy. */
  readonly sharesLoadBalancer: boolean;
  /** Sessions are in the installation's store, where the collector sees whether people go on. */
  readonly hasStore: boolean;
  readonly loggedOutPercent: number;
}

/** Users leave a page that takes longer. */
export const P99_SECONDS = 2;

/**
 * 5xx responses of servers that are too many: two per minute and one in a hundred requests. At night that is 3 of 5 requests, and at 10,000
 * a second a few errors are none.
 */
const TARGET_ERRORS: TooMany = { fewest: 2, percent: 1 };

/**
 * The same of failed connections to targets, and of 5xx responses of the load balancer itself. A broken drain sends requests to a server that
 * refuses them for 15 to 25 s: five of them mean one request in three to five seconds for that server. One minute above the threshold is
 * enough, because such a drain does not fill a second one. It is one of many servers, so a five-hundredth of the requests counts.
 */
const FRONT_ERRORS: TooMany = { fewest: 5, percent: 0.2 };

interface TooMany {
  /** Per minute, however few requests there are. */
  readonly fewest: number;
  /** Of the requests, in addition to those. */
  readonly percent: number;
}

/**
 * Added to the number of requests before the share is computed, so that a few redirects at night are no large share: 2 of 2 requests count
 * as 17 %, 10 of 10 as 50 %.
 */
const FEW_REQUESTS = 10;

/**
 * The load balancer's refusals in percent, times how far lookups fell within minutes. A few a minute are refused on any site; and at least this
 * part of what is missing has to be refused, since people who went home, or elsewhere, ask for nothing.
 */
const REFUSED_AND_FALLEN = { threshold: 5, few: 30, ofMissing: 0.15 } as const;
/** Who is sent to the login and logs in gets two answers that are no page; a bot that begins a session gets one. */
const ANSWERS_PER_LOGIN = 1.6;
/**
 * A minute of a redirect loop against the two minutes that ended three minutes earlier. At night: a quarter of their pages, and five redirects more
 * than those two had together; nine pages a minute are enough. By day, from 80 pages a minute on, two thirds of their pages and half as many
 * redirects as are missing: half of the people. Bots come when pages go on, or go on when pages end.
 */
const LOOP = {
  minutesBefore: 3,
  night: { pagesBefore: 4, ofPages: 0.125, redirects: '5' },
  day: { pagesBefore: 160, ofPages: 0.325, redirects: 'pages3 * 0.08' },
} as const;

/**
 * CloudWatch can evaluate a minute before all of its metrics are there, and FILL makes zeros of those that are not: one minute more than have to
 * breach lets the next evaluation see them.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html, FILL
 */
const ONE_MINUTE = [1, 3] as const;
const TWO_MINUTES = [2, 4] as const;

export interface WebTierAlarms {
  /** Those that a deploy watches while it settles. High latency does not stop a deploy. */
  readonly watchedByDeploys: readonly cloudwatch.Alarm[];
  readonly all: readonly cloudwatch.Alarm[];
}

export function webTierAlarms(scope: Construct, props: WebTierAlarmsProps): WebTierAlarms {
  const { fleetName, targetGroup, sharesLoadBalancer } = props;
  const alarm = (heading: FleetAlarm, rule: Omit<FleetAlarmRule, 'severity'> & Partial<FleetAlarmRule>) =>
    fleetAlarm(scope, props, heading, { severity: 'high', ...rule });
  const unhealthy = alarm('unhealthy-hosts', {
    sentence: `Servers of ${fleetName} fail the load balancer's health check`,
    metric: targetGroup.metrics.unhealthyHostCount(minuteOf('Maximum')),
    threshold: 1,
    // A server that starts can fail the checks of one minute. An empty group has no data and no unhealthy host.
    periods: [2, 3],
  });
  const sentence = `Servers of ${fleetName} respond with 5xx errors`;
  const share5xx = tooMany(TARGET_ERRORS, targetGroup, { errors: responses(targetGroup, '5XX') });
  const errors = alarm('target-5xx', { id: 'Target5xx', sentence, ...share5xx, periods: TWO_MINUTES });
  const refused = alarm('target-connection-errors', {
    sentence: `The load balancer cannot connect to servers of ${fleetName}`,
    ...tooMany(FRONT_ERRORS, targetGroup, { errors: connectionErrors(targetGroup) }),
    periods: ONE_MINUTE,
  });
  const own = sharesLoadBalancer
    ? ownErrorsOnShared(targetGroup)
    : { ...tooMany(FRONT_ERRORS, targetGroup, { errors: ofBalancer(targetGroup, 'HTTPCode_ELB_5XX_Count') }), periods: ONE_MINUTE };
  const ofOwn = `The load balancer of ${fleetName} responds with 5xx errors of its own`;
  const ownErrors = alarm('load-balancer-5xx', { id: 'LoadBalancer5xx', sentence: ofOwn, ...own });
  const slow = alarm('target-p99', {
    severity: 'medium',
    sentence: `The p99 latency of ${fleetName} exceeds ${P99_SECONDS} s`,
    metric: targetGroup.metrics.targetResponseTime(minuteOf('p99')),
    threshold: P99_SECONDS,
    periods: [3, 5],
    // At night one slow response already moves the p99: CloudWatch ignores minutes with too few samples.
    evaluatesFewSamples: false,
  });
  const share = (heading: 'redirects' | 'refusals', code: '3XX' | '4XX', what: string) =>
    alarm(heading, {
      severity: 'medium',
      sentence: `Most responses of ${fleetName} are ${what}, as when users are logged out`,
      metric: shareOfResponses(props, code),
      threshold: props.loggedOutPercent,
      periods: TWO_MINUTES,
    });
  const redirects = share('redirects', '3XX', 'redirects');
  const refusals = share('refusals', '4XX', 'refusals (4xx)');
  const turnedAway = alarm('load-balancer-refusals', {
    sentence: `The load balancer of ${fleetName} refuses requests, and fewer users reach its servers`,
    metric: refusedAndFallen(props),
    threshold: REFUSED_AND_FALLEN.threshold,
    periods: ONE_MINUTE,
  });
  const repeated = alarm('logins-repeated', {
    sentence: `Users of ${fleetName} log in again and again: some of its servers do not take their sessions`,
    metric: answersPerSession(props),
    threshold: ANSWERS_PER_LOGIN,
    periods: ONE_MINUTE,
  });
  const loop = alarm('redirect-loop', {
    sentence: `Pages of ${fleetName} stopped within minutes, and redirects came in their place`,
    metric: redirectsForPages(targetGroup),
    threshold: 1,
    periods: [2, 6],
  });
  const watchedByDeploys = [unhealthy, errors, refused, ...(sharesLoadBalancer ? [] : [ownErrors])];
  return { watchedByDeploys, all: [unhealthy, errors, refused, ownErrors, slow, redirects, refusals, turnedAway, repeated, loop] };
}

const responses = ({ metrics }: elbv2.IApplicationTargetGroup, code: '2XX' | '3XX' | '4XX' | '5XX'): cloudwatch.Metric =>
  metrics.httpCodeTarget(`HTTPCode_Target_${code}_Count` as elbv2.HttpCodeTarget, minuteOf('Sum'));

const math = (expression: string, usingMetrics: Record<string, cloudwatch.IMetric>): cloudwatch.MathExpression =>
  new cloudwatch.MathExpression({ expression, usingMetrics, period: Duration.minutes(1), label: '%' });

/**
 * Errors in percent of the requests, and of as many more as make the fewest that count reach the threshold. A minute without errors has no
 * data, and one with errors alone, when no target could be chosen, has no requests.
 */
function tooMany(
  { fewest, percent }: TooMany,
  { metrics }: elbv2.IApplicationTargetGroup,
  usingMetrics: { readonly errors: cloudwatch.Metric },
) {
  const requests = metrics.requestCount(minuteOf('Sum'));
  const metric = math(`100 * errors / (FILL(requests, 0) + ${(100 * fewest) / percent})`, { ...usingMetrics, requests });
  return { metric, threshold: percent };
}

/**
 * The load balancer counts its own 502s and 504s for all services together. Of this fleet can be as many as it got requests that no response of a
 * server is counted for: WebSockets and clients that give up can be among these too, and cause no 502. Where these are fewer than two fifths
 * of all 502s and 504s, other services have them: two fleets that fail together have half each. A request can be answered in the minute after its own, so two of four minutes count.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
function ownErrorsOnShared(targetGroup: elbv2.IApplicationTargetGroup) {
  const { fewest } = FRONT_ERRORS;
  const codes = { pages: '2XX', redirects: '3XX', refusals: '4XX', errors: '5XX' } as const;
  const answers = Object.entries(codes).map(([name, code]) => [name, responses(targetGroup, code)] as const);
  const answered = answers.map(([name]) => `FILL(${name}, 0)`).join(' - ');
  const requests = targetGroup.metrics.requestCount(minuteOf('Sum'));
  const unanswered = math(`requests - ${answered}`, { requests, ...Object.fromEntries(answers) });
  const failed = math('FILL(closed, 0) + FILL(late, 0)', {
    closed: ofBalancer(targetGroup, 'HTTPCode_ELB_502_Count'),
    late: ofBalancer(targetGroup, 'HTTPCode_ELB_504_Count'),
  });
  const own = math('IF(unanswered < failed, unanswered, failed)', { unanswered, failed });
  const metric = math(`IF(unanswered < 0.4 * failed, 0, 100 * own / (requests + ${100 * fewest}))`, { own, unanswered, failed, requests });
  return { metric, threshold: 1, periods: TWO_MINUTES };
}

export type SharedResponses = Pick<WebTierAlarmsProps, 'targetGroup' | 'installation' | 'hasStore'>;

/**
 * In percent. A minute without any such response has no data, whatever its requests. While people get their pages, redirects and refusals are
 * those of bots and scanners; where sessions are in the servers' memory, nobody counts what is to be expected. Where the collector has not read
 * the store for long, nothing is expected: that has its own alarm.
 * @param curve id of the responses in a graph, where no other metric may have it, and a minute without requests has no value
 */
export function shareOfResponses(
  { targetGroup, installation, hasStore }: SharedResponses,
  code: '3XX' | '4XX',
  curve?: string,
): cloudwatch.MathExpression {
  const id = curve ?? 'answers';
  const share = `100 * ${id} / (requests + ${FEW_REQUESTS})`;
  const ofAll = { [id]: responses(targetGroup, code), requests: targetGroup.metrics.requestCount(minuteOf('Sum')) };
  if (!hasStore) return math(share, ofAll);
  const goOn = `FILL(pages, 0) >= ${PEOPLE_GO_ON.share} * FILL(expected, 0) - ${PEOPLE_GO_ON.less}`;
  const turnedAway = `IF(${goOn}, 0, ${share})`;
  return math(curve === undefined ? turnedAway : `IF(requests, ${turnedAway}, 0)`, {
    ...ofAll,
    pages: responses(targetGroup, '2XX'),
    expected: storeMetric(installation, STORE_METRICS.expectedLookups, 'Maximum'),
  });
}

/**
 * The load balancer refuses many (a firewall's 403, a failed login at the identity provider), and at the same time far fewer come through: the
 * collector's reading is there before the load balancer's metrics of the same minute, so it meets those of the minute before.
 */
const refusedAndFallen = ({ targetGroup, installation }: WebTierAlarmsProps): cloudwatch.MathExpression => {
  const refused = math('FILL(refusals, 0) + FILL(failures, 0)', {
    refusals: ofBalancer(targetGroup, 'HTTPCode_ELB_4XX_Count'),
    failures: ofBalancer(targetGroup, 'HTTPCode_ELB_5XX_Count'),
  });
  const requests = math('FILL(counted, 0)', { counted: targetGroup.metrics.requestCount(minuteOf('Sum')) });
  const { few, ofMissing } = REFUSED_AND_FALLEN;
  const share = `refused1 / (requests1 + refused1 + ${few})`;
  // With a fall of 80 %, four requests are missing for each that came.
  return math(`IF(refused1 * (100 - fall) >= ${ofMissing} * requests1 * fall, ${share} * fall, 0)`, {
    refused1: math('refused - DIFF(refused)', { refused }),
    requests1: math('requests - DIFF(requests)', { requests }),
    fall: storeMetric(installation, PROBLEM_METRICS.lookupsFallPercent, 'Maximum'),
  });
};

/** Redirects and refusals, of the minute before as above, for each session that begins, while far too many begin for the pages that are read. */
const answersPerSession = ({ targetGroup, installation }: WebTierAlarmsProps): cloudwatch.MathExpression =>
  math('(answers - DIFF(answers)) / begun', {
    answers: math('FILL(redirects, 0) + FILL(refusals, 0)', {
      redirects: responses(targetGroup, '3XX'),
      refusals: responses(targetGroup, '4XX'),
    }),
    begun: storeMetric(installation, PROBLEM_METRICS.sessionsBegun, 'Maximum'),
  });

/**
 * 1 for each minute of a loop. DIFF goes to the data point before, and so can go further back; MIN and MAX would depend on how many data points
 * CloudWatch fetches for an evaluation, which is not documented. The last step back of the redirects has no entry of its own: an alarm takes ten.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataQuery.html
 */
function redirectsForPages(targetGroup: elbv2.IApplicationTargetGroup): cloudwatch.MathExpression {
  const { minutesBefore, night, day } = LOOP;
  const series = (name: string, code: '2XX' | '3XX') =>
    math(`FILL(${name}Counted, 0)`, { [`${name}Counted`]: responses(targetGroup, code) });
  const [pages, redirects] = [series('pages', '2XX'), series('redirects', '3XX')];
  const isLoop = [night, day].map(
    (one) =>
      `(pages3 >= ${one.pagesBefore} AND pages <= pages3 * ${one.ofPages} AND redirects >= redirects2 - DIFF(redirects2) + ${one.redirects})`,
  );
  return math(`IF(${isLoop.join(' OR ')}, 1, 0)`, {
    ...{ pages, redirects },
    pages3: twoMinutesBefore('pages', pages, minutesBefore),
    redirects2: twoMinutesBefore('redirects', redirects, minutesBefore - 1),
  });
}

/** The sum of two minutes, of which the later is so many minutes before each data point. */
function twoMinutesBefore(name: string, series: cloudwatch.MathExpression, minutes: number): cloudwatch.MathExpression {
  let [last, sum] = [`${name}Sum`, math(`2 * ${name} - DIFF(${name})`, { [name]: series })];
  for (let minute = 1; minute <= minutes; minute += 1) {
    sum = math(`${last} - DIFF(${last})`, { [last]: sum });
    last = `${name}Sum${minute}`;
  }
  return sum;
}

/**
 * ELB publishes it only for minutes in which it is not zero.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export const connectionErrors = ({ metrics }: elbv2.IApplicationTargetGroup, label?: string): cloudwatch.Metric =>
  metrics.targetConnectionErrorCount({ ...minuteOf('Sum'), ...(label !== undefined && { label }) });

/** Responses of the load balancer itself, which no target gave. It counts them per load balancer only, not per target group. */
export const ofBalancer = (
  targetGroup: elbv2.IApplicationTargetGroup,
  metricName: `HTTPCode_ELB_${'4XX' | '5XX' | '502' | '504'}_Count`,
  label?: string,
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/ApplicationELB',
    metricName,
    dimensionsMap: { LoadBalancer: connectionErrors(targetGroup).dimensions?.['LoadBalancer'] },
    ...minuteOf('Sum'),
    ...(label !== undefined && { label }),
  });
