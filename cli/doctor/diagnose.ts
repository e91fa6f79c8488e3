import {
  checkAlarmBaselines,
  checkAlarmSubscribers,
  checkDeployAlarms,
  checkIncidentAlarms,
  checkStoreAlarms,
} from './alarms/check-alarms.ts';
import { checkMissingFacts } from './check-missing-facts.ts';
import { checkCluster } from './cluster/check-cluster.ts';
import { checkConcurrency } from './deploys/check-concurrency.ts';
import { checkDocuments } from './deploys/check-document-versions.ts';
import { checkLock } from './deploys/check-lock.ts';
import { checkReleases, checkServerReleases } from './deploys/check-releases.ts';
import { checkSessionProbe } from './deploys/check-session-probe.ts';
import { checkIdsInUrls, checkUnwritten } from './deploys/check-unwritten.ts';
import type { Facts, StoreFacts } from './facts.ts';
import type { Check, Finding, StoreCheck } from './finding.ts';
import { checkReLoginPage, checkShownPages } from './incidents/check-re-login-page.ts';
import { checkClock, checkProtection, checkZones } from './installation/check-installation.ts';
import { checkCertificates } from './load-balancing/check-certificates.ts';
import { checkDrainRule } from './load-balancing/check-drain-rule.ts';
import { checkHealthPath } from './load-balancing/check-health-path.ts';
import { checkKeepAlive } from './load-balancing/check-keep-alive.ts';
import { checkLimits, checkRoles } from './load-balancing/check-limits.ts';
import { checkListeners } from './load-balancing/check-listeners.ts';
import { checkStickiness } from './load-balancing/check-stickiness.ts';
import { checkTargetGroup } from './load-balancing/check-target-group.ts';
import { checkAgents } from './servers/check-agents.ts';
import { checkAutoScaling } from './servers/check-auto-scaling.ts';
import { checkHooks } from './servers/check-hooks.ts';
import { checkInstanceRole } from './servers/check-instance-role.ts';
import { checkSecurityGroups } from './servers/check-security-groups.ts';
import { checkDecisions } from './store/check-decisions.ts';
import { checkStoreAccess } from './store/check-store-access.ts';
import { checkStoreChannels } from './store/check-store-channels.ts';
import { checkStoreSafety } from './store/check-store-safety.ts';
import type { StoreScope, Subject } from './subject.ts';

/** In the order of a request: load balancer, target group, servers, store; then what incidents and deploys need. */
const CHECKS: readonly Check[] = [
  ...[checkListeners, checkCertificates, checkLimits, checkRoles, checkShownPages, checkReLoginPage],
  ...[checkTargetGroup, checkStickiness, checkDrainRule, checkHealthPath, checkKeepAlive],
  ...[checkAutoScaling, checkHooks, checkAgents, checkInstanceRole, checkSecurityGroups, checkCluster],
  ...[checkStoreAccess, checkStoreChannels, checkStoreSafety, checkDecisions, checkStoreAlarms, checkAlarmBaselines],
  ...[checkIncidentAlarms, checkAlarmSubscribers],
  ...[
    checkReleases,
    checkServerReleases,
    checkSessionProbe,
    checkUnwritten,
    checkIdsInUrls,
    checkDocuments,
    checkDeployAlarms,
    checkConcurrency,
    checkLock,
  ],
  ...[checkZones, checkClock, checkProtection, checkMissingFacts],
];

/** What asks nothing of a fleet. */
const CHECKS_OF_STORE: readonly StoreCheck[] = [
  ...[checkStoreAccess, checkStoreSafety, checkDecisions],
  ...[checkStoreAlarms, checkAlarmBaselines, checkIncidentAlarms, checkAlarmSubscribers],
  ...[checkClock, checkProtection, checkMissingFacts],
];

/** All findings about a store without fleets, and about what watches it. Pure. */
export const diagnoseStore = (facts: StoreFacts, subject: StoreScope): readonly Finding[] =>
  CHECKS_OF_STORE.flatMap((check) => check(facts, subject));

/** All findings about a fleet. Pure. */
export const diagnose = (facts: Facts, subject: Subject): readonly Finding[] => CHECKS.flatMap((check) => check(facts, subject));
