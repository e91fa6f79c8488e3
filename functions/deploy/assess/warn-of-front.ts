import { DEFAULT_ADDRESS_DELAY_SECONDS, findUnfitTime, latestDrainTimeoutSeconds } from '../../instance/drain-times.ts';
import type { Attributes } from '../../shared/aws/attributes-reader.ts';
import { capital } from '../../shared/counted.ts';
import { durationText } from '../../shared/times.ts';
import { longestDelaySeconds, type ResolvedSettings } from '../settings/settings.ts';
import { type Fault, faultText } from './fault.ts';
import type { FleetMember } from './fleet-members.ts';

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const DELAY = 'deregistration_delay.timeout_seconds';
const CROSS_ZONE = 'load_balancing.cross_zone.enabled';
const AS_LOAD_BALANCER = 'use_load_balancer_configuration';
const SLOW_START = 'slow_start.duration_seconds';

type DrainSetting =
  | 'deregistrationDelaySeconds'
  | 'drainTimeoutSeconds'
  | 'drainSignal'
  | 'drainFloorSeconds'
  | 'quietSeconds'
  | 'registerTimeoutSeconds';

/** With addresses, a longer delay than this is worth a word: each server is out of service for as long. */
const LONG_DELAY_SECONDS = 120;

/** The load balancer as it is, next to what a deploy plans with. */
export interface FrontFacts {
  /** The target group's. */
  readonly attributes: Attributes;
  readonly targetGroupArn: string;
  /** Its targets are addresses. */
  readonly ofAddresses?: boolean | undefined;
  /** Every target group that has the fleet's servers: those of its Auto Scaling group, or those that listed servers are in. */
  readonly registersWith: readonly string[];
  readonly members: readonly Pick<FleetMember, 'instanceId' | 'lifecycle' | 'zone'>[];
  readonly settings: Pick<ResolvedSettings, DrainSetting | 'bakeSeconds'>;
}

export interface FrontFault extends Fault {
  /** Name for scripts. */
  readonly name: 'other-target-groups' | 'deregistration-delay' | 'address-delay' | 'cross-zone' | 'slow-start';
  /** A deploy does not begin. */
  readonly refuses?: true;
  /** The attribute of the target group that repairs it, which `fix` names first. */
  readonly attribute?: { readonly key: string; readonly value: string };
}

/** Every setting of the load balancer by which users meet more of a deploy than it promises. */
export const judgeFront = (facts: FrontFacts): readonly FrontFault[] => [
  ...otherGroups(facts),
  ...shortDelay(facts),
  ...[judgeAddressDelay(facts)].filter((fault) => fault !== undefined),
  ...loneZones(facts),
  ...slowStart(facts),
];

/** The same as sentences, but for what refuses a deploy. */
export const warnOfFront = (facts: FrontFacts): readonly string[] =>
  judgeFront(facts)
    .filter(({ refuses }) => !refuses)
    .map((fault) => `${capital(faultText(fault))}.`);

function otherGroups({ targetGroupArn, registersWith }: FrontFacts): readonly FrontFault[] {
  const others = registersWith.filter((arn) => arn !== targetGroupArn).map(nameOf);
  if (others.length === 0) return [];
  return [
    {
      name: 'other-target-groups',
      what: `the fleet's servers are registered with ${others.join(' and ')} too`,
      why: `a deploy takes a server out of ${nameOf(targetGroupArn)} alone, so requests that come through another target group are cut when the server stops, and reach it before its release has passed the health gate`,
      fix: `detach ${others.join(' and ')} from the Auto Scaling group, or deregister listed servers from it, and send those requests through the fleet's own target group`,
    },
  ];
}

/** `targetgroup/NAME/ID` at the ARN's end. */
export const nameOf = (targetGroupArn: string): string => targetGroupArn.split('/').at(-2) ?? targetGroupArn;

