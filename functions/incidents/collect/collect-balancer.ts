import { type AppContract, isReadyPath } from '../../shared/app-contract.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { ReadResponses, ResponseCounts } from '../../shared/aws/balancer-metrics.ts';
import type { Front } from '../../shared/aws/front.ts';
import { isForHealth, type ScalingHistory } from '../../shared/aws/scaling-history.ts';
import type { TargetGroup, TargetHealth } from '../../shared/aws/target-group.ts';
import { describeError } from '../../shared/errors.ts';
import type { Collector, IncidentFleet } from '../contract/environment.ts';
import { type BalancerFacts, LATEST_MINUTE, type Stickiness, type TrafficFacts, type UsualTraffic } from '../contract/evidence.ts';
import { chooseFleets, chooseOneFleet, type Fleets } from './fleets.ts';

export interface BalancerPorts {
  readonly fleets: Fleets;
  readonly front: (fleet: IncidentFleet) => Omit<Front, 'targetGroups'>;
  readonly targetGroup: (fleet: IncidentFleet) => Pick<TargetGroup, 'describeHealth'>;
  /** Contract of the fleet's current release; undefined before the first deploy. */
  readonly appContract: (fleetName: string) => Promise<AppContract | undefined>;
  readonly now: () => number;
}

export function createBalancer({ fleets, front, targetGroup, appContract, now }: BalancerPorts): Collector<'balancer'> {
  return async (request) => {
    const fleet = chooseOneFleet(fleets, request);
    if (typeof fleet === 'string') return { gap: fleet };
    const takenAtMs = now();
    const inFront = front(fleet);
    const [described, attributes, targets, app] = await Promise.all([
      inFront.describe(),
      inFront.attributes(),
      targetGroup(fleet).describeHealth(),
      orWhy(appContract(fleet.name)),
    ]);
    const { healthCheckPath, loadBalancerArn } = described;
    const listeners = loadBalancerArn === undefined ? [] : await inFront.listeners(loadBalancerArn);
    const contract = 'value' in app ? app.value : undefined;
    const why = 'why' in app ? app.why : 'no deploy has succeeded yet';
    const facts: BalancerFacts = {
      strategy: fleet.strategy,
      stickiness: stickinessOf(attributes),
      expectedStickiness: fleet.expectedStickiness,
      targets: targets.map(targetOf),
      listeners,
      arns: { targetGroup: fleet.targetGroupArn, ...(loadBalancerArn !== undefined && { loadBalancer: loadBalancerArn }) },
      healthCheckAsksStore: contract && healthCheckPath !== undefined ? isReadyPath(contract.health, healthCheckPath) : null,
      sessionsInMemory: contract ? contract.sessions !== undefined : null,
    };
    const gaps = [
      ...(loadBalancerArn === undefined ? ['no listener forwards to the target group, so that no listener was read'] : []),
      ...(contract ? [] : [`the contract of the current release is unknown: ${why}`]),
    ];
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}

export function stickinessOf(attributes: Readonly<Record<string, string>>): Stickiness {
  if (attributes['stickiness.enabled'] !== 'true') return { enabled: false };
  const type = attributes['stickiness.type'] === 'app_cookie' ? 'app_cookie' : 'lb_cookie';
  const cookieName = attributes['stickiness.app_cookie.cookie_name'];
  const duration = Number(attributes[`stickiness.${type}.duration_seconds`] ?? Number.NaN);
  return {
    enabled: true,
    type,
    ...(type === 'app_cookie' && cookieName !== undefined && { cookieName }),
    ...(Number.isFinite(duration) && { durationSeconds: duration }),
  };
}

/** The reason's code alone: its description can quote what the server responded. */
function targetOf({ instanceId, state, detail }: TargetHealth): BalancerFacts['targets'][number] {
  const reason = detail?.split(':', 1)[0];
  return { instanceId, state, ...(reason !== undefined && { reason }) };
}

export interface TrafficPorts {
  readonly fleets: Fleets;
  readonly front: (fleet: IncidentFleet) => Pick<Front, 'describe' | 'targetGroups'>;
  readonly responses: (loadBalancerArn: string, targetGroupArn: string) => ReadResponses;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
/** No minute within this time before the first sign counts as usual: an alarm fires minutes after the trouble began. */
const MARGIN_MS = 10 * MINUTE_MS;
/** What is usual comes from the hour before the first sign, also where a person asks for a later begin of the other evidence. */
const LOOKS_BACK_MS = 60 * MINUTE_MS;
/** CloudWatch has the load balancer's data up to three minutes late. */
const LATE_MS = 3 * MINUTE_MS;
const INCOMPLETE_MS = 2 * MINUTE_MS;
/** Yesterday, the day before, and the same day of the week. */
const USUAL_DAYS = [1, 2, 7] as const;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function createTraffic({ fleets, front, responses, now }: TrafficPorts): Collector<'traffic'> {
  return async (request) => {
    const fleet = chooseOneFleet(fleets, request);
    if (typeof fleet === 'string') return { gap: fleet };
    const inFront = front(fleet);
    const { loadBalancerArn } = await inFront.describe();
    if (loadBalancerArn === undefined) return { gap: 'no listener forwards to the target group, so that it has no metrics' };
    const takenAtMs = now();
    const sinceMs = Math.min(request.fromMs, request.firstSignMs - LOOKS_BACK_MS);
    const untilMs = Math.floor(Math.min(request.toMs, takenAtMs - INCOMPLETE_MS) / MINUTE_MS) * MINUTE_MS;
    const read = responses(loadBalancerArn, fleet.targetGroupArn);
    const [minutes, usual, groups] = await Promise.all([
      read(sinceMs, request.toMs),
      orWhy(readUsual(read, sinceMs, untilMs)),
      orWhy(inFront.targetGroups(loadBalancerArn)),
    ]);
    if (minutes.length === 0 && !('value' in usual && usual.value.length > 0))
      return { gap: `the load balancer has published no request since ${new Date(sinceMs).toISOString()}` };
    const isNew = minutes.every(({ minuteMs }) => minuteMs >= request.firstSignMs - MARGIN_MS);
    const lastMs = minutes.at(-1)?.minuteMs ?? sinceMs;
    const own = [fleet.targetGroupArn, fleet.drainTargetGroupArn];
    const facts: TrafficFacts = {
      byMinute: minutes.filter(({ minuteMs }) => minuteMs + MINUTE_MS <= untilMs),
      ...('value' in usual && { usual: usual.value }),
      ...('value' in groups && { balancerShared: groups.value.some((group) => !own.includes(group)) }),
    };
    const gaps = [
      ...(isNew ? ['there were no requests in the hour before, so that nothing can be compared'] : []),
      ...(takenAtMs - lastMs > LATE_MS + MINUTE_MS ? [`${LATEST_MINUTE}${new Date(lastMs).toISOString()}`] : []),
      ...('why' in usual ? [`the requests of the days before could not be read: ${usual.why}`] : []),
      ...('why' in groups ? [`whether others use the load balancer could not be read: ${groups.why}`] : []),
    ];
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}

const orWhy = async <T>(reading: Promise<T>): Promise<{ readonly value: T } | { readonly why: string }> =>
  reading.then(
    (value) => ({ value }),
    (error: unknown) => ({ why: describeError(error) }),
  );

async function readUsual(read: ReadResponses, fromMs: number, toMs: number): Promise<readonly UsualTraffic[]> {
  const days = await Promise.all(USUAL_DAYS.map(async (daysAgo) => read(fromMs - daysAgo * DAY_MS, toMs - daysAgo * DAY_MS)));
  return days.flatMap((minutes) => {
    if (minutes.length === 0) return [];
    const sum = (count: Exclude<keyof ResponseCounts, 'elb3xx'>) => sumOf(minutes, (minute) => minute[count]);
    const { length } = minutes;
    const ofTargets = { requests: sum('requests'), target3xx: sum('target3xx'), target4xx: sum('target4xx'), target5xx: sum('target5xx') };
    return [{ minutes: length, ...ofTargets, elb4xx: sum('elb4xx'), elb5xx: sum('elb5xx') }];
  });
}

export interface ScalingPorts {
  readonly fleets: Fleets;
  readonly history: (autoScalingGroup: string) => ScalingHistory;
  readonly now: () => number;
}

export function createScaling({ fleets, history, now }: ScalingPorts): Collector<'scaling'> {
  return async (request) => {
    const chosen = chooseFleets(fleets, request);
    const groups = chosen.flatMap(({ autoScalingGroup }) => autoScalingGroup ?? []);
    if (groups.length === 0) return { gap: 'the servers exist without an Auto Scaling group, so that nothing replaces them' };
    const takenAtMs = now();
    const read = await Promise.all(
      groups.map(async (group) => {
        const past = history(group);
        const [described, activities] = await Promise.all([past.describe(), past.activitiesSince(request.fromMs)]);
        return { ...described, activities };
      }),
    );
    const activities = read.flatMap((one) => one.activities).filter(({ startedAtMs }) => startedAtMs <= request.toMs);
    const terminations = activities.filter(({ kind }) => kind === 'termination');
    const endedAtMs = terminations.map(({ startedAtMs }) => startedAtMs);
    const without = chosen.flatMap(({ name, autoScalingGroup }) => (autoScalingGroup === undefined ? [name] : []));
    return {
      takenAtMs,
      facts: {
        groups,
        usesElbHealthChecks: read.some(({ healthCheckTypes }) => healthCheckTypes.includes('ELB')),
        terminated: terminations.length,
        replacedUnhealthy: terminations.filter(isForHealth).length,
        ...(endedAtMs.length > 0 && { firstTerminationMs: Math.min(...endedAtMs), lastTerminationMs: Math.max(...endedAtMs) }),
      },
      ...(without.length > 0 && { gaps: [`fleets without an Auto Scaling group are not in these numbers: ${without.join(', ')}`] }),
    };
  };
}
