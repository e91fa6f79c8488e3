import { type AppContract, gateOf, isGate } from '../../../functions/shared/app-contract.ts';
import { currentContract } from '../deploys/check-releases.ts';
import { type Check, type Finding, type Topic, topic } from '../finding.ts';
import { known } from '../lookup.ts';
import type { TargetGroupFacts } from './load-balancing-facts.ts';

/** Spring Boot's health endpoint checks every indicator, Redis among them. */
const CHECKS_EVERYTHING = /^\/actuator\/health\/?$/;

/** Whether the load balancer's health path depends on the session store. */
export const checkHealthPath: Check = (facts, subject) => {
  const group = known(facts.targetGroup);
  const contract = currentContract(facts);
  const about = topic(
    'health-path',
    group?.arn ?? subject.targetGroup.id,
    'if the load balancer’s health path depends on the store, an outage of the store makes every target unhealthy, and Auto Scaling replaces the fleet',
  );
  const path = group?.healthPath ?? subject.healthPath;
  if (path === undefined) return [];
  const findings: Finding[] = [];
  if (group && subject.healthPath !== undefined && group.healthPath !== subject.healthPath) {
    findings.push(
      about.warning(
        `the load balancer's health path is ${group.healthPath}, but ${subject.healthPath} in the configuration`,
        `set the target group's path to ${subject.healthPath} ("npx --no cdk deploy" does this for a target group created by Holdfast), or correct healthPath`,
      ),
    );
  }
  if (contract) findings.push(againstContract(about, path, contract.health), ...otherStatus(about, group, contract.health));
  else if (CHECKS_EVERYTHING.test(path)) {
    findings.push(
      about.error(
        `the load balancer's health path is ${path}, where Spring Boot checks the store as well`,
        'set healthPath to /actuator/health/liveness',
      ),
    );
  } else if (known(facts.releases)?.length === 0) {
    findings.push(
      about.notice(
        `it is unknown whether ${path} depends on the store: no release is published`,
        'publish a release: its holdfast.app.json declares both health paths',
      ),
    );
  }
  return findings;
};

function againstContract(about: Topic, path: string, health: AppContract['health']): Finding {
  if (isGate(health, path)) {
    return about.error(
      `the load balancer's health path ${path} is the release's gate path, which depends on the store`,
      isGate(health, health.loadBalancer)
        ? 'add a path to the server that does not depend on the store, and set it as health.loadBalancer in holdfast.app.json and as healthPath'
        : `set healthPath (of an existing target group, its own path) to ${health.loadBalancer}, as the release's contract declares`,
    );
  }
  if (path !== health.loadBalancer) {
    return about.warning(
      `the load balancer's health path is ${path}, but ${health.loadBalancer} in the release's contract`,
      `set healthPath to ${health.loadBalancer}, or correct health.loadBalancer in holdfast.app.json`,
    );
  }
  return about.ok(`the load balancer's health path is ${path}, not the gate path ${gateOf(health).path}`);
}

/** The deploy waits for the contract's codes on the server, and for the target group's at the load balancer. */
function otherStatus(about: Topic, group: TargetGroupFacts | undefined, { status = '200' }: AppContract['health']): Finding[] {
  if (group === undefined || group.healthStatus === status) return [];
  return [
    about.warning(
      `the load balancer takes status ${group.healthStatus} for healthy, but ${status} in the release's contract`,
      `set healthStatus (of an existing target group, its own success codes) to ${status}, or correct health.status in holdfast.app.json`,
    ),
  ];
}
