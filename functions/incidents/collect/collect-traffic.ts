import { sumOf } from '../../shared/arithmetic.ts';
import type { ReadResponses, ResponseCounts } from '../../shared/aws/balancer-metrics.ts';
import type { Front } from '../../shared/aws/front.ts';
import { describeError } from '../../shared/errors.ts';
import type { Collector, IncidentFleet } from '../contract/collect.ts';
import { LATEST_MINUTE, type TrafficFacts, type UsualTraffic } from '../contract/evidence.ts';
import { sharesOf } from '../contract/traffic-shares.ts';
import { chooseOneFleet, type Fleets } from './choose-fleets.ts';

export interface TrafficPorts {
  readonly fleets: Fleets;
  readonly front: (fleet: IncidentFleet) => Pick<Front, 'describe' | 'targetGroups'>;
  readonly responses: (loadBalancerArn: string, targetGroupArn: string) => ReadResponses;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
/** An alarm fires after up to five minutes of trouble: these are part of it. */
const BEFORE_ALARM_MS = 5 * MINUTE_MS;
/** And no minute within this time before the first sign counts as usual. */
const MARGIN_MS = 10 * MINUTE_MS;
/** What is usual comes from the hour before the first sign, also where a person asks for a later begin of the other evidence. */
const LOOKS_BACK_MS = 60 * MINUTE_MS;
/** CloudWatch has the load balancer's data up to three minutes late. */
const LATE_MS = 3 * MINUTE_MS;
/** A minute is whole so long after its end. */
const INCOMPLETE_MS = 2 * MINUTE_MS;
/** Yesterday, the day before, and the same day of the week. */
const USUAL_DAYS = [1, 2, 7] as const;
/** A minute without a request has no datapoint: silence where there were some is none, and no missing piece. */
const NO_REQUEST = { requests: 0, redirectPercent: 0, clientErrorPercent: 0, targetErrorPercent: 0, balancerErrorPercent: 0 };
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Shares of the load balancer's responses since the trouble began, and in the rest of the hour before; and its counts by the minute. */
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
    const since = request.firstSignMs - BEFORE_ALARM_MS;
    const present = sharesOf(minutes.filter(({ minuteMs }) => minuteMs >= since)) ?? NO_REQUEST;
    if (minutes.length === 0 && !('value' in usual && usual.value.length > 0))
      return { gap: `the load balancer has published no request since ${new Date(since).toISOString()}` };
    const before = sharesOf(minutes.filter(({ minuteMs }) => minuteMs < request.firstSignMs - MARGIN_MS));
    const lastMs = minutes.at(-1)?.minuteMs ?? since;
    const own = [fleet.targetGroupArn, fleet.drainTargetGroupArn];
    const facts: TrafficFacts = {
      now: present,
      before,
      byMinute: minutes.filter(({ minuteMs }) => minuteMs + MINUTE_MS <= untilMs),
      ...('value' in usual && { usual: usual.value }),
      ...('value' in groups && { balancerShared: groups.value.some((group) => !own.includes(group)) }),
    };
    const gaps = [
      ...(before === null ? ['there were no requests in the hour before, so that nothing can be compared'] : []),
      ...(takenAtMs - lastMs > LATE_MS + MINUTE_MS ? [`${LATEST_MINUTE}${new Date(lastMs).toISOString()}`] : []),
      ...('why' in usual ? [`the requests of the days before could not be read: ${usual.why}`] : []),
      ...('why' in groups ? [`whether others use the load balancer could not be read: ${groups.why}`] : []),
    ];
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}

/** The shares are worth more than what is read next to them. */
const orWhy = async <T>(reading: Promise<T>): Promise<{ readonly value: T } | { readonly why: string }> =>
  reading.then(
    (value) => ({ value }),
    (error: unknown) => ({ why: describeError(error) }),
  );

/** Sums over the same minutes of earlier days. */
async function readUsual(read: ReadResponses, fromMs: number, toMs: number): Promise<readonly UsualTraffic[]> {
  const days = await Promise.all(
    USUAL_DAYS.map(async (daysAgo) => ({ daysAgo, minutes: await read(fromMs - daysAgo * DAY_MS, toMs - daysAgo * DAY_MS) })),
  );
  return days.flatMap(({ daysAgo, minutes }) => {
    if (minutes.length === 0) return [];
    const sum = (count: Exclude<keyof ResponseCounts, 'elb3xx'>) => sumOf(minutes, (minute) => minute[count]);
    const { length } = minutes;
    const ofTargets = { requests: sum('requests'), target3xx: sum('target3xx'), target4xx: sum('target4xx'), target5xx: sum('target5xx') };
    return [{ daysAgo, minutes: length, ...ofTargets, elb4xx: sum('elb4xx'), elb5xx: sum('elb5xx') }];
  });
}
