import { sumOf } from '../../shared/arithmetic.ts';
import type { ReadResponses, ResponseCounts, ResponseMinute } from '../../shared/aws/balancer-metrics.ts';
import type { Front } from '../../shared/aws/front.ts';
import type { Collector, IncidentFleet } from '../contract/collect.ts';
import type { TrafficShares } from '../contract/evidence.ts';
import { chooseOneFleet, type Fleets } from './choose-fleets.ts';

export interface TrafficPorts {
  readonly fleets: Fleets;
  readonly front: (fleet: IncidentFleet) => Pick<Front, 'describe'>;
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

/** Shares of the load balancer's responses since the trouble began, and in the rest of the hour before. */
export function createTraffic({ fleets, front, responses, now }: TrafficPorts): Collector<'traffic'> {
  return async (request) => {
    const fleet = chooseOneFleet(fleets, request);
    if (typeof fleet === 'string') return { gap: fleet };
    const { loadBalancerArn } = await front(fleet).describe();
    if (loadBalancerArn === undefined) return { gap: 'no listener forwards to the target group, so that it has no metrics' };
    const takenAtMs = now();
    const sinceMs = Math.min(request.fromMs, request.firstSignMs - LOOKS_BACK_MS);
    const minutes = await responses(loadBalancerArn, fleet.targetGroupArn)(sinceMs, request.toMs);
    const since = request.firstSignMs - BEFORE_ALARM_MS;
    const present = sharesOf(minutes.filter(({ atMs }) => atMs >= since));
    if (present === null) return { gap: `the load balancer has published no request since ${new Date(since).toISOString()}` };
    const before = sharesOf(minutes.filter(({ atMs }) => atMs < request.firstSignMs - MARGIN_MS));
    const lastMs = minutes.at(-1)?.atMs ?? since;
    const gaps = [
      ...(before === null ? ['there were no requests in the hour before, so that nothing can be compared'] : []),
      ...(takenAtMs - lastMs > LATE_MS + MINUTE_MS ? [`the latest minute that CloudWatch has is ${new Date(lastMs).toISOString()}`] : []),
    ];
    return { takenAtMs, facts: { now: present, before }, ...(gaps.length > 0 && { gaps }) };
  };
}

/** @param minutes oldest first. Null without any request. */
export function sharesOf(minutes: readonly ResponseMinute[]): TrafficShares | null {
  const sum = (count: keyof ResponseCounts) => sumOf(minutes, (minute) => minute[count]);
  const [requests, balancerErrors] = [sum('requests'), sum('balancerErrors')];
  // RequestCount has only the requests for which the load balancer found a target.
  const all = requests + balancerErrors;
  if (all === 0) return null;
  const percent = (count: number, of: number) => (of === 0 ? 0 : Math.round((1_000 * count) / of) / 10);
  const [firstMs = 0, lastMs = 0] = [minutes[0]?.atMs, minutes.at(-1)?.atMs];
  return {
    requests: all,
    minutes: (lastMs - firstMs) / MINUTE_MS + 1,
    redirectPercent: percent(sum('redirects'), requests),
    clientErrorPercent: percent(sum('clientErrors'), requests),
    targetErrorPercent: percent(sum('targetErrors'), requests),
    balancerErrorPercent: percent(balancerErrors, all),
  };
}
