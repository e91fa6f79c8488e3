import { checkMissingFacts } from './check-missing-facts.ts';
import { DEPLOY_CHECKS } from './deploys/checks.ts';
import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';
import { INCIDENT_CHECKS, PAGE_CHECKS } from './incidents/checks.ts';
import { INSTALLATION_CHECKS } from './installation/checks.ts';
import { FRONT_CHECKS, TARGET_GROUP_CHECKS } from './load-balancing/checks.ts';
import { SERVER_CHECKS } from './servers/checks.ts';
import { STORE_CHECKS } from './store/checks.ts';
import type { Subject } from './subject.ts';

/** In the order of a request: load balancer, target group, servers, store; then what a deploy needs. */
const CHECKS: readonly Check[] = [
  ...FRONT_CHECKS,
  ...PAGE_CHECKS,
  ...TARGET_GROUP_CHECKS,
  ...SERVER_CHECKS,
  ...STORE_CHECKS,
  ...INCIDENT_CHECKS,
  ...DEPLOY_CHECKS,
  ...INSTALLATION_CHECKS,
  checkMissingFacts,
];

/** All findings about a fleet. Pure. */
export const diagnose = (facts: Facts, subject: Subject): readonly Finding[] => CHECKS.flatMap((check) => check(facts, subject));
