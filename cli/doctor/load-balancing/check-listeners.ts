import { nameOf } from '../../../functions/deploy/assess/warn-of-front.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { ListenerFacts } from './load-balancing-facts.ts';

const WHY = 'without a listener no request reaches the fleet, and the load balancer makes no health checks';

/** Whether a listener forwards requests to the fleet, and whether users connect over HTTPS. */
export const checkListeners: Check = (facts, { allowPlainHttp, targetGroup, listenerArn, sessionDrain }) => {
  const front = known(facts.loadBalancer);
  const listeners = known(facts.listeners);
  const group = known(facts.targetGroup);
  if (group && facts.loadBalancer.state === 'skipped') {
    return topic('listener', group.arn, WHY).error(
      `no load balancer forwards to target group ${group.name}`,
      targetGroup.named ? 'add a rule to your listener that forwards to it' : 'run "npx --no cdk deploy --all"',
    );
  }
  if (!front || !listeners) return [];
  const reach = topic('listener', front.arn, WHY);
  // Before Holdfast has added its rule, the listener that will have it counts.
  const forwarding = listeners.filter(({ forwards, arn }) => forwards || (group === undefined && arn === listenerArn));
  if (forwarding.length === 0) {
    return group
      ? reach.error(`no listener of ${front.name} forwards to target group ${group.name}`, 'add a rule that forwards to it')
      : [];
  }
  return [
    reach.ok(
      `${forwarding.map(({ protocol, port }) => `${protocol} ${port}`).join(' and ')} of ${front.name} ${forwarding.length === 1 ? 'forwards' : 'forward'} to the fleet`,
    ),
    ...forwarding.map((one): Finding => transport(one, allowPlainHttp, targetGroup.named || listenerArn !== undefined)),
    // A deploy that waits for sessions does not begin with such a rule, and the check of its drain rule reports it.
    ...(sessionDrain ? [] : forwarding.flatMap(otherGroups)),
  ];
};

function otherGroups({ arn, protocol, port, alsoForwardsTo }: ListenerFacts): readonly Finding[] {
  if (alsoForwardsTo.length === 0) return [];
  const why =
    'a deploy rolls the servers of the fleet and takes them out of its own target group alone: in another group the same servers lose requests when they stop, and other servers keep their release';
  const others = alsoForwardsTo.map(nameOf).join(' and ');
  return [
    topic('other-target-groups', arn, why).warning(
      `a rule of ${protocol} ${port} forwards to ${others} in addition to the fleet's target group`,
      `remove ${others} from that rule's action, or set its weight to 0`,
    ),
  ];
}

/**
 * @param isOwn the listener belongs to the user, so the configuration does not set its protocol
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5.4 browsers omit a Secure cookie from a request that is not encrypted
 */
function transport({ arn, protocol, port }: ListenerFacts, allowPlainHttp: boolean, isOwn: boolean): Finding {
  const about = topic(
    'plain-http',
    arn,
    'browsers never send a Secure cookie over plain HTTP, so every request starts a new session and nobody stays logged in; without the Secure attribute, anyone on the network path can read the cookie',
  );
  if (protocol === 'HTTPS') return about.ok(`users reach the fleet over HTTPS on port ${port}`);
  const what = `users reach the fleet over plain HTTP on port ${port}`;
  if (isOwn)
    return about.error(what, 'add an HTTPS listener to your load balancer, set it as existing.listenerArn, and redirect this one to it');
  const fix = 'set certificateArn of the fleet, so that port 80 redirects to HTTPS';
  return allowPlainHttp
    ? about.warning(`${what}, as allowPlainHttp allows`, fix)
    : about.error(what, `${fix}, or set allowPlainHttp to true if nobody logs in`);
}
