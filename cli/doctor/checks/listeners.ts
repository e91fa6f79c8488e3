import type { ListenerFacts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** Whether users' requests reach the fleet, and whether they come encrypted. */
export const checkListeners: Check = (facts, { allowPlainHttp, targetGroup, listenerArn }) => {
  const front = seen(facts.loadBalancer);
  const listeners = seen(facts.listeners);
  const group = seen(facts.targetGroup);
  if (group && facts.loadBalancer.state === 'skipped') {
    return [
      topic('listener', group.arn, 'without a listener no request reaches the fleet, and no health check is made').error(
        `no load balancer leads to target group ${group.name}`,
        targetGroup.named ? 'add a rule that forwards to it to your listener' : 'run "npx cdk deploy --all"',
      ),
    ];
  }
  if (!front || !listeners) return [];
  const reach = topic('listener', front.arn, 'without a listener no request reaches the fleet, and no health check is made');
  // Before Holdfast's rule is there, the listener that it goes to counts.
  const leading = listeners.filter(({ forwards, arn }) => forwards || (group === undefined && arn === listenerArn));
  if (leading.length === 0) {
    return group ? [reach.error(`no listener of ${front.name} leads to target group ${group.name}`, 'add a rule that forwards to it')] : [];
  }
  return [
    reach.ok(`${leading.map(({ protocol, port }) => `${protocol} ${port}`).join(' and ')} of ${front.name} leads to the fleet`),
    ...leading.map((one): Finding => transport(one, allowPlainHttp, targetGroup.named || listenerArn !== undefined)),
  ];
};

/**
 * @param isOwn the listener is the user's, and the configuration has no word on its protocol
 * @see https://www.rfc-editor.org/rfc/rfc6265#section-5.4 a cookie with Secure is left out of a request that is not encrypted
 */
function transport({ arn, protocol, port }: ListenerFacts, allowPlainHttp: boolean, isOwn: boolean): Finding {
  const about = topic(
    'plain-http',
    arn,
    'browsers take a cookie marked Secure over HTTPS only and never send it over plain HTTP: with such a session cookie every request starts a new session, so nobody stays logged in; without the mark anyone on the way can read it',
  );
  if (protocol === 'HTTPS') return about.ok(`users reach the fleet over HTTPS on port ${port}`);
  const what = `users reach the fleet over plain HTTP on port ${port}`;
  if (isOwn)
    return about.error(
      what,
      'add an HTTPS listener to your load balancer, name it in existing.listenerArn, and let this one redirect to it',
    );
  const mend = 'give the fleet a certificateArn, so that port 80 redirects to HTTPS';
  return allowPlainHttp
    ? about.warning(`${what}, as allowPlainHttp allows`, mend)
    : about.error(what, `${mend}, or say allowPlainHttp: true where nobody logs in`);
}
