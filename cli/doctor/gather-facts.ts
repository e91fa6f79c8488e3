import { gatherAlarms } from './alarms/gather-alarms.ts';
import type { Clients } from './clients.ts';
import { gatherCluster } from './cluster/gather-cluster.ts';
import { gatherConcurrency } from './deploys/gather-concurrency.ts';
import { gatherDocuments } from './deploys/gather-document-versions.ts';
import { gatherReleases } from './deploys/gather-releases.ts';
import type { Facts } from './facts.ts';
import { gatherShownPages } from './incidents/gather-shown-pages.ts';
import { gatherClock } from './installation/gather-clock.ts';
import { gatherProtection } from './installation/gather-protection.ts';
import { gatherCertificates } from './load-balancing/gather-certificates.ts';
import { gatherDrainRule } from './load-balancing/gather-drain-rule.ts';
import { gatherLoadBalancing } from './load-balancing/gather-load-balancing.ts';
import { gatherLongestResponse } from './load-balancing/gather-longest-response.ts';
import { known } from './lookup.ts';
import { gatherRole } from './servers/gather-instance-role.ts';
import { gatherSecurityGroups, gatherStoreCheck } from './servers/gather-security-groups.ts';
import { gatherServers } from './servers/gather-servers.ts';
import { gatherStore } from './store/gather-store.ts';
import type { Subject } from './subject.ts';

/** Looks everything up, as much as possible in parallel. Never throws: what cannot be read is an unknown lookup. */
export async function gatherFacts(clients: Clients, subject: Subject, now: () => number): Promise<Facts> {
  const nowMs = now();
  const [
    clockSkewMs,
    loadBalancing,
    drain,
    store,
    storeCheckGroupIds,
    alarms,
    documents,
    releases,
    protection,
    cluster,
    unreservedConcurrency,
  ] = await Promise.all([
    gatherClock(clients.sts, now),
    gatherLoadBalancing(clients.elb, subject),
    gatherDrainRule(clients.elb, clients.lambda, subject),
    gatherStore(clients.elastiCache, subject),
    gatherStoreCheck(clients.lambda, subject),
    gatherAlarms(clients.cloudWatch, subject),
    gatherDocuments(clients.ssm, subject),
    gatherReleases(clients, subject),
    gatherProtection(clients, subject),
    gatherCluster(clients, subject),
    gatherConcurrency(clients.lambda, subject.region),
  ]);
  const [servers, certificates, longestResponseSeconds, shownPages] = await Promise.all([
    gatherServers(clients, subject, loadBalancing),
    gatherCertificates(clients.acm, subject, loadBalancing.listeners),
    gatherLongestResponse(clients.cloudWatch, { ...loadBalancing, nowMs }),
    gatherShownPages(clients, subject, loadBalancing.listeners),
  ]);
  const groupIds = [
    ...Object.values(subject.securityGroups),
    ...(known(loadBalancing.loadBalancer)?.securityGroupIds ?? []),
    ...(known(servers.servers) ?? []).flatMap(({ securityGroupIds }) => securityGroupIds),
    ...(known(store.store)?.securityGroupIds ?? []),
    ...(known(storeCheckGroupIds) ?? []),
  ];
  const [role, securityGroups] = await Promise.all([
    gatherRole(clients.iam, subject, servers.servers),
    gatherSecurityGroups(clients.ec2, groupIds),
  ]);
  return {
    nowMs,
    clockSkewMs,
    ...loadBalancing,
    drain,
    ...store,
    storeCheckGroupIds,
    alarms,
    documents,
    ...releases,
    ...protection,
    ...cluster,
    unreservedConcurrency,
    ...servers,
    certificates,
    longestResponseSeconds,
    shownPages,
    role,
    securityGroups,
  };
}
