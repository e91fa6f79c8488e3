import { checkAgents } from './checks/agents.ts';
import { checkAlarms, checkIncidentAlarms, checkStoreAlarms } from './checks/alarms.ts';
import { checkAutoScaling } from './checks/auto-scaling.ts';
import { checkCertificates } from './checks/certificates.ts';
import { checkDocuments } from './checks/documents.ts';
import { checkHealthPath } from './checks/health-path.ts';
import { checkInstanceRole } from './checks/instance-role.ts';
import { checkKeepAlive } from './checks/keep-alive.ts';
import { checkLimits } from './checks/limits.ts';
import { checkListeners } from './checks/listeners.ts';
import { checkClock, checkLock } from './checks/lock-and-clock.ts';
import { checkMissingFacts } from './checks/missing-facts.ts';
import { checkProtection } from './checks/protection.ts';
import { checkReLoginPage } from './checks/re-login-page.ts';
import { checkReleases } from './checks/releases.ts';
import { checkSecurityGroups } from './checks/security-groups.ts';
import { checkShownPages } from './checks/shown-pages.ts';
import { checkStickiness } from './checks/stickiness.ts';
import { checkStoreAccess } from './checks/store-access.ts';
import { checkStoreChannels } from './checks/store-channels.ts';
import { checkStoreSafety } from './checks/store-safety.ts';
import { checkTargetGroup } from './checks/target-group.ts';
import type { Facts } from './facts.ts';
import type { Check, Finding } from './finding.ts';
import type { Subject } from './subject.ts';

/** In the order of a request: load balancer, target group, servers, store; then what a deploy needs. */
const CHECKS: readonly Check[] = [
  checkListeners,
  checkCertificates,
  checkLimits,
  checkShownPages,
  checkReLoginPage,
  checkTargetGroup,
  checkStickiness,
  checkHealthPath,
  checkKeepAlive,
  checkAutoScaling,
  checkAgents,
  checkInstanceRole,
  checkSecurityGroups,
  checkStoreAccess,
  checkStoreChannels,
  checkStoreSafety,
  checkStoreAlarms,
  checkIncidentAlarms,
  checkReleases,
  checkDocuments,
  checkAlarms,
  checkLock,
  checkClock,
  checkProtection,
  checkMissingFacts,
];

/** All findings about a fleet. Pure. */
export const diagnose = (facts: Facts, subject: Subject): readonly Finding[] => CHECKS.flatMap((check) => check(facts, subject));
