import { readZones } from '../installation/read-zones.ts';
import { gatherAlarmSubscriptions, gatherAlarms, gatherBaseline } from './alarms/gather-alarms.ts';
import type { Clients } from './clients.ts';
import { gatherCluster } from './cluster/gather-cluster.ts';
import { gatherConcurrency } from './deploys/gather-concurrency.ts';
import { gatherDocuments } from './deploys/gather-document-versions.ts';
import { gatherReleases } from './deploys/gather-releases.ts';
import type { Facts, StoreFacts } from './facts.ts';
import { gatherShownPages } from './incidents/gather-shown-pages.ts';
import { gatherClock, gatherProtection, gatherRoles } from './installation/gather-installation.ts';
import { gatherCertificates } from './load-balancing/gather-certificates.ts';
import { gatherDrainRule } from './load-balancing/gather-drain-rule.ts';
import { gatherLoadBalancing } from './load-balancing/gather-load-balancing.ts';
import { gatherLongestResponse } from './load-balancing/gather-longest-response.ts';
import { known, SKIPPED } from './lookup.ts';
import { gatherRole } from './servers/gather-instance-role.ts';
import { gatherSecurityGroups, gatherStoreCheck } from './servers/gather-security-groups.ts';
import { gatherServers } from './servers/gather-servers.ts';
import { gatherDecisions } from './store/gather-decisions.ts';
import { gatherStore } from './store/gather-store.ts';
import type { StoreScope, Subject } from './subject.ts';

/** Looks everything up, as much as possible in parallel. Never throws: what cannot be read is an unknown lookup. */
export async function gatherFacts(clients: Clients, subject: Subject, now: () => number): Promise<Facts> {
  const nowMs = now();
  const [loadBalancing, store, releases, protection, cluster, alone] = await Promise.all([
    gatherLoadBalancing(clients.elb, subject),
    gatherStore(clients.elastiCache, subject),
    gatherReleases(clients, subject),
    gatherProtection(clients, subject),
    gatherCluster(clients, subject),
    valuesOf({
      clockSkewMs: gatherClock(clients.sts, now),
      zones: subject.zones ? readZones(clients.ec2, subject.region) : SKIPPED,
      roles: gatherRoles(clients.iam),
      drain: gatherDrainRule(clients.elb, clients.lambda, subject),
      openDecisions: gatherDecisions(clients, subject),
      storeCheckGroupIds: gatherStoreCheck(clients.lambda, subject),
      alarms: gatherAlarms(clients.cloudWatch, subject),
      baseline: gatherBaseline(clients.readings, subject),
      alarmSubscriptions: gatherAlarmSubscriptions(clients.sns, subject),
      documents: gatherDocuments(clients.ssm, subject),
      unreservedConcurrency: gatherConcurrency(clients.lambda, subject.region),
    }),
  ]);
  const [servers, aboutListeners] = await Promise.all([
    gatherServers(clients, subject, loadBalancing),
    valuesOf({
      certificates: gatherCertificates(clients.acm, subject, loadBalancing.listeners),
      longestResponseSeconds: gatherLongestResponse(clients.cloudWatch, { ...loadBalancing, nowMs }),
      shownPages: gatherShownPages(clients, subject, loadBalancing.listeners),
    }),
  ]);
  const groupIds = [
    ...Object.values(subject.securityGroups),
    ...(known(loadBalancing.loadBalancer)?.securityGroupIds ?? []),
    ...(known(servers.servers) ?? []).flatMap(({ securityGroupIds }) => securityGroupIds),
    ...(known(store.store)?.securityGroupIds ?? []),
    ...(known(alone.storeCheckGroupIds) ?? []),
  ];
  const aboutServers = await valuesOf({
    role: gatherRole(clients.iam, subject, servers.servers),
    securityGroups: gatherSecurityGroups(clients.ec2, groupIds),
  });
  return {
    nowMs,
    ...loadBalancing,
    ...store,
    ...releases,
    ...protection,
    ...cluster,
    ...alone,
    ...servers,
    ...aboutListeners,
    ...aboutServers,
  };
}

/** What is looked up where no fleet is. Never throws, as {@link gatherFacts}. */
export async function gatherStoreFacts(clients: Clients, subject: StoreScope, now: () => number): Promise<StoreFacts> {
  const nowMs = now();
  const [store, protection, alone] = await Promise.all([
    gatherStore(clients.elastiCache, subject),
    gatherProtection(clients, subject),
    valuesOf({
      clockSkewMs: gatherClock(clients.sts, now),
      openDecisions: gatherDecisions(clients, subject),
      alarms: gatherAlarms(clients.cloudWatch, subject),
      baseline: gatherBaseline(clients.readings, subject),
      alarmSubscriptions: gatherAlarmSubscriptions(clients.sns, subject),
    }),
  ]);
  return { nowMs, ...store, ...protection, ...alone };
}

/** The object with what its promises resolve to. */
async function valuesOf<T extends object>(promises: T): Promise<{ [Key in keyof T]: Awaited<T[Key]> }> {
  const entries = Object.entries(promises).map(async ([key, promise]) => [key, await promise] as const);
  return Object.fromEntries(await Promise.all(entries)) as { [Key in keyof T]: Awaited<T[Key]> };
}
