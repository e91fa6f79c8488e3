import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { ListenerFacts } from './facts.ts';

/** Whether a listener forwards requests to the fleet, and whether users connect over HTTPS. */
export const checkListeners: Check = (facts, { allowPlainHttp, targetGroup, listenerArn }) => {
  const front = known(facts.loadBalancer);
  const listeners = known(facts.listeners);
  const group = known(facts.targetGroup);
  if (group && facts.loadBalancer.state === 'skipped') {
    return topic(
      'listener',
      group.arn,
      'without a listener no request reaches the fleet, and the load balancer makes no health checks',
    ).error(
      `no load balancer forwards to target group ${group.name}`,
      targetGroup.named ? 'add a rule to your listener that forwards to it' : 'run "npx cdk deploy --all"',
    );
  }
  if (!front || !listeners) return [];
  const reach = topic(
    'listener',
    front.arn,
    'without a listener no request reaches the fleet, and the load balancer makes no health checks',
  );
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
  ];
};

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
