import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';
import { currentContract } from './current-contract.ts';

/** Spring Boot's own health asks every indicator, Redis among them. */
const ASKS_EVERYTHING = /^\/actuator\/health\/?$/;

/** Whether the path that the load balancer asks depends on the session store. */
export const checkHealthPath: Check = (facts, subject) => {
  const group = seen(facts.targetGroup);
  const contract = currentContract(facts);
  const about = topic(
    'health-path',
    group?.arn ?? subject.targetGroup.id,
    'when the load balancer’s health path asks the store, an outage of the store makes every target unhealthy, and Auto Scaling replaces the fleet',
  );
  const path = group?.healthPath ?? subject.healthPath;
  if (path === undefined) return [];
  const findings: Finding[] = [];
  if (group && subject.healthPath !== undefined && group.healthPath !== subject.healthPath) {
    findings.push(
      about.warning(
        `the load balancer asks ${group.healthPath}, the configuration says ${subject.healthPath}`,
        `set the target group's path to ${subject.healthPath} ("npx cdk deploy" does, of one that Holdfast made), or correct healthPath`,
      ),
    );
  }
  if (contract) findings.push(againstContract(about, path, contract.health));
  else if (ASKS_EVERYTHING.test(path)) {
    findings.push(
      about.error(
        `the load balancer asks ${path}, where Spring Boot asks the store as well`,
        'set healthPath to /actuator/health/liveness',
      ),
    );
  } else if (seen(facts.releases)?.length === 0) {
    findings.push(
      about.notice(
        `whether ${path} depends on the store cannot be told before a release says so`,
        'publish a release: its holdfast.app.json names both paths',
      ),
    );
  }
  return findings;
};

function againstContract(
  about: ReturnType<typeof topic>,
  path: string,
  health: { readonly loadBalancer: string; readonly gate: string },
): Finding {
  if (path === health.gate) {
    return about.error(
      `the load balancer asks ${path}, which is the release's gate path, and that one depends on the store`,
      health.gate === health.loadBalancer
        ? 'give the server a path that does not ask the store, and name it in health.loadBalancer of holdfast.app.json and in healthPath'
        : `set healthPath (of a named target group, its own path) to ${health.loadBalancer}, which the release's contract names for it`,
    );
  }
  if (path !== health.loadBalancer) {
    return about.warning(
      `the load balancer asks ${path}, the release's contract names ${health.loadBalancer} for it`,
      `set healthPath to ${health.loadBalancer}, or correct health.loadBalancer of holdfast.app.json`,
    );
  }
  return about.ok(`the load balancer asks ${path}, which is not the gate path ${health.gate}`);
}
