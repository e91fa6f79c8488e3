import { currentContract } from '../deploys/check-releases.ts';
import { type Check, topic } from '../finding.ts';
import { known } from '../lookup.ts';

/**
 * The servers' keep-alive timeout compared with the load balancer's idle timeout. The first cannot be read from outside a
 * server; a release's contract can declare it.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
 */
export const checkKeepAlive: Check = (facts) => {
  const front = known(facts.loadBalancer);
  const idle = known(facts.idleTimeoutSeconds);
  if (!front || idle === undefined) return [];
  const about = topic(
    'keep-alive',
    front.arn,
    'if a server closes an idle connection before the load balancer does, a request already on its way fails with a 502, even without a deploy',
  );
  const contract = currentContract(facts);
  if (!contract) {
    if (known(facts.releases)?.length !== 0) return [];
    return about.notice(`the load balancer keeps idle connections for ${idle} s; no release is published yet to compare with`);
  }
  const { keepAliveSeconds } = contract;
  if (keepAliveSeconds === undefined) {
    return about.unknown(
      `the load balancer keeps idle connections for ${idle} s; the keep-alive timeout of the servers is not declared`,
      `set it above ${idle} s in the server (Node: server.keepAliveTimeout, 5 s by default; Tomcat: keepAliveTimeout of the Connector, 20 s in its server.xml), and declare it as keepAliveSeconds in holdfast.app.json`,
    );
  }
  if (keepAliveSeconds > idle)
    return about.ok(`the servers keep idle connections for ${keepAliveSeconds} s, and the load balancer for ${idle} s`);
  return about.error(
    `the servers close idle connections after ${keepAliveSeconds} s, and the load balancer keeps them for ${idle} s`,
    `set the servers' keep-alive timeout above ${idle} s, or the load balancer's idle_timeout.timeout_seconds below ${keepAliveSeconds}`,
  );
};
