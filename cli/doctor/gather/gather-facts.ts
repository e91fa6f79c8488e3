import type { Clients } from '../clients.ts';
import type { Facts } from '../facts.ts';
import { known } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import { gatherCertificates } from './certificates.ts';
import { gatherClock } from './clock.ts';
import { gatherAlarms, gatherLongestResponse } from './cloudwatch.ts';
import { gatherDocuments } from './documents.ts';
import { gatherRole } from './instance-role.ts';
import { gatherLoadBalancing } from './load-balancing.ts';
import { gatherProtection } from './protection.ts';
import { gatherReleases } from './releases.ts';
import { gatherSecurityGroups, gatherStoreCheck } from './security-groups.ts';
import { gatherServers } from './servers.ts';
import { gatherShownPages } from './shown-pages.ts';
import { gatherStore } from './store.ts';

/** Looks everything up, as much as possible in parallel. Never throws: what cannot be read is an unknown lookup. */
export async function gatherFacts(clients: Clients, subject: Subject, now: () => number): Promise<Facts> {
  const nowMs = now();
  const [clockSkewMs, loadBalancing, store, storeCheckGroupIds, alarms, documents, releases, protection] = await Promise.all([
    gatherClock(clients.sts, now),
    gatherLoadBalancing(clients.elb, subject),
    gatherStore(clients.elastiCache, subject),
    gatherStoreCheck(clients.lambda, subject),
    gatherAlarms(clients.cloudWatch, subject),
    gatherDocuments(clients.ssm, subject),
    gatherReleases(clients, subject),
    gatherProtection(clients, subject),
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
    ...store,
    storeCheckGroupIds,
    alarms,
    documents,
    ...releases,
    ...protection,
    ...servers,
    certificates,
    longestResponseSeconds,
    shownPages,
    role,
    securityGroups,
  };
}
