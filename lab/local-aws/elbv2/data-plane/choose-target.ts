/** Which target group and which target get a request. Pure: turn and chance come from outside. */
import type { Target, TargetGroup } from '../resources.ts';
import { isRoutable } from './target-state.ts';

export type Algorithm = 'round_robin' | 'least_outstanding_requests' | 'weighted_random';

/**
 * The targets that may get a new request: the healthy ones or, when there is none, all of them (fail-open).
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export function eligibleTargets(targets: Iterable<Target>, nowMs: number): Target[] {
  const routable: Target[] = [];
  const healthy: Target[] = [];
  for (const target of targets) {
    if (!isRoutable(target, nowMs)) continue;
    routable.push(target);
    if (target.health.state === 'healthy') healthy.push(target);
  }
  return healthy.length > 0 ? healthy : routable;
}

/**
 * The targets that are left with cross-zone load balancing off: those in the zone of the node that the request came to. A zone without any of
 * them has no node in the load balancer's DNS name, and the others get equally many requests, however many targets each has.
 * @param chance from 0 up to 1
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html
 */
export function targetsOfNode(
  eligible: readonly Target[],
  zoneOf: (target: Target) => string | undefined,
  chance: number,
): readonly Target[] {
  const zones = [...new Set(eligible.map(zoneOf))].toSorted();
  const zone = zones[Math.floor(chance * zones.length)];
  return eligible.filter((target) => zoneOf(target) === zone);
}

/** An Application Load Balancer has it always on; a target group can turn it off for itself. */
export const crossesZones = ({ attributes }: Pick<TargetGroup, 'attributes'>): boolean =>
  attributes.get('load_balancing.cross_zone.enabled') !== 'false';

/**
 * @param turn counts up by one a request, for round robin
 * @param outstanding requests in flight at a target
 * @param chance from 0 up to 1
 */
export function chooseTarget(
  eligible: readonly Target[],
  choice: { algorithm: Algorithm; turn: number; chance: number; outstanding: (target: Target) => number },
): Target | undefined {
  switch (choice.algorithm) {
    case 'round_robin':
      return eligible[choice.turn % Math.max(1, eligible.length)];
    case 'weighted_random':
      return eligible[Math.floor(choice.chance * eligible.length)];
    case 'least_outstanding_requests': {
      // Starting at the turn spreads requests over targets that are equally idle.
      let best: Target | undefined;
      let fewest = Number.POSITIVE_INFINITY;
      for (let index = 0; index < eligible.length; index += 1) {
        const target = eligible[(choice.turn + index) % eligible.length];
        if (target === undefined) continue;
        const count = choice.outstanding(target);
        if (count < fewest) [best, fewest] = [target, count];
      }
      return best;
    }
  }
}

/** One of the groups, at random by weight; undefined when every weight is 0. */
export function chooseGroup(groups: readonly { readonly arn: string; readonly weight: number }[], chance: number): string | undefined {
  const total = groups.reduce((sum, group) => sum + group.weight, 0);
  let rest = chance * total;
  for (const group of groups) {
    rest -= group.weight;
    if (rest < 0) return group.arn;
  }
  return undefined;
}
