/** Settings in front of a fleet by which users meet more of a deploy than it promises. */
import { DEFAULT_ADDRESS_DELAY_SECONDS, findUnfitTime, latestDrainTimeoutSeconds } from '../../instance/drain-times.ts';
import { checksOf, error, warning } from '../../shared/check.ts';
import { durationText, nounFor } from '../../shared/texts.ts';
import { InvalidInput } from '../errors.ts';
import { longestDelaySeconds } from '../settings/settings.ts';
import type { PreflightFacts } from './preflight-facts.ts';

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const DELAY = 'deregistration_delay.timeout_seconds';
const CROSS_ZONE = 'load_balancing.cross_zone.enabled';
const AS_LOAD_BALANCER = 'use_load_balancer_configuration';
const SLOW_START = 'slow_start.duration_seconds';

/** With addresses, a longer delay than this is worth a word: each server is out of service for as long. */
const LONG_DELAY_SECONDS = 120;

const check = checksOf<PreflightFacts>('preflight', 'dry-run', 'doctor');

type Attribute = Partial<Pick<PreflightFacts, 'awsOptions'>> & Pick<PreflightFacts, 'targetGroupArn'>;

export const setAttribute = ({ awsOptions, targetGroupArn }: Attribute, key: string, value: string): string =>
  `aws elbv2 modify-target-group-attributes ${awsOptions} --target-group-arn ${targetGroupArn} --attributes Key=${key},Value=${value}`;

/** With the command, where the cloud is known that it is for. */
const setting = (fix: string, facts: Attribute, ...attribute: [key: string, value: string]): string =>
  facts.awsOptions === undefined ? fix : `${fix}; this sets the attribute: ${setAttribute(facts, ...attribute)}`;

/** `targetgroup/NAME/ID` at the ARN's end. */
export const nameOf = (targetGroupArn: string): string => targetGroupArn.split('/').at(-2) ?? targetGroupArn;

/** A server that the load balancer never sends a request would be installed, waited for in vain, and fail the deploy. */
export const REACHABLE_TARGETS = check('reachable-targets', ['reached', 'targetGroupArn?'], {
  what: 'whether the load balancer can send each target requests: its zone is enabled, and a rule uses the target group',
  why: 'no deploy could find it healthy, and none begins',
  resource: ({ targetGroupArn }) => targetGroupArn,
  judge({ reached }) {
    const targets = reached.filter(({ unreachable }) => unreachable !== undefined);
    const [first] = targets;
    if (!first) return [];
    const servers = targets.map(({ instanceId, zone }) => (zone === undefined ? instanceId : `${instanceId} in ${zone}`)).join(', ');
    const fix = `enable the Availability Zone for the load balancer, have a rule forward to the target group, or take ${nounFor(targets.length, 'the server')} out of the fleet`;
    return error(`the load balancer sends nothing to ${servers} (${first.unreachable})`, fix, { refuses: InvalidInput });
  },
});

/** An address that was deregistered can be registered again only after the delay, however soon its drain has ended. */
export const ADDRESS_DELAY = check('address-delay', ['targetGroupArn', 'attributes', 'ofAddresses', 'settings', 'toRoll?', 'awsOptions?'], {
  what: 'with addresses as targets, the deregistration delay, for which each server is out of service',
  why: 'the load balancer takes an address again only after the delay',
  judge(facts) {
    const { attributes, settings, ofAddresses, toRoll } = facts;
    const { deregistrationDelaySeconds: planned } = settings;
    const delay = Number(attributes[DELAY] ?? planned);
    const longest = longestDelaySeconds(settings);
    if (!ofAddresses || delay <= Math.min(LONG_DELAY_SECONDS, longest)) return undefined;
    const what = `the target group has addresses as targets, and a deregistration delay of ${delay} s`;
    const why = `each server is out of service for ${durationText(delay * 1000)} at least, since the load balancer takes an address again only after the delay`;
    if (delay > longest) {
      if (toRoll?.length === 0) return undefined;
      const fix = `set ${DELAY} of the target group to ${planned}, or deploy.deregistrationDelaySeconds to ${delay}`;
      const more = { why: `${why}; a deploy waits for ${longest} s, and none begins`, refuses: InvalidInput };
      return error(what, setting(fix, facts, DELAY, String(planned)), more);
    }
    const short = DEFAULT_ADDRESS_DELAY_SECONDS;
    const fix = `set ${DELAY} of the target group and deploy.deregistrationDelaySeconds to less: ${short} is enough where no request takes longer than ${latestDrainTimeoutSeconds(short)} s`;
    return warning(what, setting(fix, facts, DELAY, String(short)), { why });
  },
});

