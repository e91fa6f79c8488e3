import type { Clients } from '../clients.ts';
import type { Facts } from '../facts.ts';
import { seen } from '../look.ts';
import type { Subject } from '../subject.ts';
import { gatherCertificates } from './certificates.ts';
import { gatherClock } from './clock.ts';
import { gatherAlarms, gatherLongestAnswer } from './cloudwatch.ts';
import { gatherRole } from './instance-role.ts';
import { gatherLoadBalancing } from './load-balancing.ts';
import { gatherReleases } from './releases.ts';
import { gatherSecurityGroups, gatherStoreCheck } from './security-groups.ts';
import { gatherServers } from './servers.ts';
import { gatherStore } from './store.ts';

/** Looks at everything, as much as possible at once. Never throws: what cannot be seen is a look that says so. */
export async function gatherFacts(clients: Clients, subject: Subject, now: () => number): Promise<Facts> {
  const nowMs = now();
  const [clockSkewMs, loadBalancing, store, storeCheckGroupIds, alarms, releases] = await Promise.all([
    gatherClock(clients.sts, now),
    gatherLoadBalancing(clients.elb, subject),
    gatherStore(clients.elastiCache, subject),
    gatherStoreCheck(clients.lambda, subject),
    gatherAlarms(clients.cloudWatch, subject),
    gatherReleases(clients, subject),
  ]);
  const [servers, certificates, longestAnswerSeconds] = await Promise.all([
    gatherServers(clients, subject, loadBalancing),
    gatherCertificates(clients.acm, subject, loadBalancing.listeners),
    gatherLongestAnswer(clients.cloudWatch, { ...loadBalancing, nowMs }),
  ]);
  const groupIds = [
    ...Object.values(subject.securityGroups),
    ...(seen(loadBalancing.loadBalancer)?.securityGroupIds ?? []),
    ...(seen(servers.servers) ?? []).flatMap(({ securityGroupIds }) => securityGroupIds),
    ...(seen(store.store)?.securityGroupIds ?? []),
    ...(seen(storeCheckGroupIds) ?? []),
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
    ...releases,
    ...servers,
    certificates,
    longestAnswerSeconds,
    role,
    securityGroups,
  };
}
