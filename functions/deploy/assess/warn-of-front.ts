import { latestDrainTimeoutSeconds } from '../../instance/drain-times.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import type { ResolvedSettings } from '../settings/settings.ts';
import type { FleetMember } from './fleet-members.ts';

/** The load balancer as it is, next to what a deploy plans with. */
export interface FrontFacts {
  /** The target group's. */
  readonly attributes: Attributes;
  readonly targetGroupArn: string;
  /** Every target group with which the fleet's Auto Scaling group registers its servers; empty without a group. */
  readonly registersWith: readonly string[];
  readonly members: readonly Pick<FleetMember, 'instanceId' | 'lifecycle' | 'zone'>[];
  readonly settings: Pick<ResolvedSettings, 'deregistrationDelaySeconds' | 'drainTimeoutSeconds' | 'drainSignal' | 'bakeSeconds'>;
}

/** One sentence for each setting of the load balancer by which users meet more of the deploy than it promises, with what to do. */
export const warnOfFront = (facts: FrontFacts): readonly string[] => [
  ...warnOfOtherGroups(facts),
  ...warnOfShortDelay(facts),
  ...warnOfLoneZones(facts),
  ...warnOfSlowStart(facts),
];

function warnOfOtherGroups({ targetGroupArn, registersWith }: FrontFacts): readonly string[] {
  const others = registersWith.filter((arn) => arn !== targetGroupArn).map(nameOf);
  if (others.length === 0) return [];
  return [
    `The Auto Scaling group registers its servers with ${others.join(' and ')} too. A deploy takes a server out of ${nameOf(targetGroupArn)} alone: requests that come through another target group are cut when the server stops, and reach it before its release has passed the health gate. Detach the group from the others, and send their requests through the fleet's load balancer.`,
  ];
}

/** `targetgroup/NAME/ID` at the ARN's end. */
const nameOf = (targetGroupArn: string): string => targetGroupArn.split('/').at(-2) ?? targetGroupArn;

function warnOfShortDelay({ attributes, settings }: FrontFacts): readonly string[] {
  const { deregistrationDelaySeconds: planned, drainTimeoutSeconds, drainSignal } = settings;
  const delay = Number(attributes['deregistration_delay.timeout_seconds'] ?? planned);
  if (drainSignal === 'blind' || drainTimeoutSeconds <= latestDrainTimeoutSeconds(delay)) return [];
  return [
    `The target group's deregistration delay is ${delay} s, and deploys plan with ${planned} s: the load balancer cuts requests that take longer than ${delay} s while a drain still waits for them. Set deregistration_delay.timeout_seconds of the target group to ${planned}, or deploy.deregistrationDelaySeconds to ${delay}.`,
  ];
}

function warnOfLoneZones({ attributes, members }: FrontFacts): readonly string[] {
  if (attributes['load_balancing.cross_zone.enabled'] !== 'false') return [];
  const inService = members.filter(({ lifecycle, zone }) => lifecycle === 'inService' && zone !== undefined);
  const lone = inService.filter(({ instanceId, zone }) => !inService.some((one) => one.zone === zone && one.instanceId !== instanceId));
  if (lone.length === 0) return [];
  const servers = lone.map(({ instanceId, zone }) => `${instanceId} in ${zone}`).join(', ');
  return [
    `Cross-zone load balancing is off for the target group, and these servers are alone in their Availability Zones: ${servers}. While one is out, the load balancer has no server there and answers 503 to whom DNS still leads to that zone. Set load_balancing.cross_zone.enabled of the target group to use_load_balancer_configuration, or have two servers in each zone.`,
  ];
}

function warnOfSlowStart({ attributes, settings }: FrontFacts): readonly string[] {
  const seconds = Number(attributes['slow_start.duration_seconds'] ?? 0);
  if (seconds <= settings.bakeSeconds) return [];
  return [
    `The target group starts servers slowly, over ${seconds} s, and a bake takes ${settings.bakeSeconds} s: it sees a part of a server's requests, and the next server leaves before this one has its share. Set deploy.bakeSeconds to ${seconds}, or slow_start.duration_seconds to 0.`,
  ];
}
