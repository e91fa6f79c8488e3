/** What the load balancer's counts of some minutes are together. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import type { ResponseCounts, ResponseMinute } from '../../shared/aws/balancer-metrics.ts';
import type { TrafficShares } from './evidence.ts';

const MINUTE_MS = 60_000;

/** @param minutes oldest first. Null without any request. */
export function sharesOf(minutes: readonly ResponseMinute[]): TrafficShares | null {
  const sum = (count: Exclude<keyof ResponseCounts, 'elb3xx'>) => sumOf(minutes, (minute) => minute[count]);
  const [requests, balancerErrors] = [sum('requests'), sum('elb5xx')];
  // RequestCount has only the requests for which the load balancer found a target.
  const all = requests + balancerErrors;
  if (all === 0) return null;
  const percent = (count: number, of: number) => (of === 0 ? 0 : Math.round((1_000 * count) / of) / 10);
  const [firstMs = 0, lastMs = 0] = [minutes[0]?.minuteMs, minutes.at(-1)?.minuteMs];
  return {
    requests: all,
    minutes: (lastMs - firstMs) / MINUTE_MS + 1,
    redirectPercent: percent(sum('target3xx'), requests),
    clientErrorPercent: percent(sum('target4xx'), requests),
    targetErrorPercent: percent(sum('target5xx'), requests),
    balancerErrorPercent: percent(balancerErrors, all),
  };
}