export const FRONT_CHECKS = [
  check('other-target-groups', ['targetGroupArn', 'registeredWith'], {
    what: "whether another target group has the fleet's servers",
    why: 'a deploy takes a server out of its own target group alone, so requests that come through another one are cut when the server stops, and reach it before its release is ready',
    judge({ targetGroupArn, registeredWith }) {
      const others = registeredWith.filter((arn) => arn !== targetGroupArn).map(nameOf);
      if (others.length === 0) return undefined;
      return warning(
        `the fleet's servers are registered with ${others.join(' and ')} too`,
        `detach ${others.join(' and ')} from the Auto Scaling group, or deregister listed servers from it, and send those requests through the fleet's own target group`,
      );
    },
  }),
  check('deregistration-delay', ['targetGroupArn', 'attributes', 'settings', 'awsOptions?'], {
    what: 'the deregistration delay, with which deploys plan their drains',
    why: 'the load balancer cuts requests that take longer than its delay, while a drain still waits for them',
    judge(facts) {
      const { attributes, settings } = facts;
      const { deregistrationDelaySeconds: planned, drainTimeoutSeconds, drainSignal } = settings;
      const delay = Number(attributes[DELAY] ?? planned);
      const latest = latestDrainTimeoutSeconds(delay);
      if (drainSignal === 'blind' || drainTimeoutSeconds <= latest) return undefined;
      const fits = findUnfitTime({ ...settings, deregistrationDelaySeconds: delay, drainTimeoutSeconds: latest }) === undefined;
      const fix = `set ${DELAY} of the target group to ${planned}${fits ? `, or deploy.deregistrationDelaySeconds to ${delay}` : ''}`;
      return error(
        `the target group's deregistration delay is ${delay} s, and deploys plan with ${planned} s`,
        setting(fix, facts, DELAY, String(planned)),
      );
    },
  }),
  ADDRESS_DELAY,
  // An Application Load Balancer itself has it on always: only a target group can turn it off.
  check('cross-zone', ['targetGroupArn', 'attributes', 'members', 'awsOptions?'], {
    what: 'without cross-zone load balancing, whether a server is alone in its Availability Zone',
    why: 'while a deploy has one out of service, the load balancer has no server in that zone and answers 503 to clients whom DNS still leads there',
    judge(facts) {
      const { attributes, members } = facts;
      if (attributes[CROSS_ZONE] !== 'false') return undefined;
      const inService = members.filter(({ lifecycle, zone }) => lifecycle === 'inService' && zone !== undefined);
      const lone = inService.filter(({ instanceId, zone }) => !inService.some((one) => one.zone === zone && one.instanceId !== instanceId));
      if (lone.length === 0) return undefined;
      const servers = lone.map(({ instanceId, zone }) => `${instanceId} in ${zone}`).join(', ');
      const fix = `set ${CROSS_ZONE} of the target group to ${AS_LOAD_BALANCER}, or have two servers in each zone`;
      return warning(
        `cross-zone load balancing is off for the target group, and these servers are alone in their Availability Zones (${servers})`,
        setting(fix, facts, CROSS_ZONE, AS_LOAD_BALANCER),
      );
    },
  }),
  check('slow-start', ['targetGroupArn', 'attributes', 'settings', 'awsOptions?'], {
    what: 'a slow start that is longer than a bake',
    why: "a bake sees a part of a server's requests, and the next server leaves before this one has its share",
    judge(facts) {
      const { attributes, settings } = facts;
      const seconds = Number(attributes[SLOW_START] ?? 0);
      if (seconds <= settings.bakeSeconds) return undefined;
      return warning(
        `the target group starts servers slowly, over ${seconds} s, and a bake takes ${settings.bakeSeconds} s`,
        setting(`set ${SLOW_START} of the target group to 0, or deploy.bakeSeconds to ${seconds}`, facts, SLOW_START, '0'),
      );
    },
  }),
];