function shortDelay({ attributes, settings }: FrontFacts): readonly FrontFault[] {
  const { deregistrationDelaySeconds: planned, drainTimeoutSeconds, drainSignal } = settings;
  const delay = Number(attributes[DELAY] ?? planned);
  const latest = latestDrainTimeoutSeconds(delay);
  if (drainSignal === 'blind' || drainTimeoutSeconds <= latest) return [];
  const fits = findUnfitTime({ ...settings, deregistrationDelaySeconds: delay, drainTimeoutSeconds: latest }) === undefined;
  return [
    {
      name: 'deregistration-delay',
      what: `the target group's deregistration delay is ${delay} s, and deploys plan with ${planned} s`,
      why: `the load balancer cuts requests that take longer than ${delay} s, while a drain still waits for them, up to ${drainTimeoutSeconds} s`,
      fix: `set ${DELAY} of the target group to ${planned}${fits ? `, or deploy.deregistrationDelaySeconds to ${delay}` : ''}`,
      attribute: { key: DELAY, value: String(planned) },
    },
  ];
}

export type AddressDelayFacts = Pick<FrontFacts, 'attributes' | 'ofAddresses'> & {
  readonly settings: Pick<ResolvedSettings, 'deregistrationDelaySeconds' | 'registerTimeoutSeconds'>;
};

/** An address that was deregistered can be registered again only after the delay, however soon its drain has ended. */
export function judgeAddressDelay({ attributes, settings, ofAddresses }: AddressDelayFacts): FrontFault | undefined {
  const { deregistrationDelaySeconds: planned } = settings;
  const delay = Number(attributes[DELAY] ?? planned);
  const longest = longestDelaySeconds(settings);
  if (!ofAddresses || delay <= Math.min(LONG_DELAY_SECONDS, longest)) return undefined;
  const what = `the target group has addresses as targets, and a deregistration delay of ${delay} s`;
  const why = `each server is out of service for ${durationText(delay * 1000)} at least, since the load balancer takes an address again only after the delay`;
  if (delay > longest) {
    return {
      ...{ name: 'address-delay', refuses: true, what, why: `${why}; a deploy waits for ${longest} s, and none begins` },
      fix: `set ${DELAY} of the target group to ${planned}, or deploy.deregistrationDelaySeconds to ${delay}`,
      attribute: { key: DELAY, value: String(planned) },
    };
  }
  const short = DEFAULT_ADDRESS_DELAY_SECONDS;
  return {
    ...{ name: 'address-delay', what, why },
    fix: `set ${DELAY} of the target group and deploy.deregistrationDelaySeconds to less: ${short} is enough where no request takes longer than ${latestDrainTimeoutSeconds(short)} s`,
    attribute: { key: DELAY, value: String(short) },
  };
}

/** An Application Load Balancer itself has it on always: only a target group can turn it off. */
function loneZones({ attributes, members }: FrontFacts): readonly FrontFault[] {
  if (attributes[CROSS_ZONE] !== 'false') return [];
  const inService = members.filter(({ lifecycle, zone }) => lifecycle === 'inService' && zone !== undefined);
  const lone = inService.filter(({ instanceId, zone }) => !inService.some((one) => one.zone === zone && one.instanceId !== instanceId));
  if (lone.length === 0) return [];
  const servers = lone.map(({ instanceId, zone }) => `${instanceId} in ${zone}`).join(', ');
  return [
    {
      name: 'cross-zone',
      what: `cross-zone load balancing is off for the target group, and these servers are alone in their Availability Zones (${servers})`,
      why: 'while a deploy has one out of service, the load balancer has no server in that zone and answers 503 to clients whom DNS still leads there',
      fix: `set ${CROSS_ZONE} of the target group to ${AS_LOAD_BALANCER}, or have two servers in each zone`,
      attribute: { key: CROSS_ZONE, value: AS_LOAD_BALANCER },
    },
  ];
}

function slowStart({ attributes, settings }: FrontFacts): readonly FrontFault[] {
  const seconds = Number(attributes[SLOW_START] ?? 0);
  if (seconds <= settings.bakeSeconds) return [];
  return [
    {
      name: 'slow-start',
      what: `the target group starts servers slowly, over ${seconds} s, and a bake takes ${settings.bakeSeconds} s`,
      why: "a bake sees a part of a server's requests, and the next server leaves before this one has its share",
      fix: `set ${SLOW_START} of the target group to 0, or deploy.bakeSeconds to ${seconds}`,
      attribute: { key: SLOW_START, value: '0' },
    },
  ];
}
