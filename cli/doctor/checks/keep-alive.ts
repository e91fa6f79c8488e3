import { topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';
import { currentContract } from './current-contract.ts';

/**
 * The servers' keep-alive time-out against the load balancer's idle time-out. Nothing outside a server tells the first:
 * the release's contract may say it.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export const checkKeepAlive: Check = (facts) => {
  const front = seen(facts.loadBalancer);
  const idle = seen(facts.idleTimeoutSeconds);
  if (!front || idle === undefined) return [];
  const about = topic(
    'keep-alive',
    front.arn,
    'a server that closes an idle connection before the load balancer does meets a request on its way: a 502 at any time, deploy or not',
  );
  const contract = currentContract(facts);
  if (!contract) {
    if (seen(facts.releases)?.length !== 0) return [];
    return [about.notice(`the load balancer keeps idle connections for ${idle} s; no release is published to compare it with`)];
  }
  const { keepAliveSeconds } = contract;
  if (keepAliveSeconds === undefined) {
    return [
      about.unknown(
        `the load balancer keeps idle connections for ${idle} s; how long the servers keep theirs, nobody says`,
        `look at the server (Node: server.keepAliveTimeout, 5 s by default; Tomcat: keepAliveTimeout of the Connector, 20 s in the server.xml that it comes with), set it above ${idle} s, and say it as keepAliveSeconds in holdfast.app.json`,
      ),
    ];
  }
  if (keepAliveSeconds > idle)
    return [about.ok(`the servers keep idle connections for ${keepAliveSeconds} s, the load balancer for ${idle} s`)];
  return [
    about.error(
      `the servers close idle connections after ${keepAliveSeconds} s, and the load balancer keeps them for ${idle} s`,
      `set the servers' keep-alive time-out above ${idle} s, or the load balancer's idle_timeout.timeout_seconds below ${keepAliveSeconds}`,
    ),
  ];
};
