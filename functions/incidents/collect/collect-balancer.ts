import { type AppContract, isGate } from '../../shared/app-contract.ts';
import type { Front } from '../../shared/aws/front.ts';
import type { TargetGroup, TargetHealth } from '../../shared/aws/target-group.ts';
import { describeError } from '../../shared/errors.ts';
import type { Collector, IncidentFleet } from '../contract/collect.ts';
import type { BalancerFacts, Stickiness } from '../contract/evidence.ts';
import { chooseOneFleet, type Fleets } from './choose-fleets.ts';

export interface BalancerPorts {
  readonly fleets: Fleets;
  readonly front: (fleet: IncidentFleet) => Omit<Front, 'targetGroups'>;
  readonly targetGroup: (fleet: IncidentFleet) => Pick<TargetGroup, 'describeHealth'>;
  /** Contract of the fleet's current release; undefined before the first deploy. */
  readonly appContract: (fleetName: string) => Promise<AppContract | undefined>;
  readonly now: () => number;
}

/** The load balancer's settings and target states of one fleet. @throws an error of Elastic Load Balancing */
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
      readContract(appContract(fleet.name)),
    ]);
    const { healthCheckPath, loadBalancerArn } = described;
    const listeners = loadBalancerArn === undefined ? [] : await inFront.listeners(loadBalancerArn);
    const { contract, why } = app;
    const facts: BalancerFacts = {
      strategy: fleet.strategy,
      stickiness: stickinessOf(attributes),
      expectedStickiness: fleet.expectedStickiness,
      targets: targets.map(targetOf),
      listeners,
      arns: { targetGroup: fleet.targetGroupArn, ...(loadBalancerArn !== undefined && { loadBalancer: loadBalancerArn }) },
      healthCheckAsksStore: contract && healthCheckPath !== undefined ? isGate(contract.health, healthCheckPath) : null,
      sessionsInMemory: contract ? contract.sessions !== undefined : null,
    };
    const gaps = [
      ...(loadBalancerArn === undefined ? ['no listener forwards to the target group, so that no listener was read'] : []),
      ...(contract ? [] : [`the contract of the current release is unknown: ${why}`]),
    ];
    return { takenAtMs, facts, ...(gaps.length > 0 && { gaps }) };
  };
}

/** The facts without the contract are worth more than none. */
async function readContract(reading: Promise<AppContract | undefined>): Promise<{ readonly contract?: AppContract; readonly why: string }> {
  try {
    const contract = await reading;
    return contract ? { contract, why: '' } : { why: 'no deploy has succeeded yet' };
  } catch (error) {
    return { why: describeError(error) };
  }
}

/** @param attributes of the target group, by key */
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
