/** What can be wrong with a Tomcat cluster: its members, the key of its messages, and its port. */

import { attributesWith } from '../attributes-with.ts';
import { clusterOf, clusterSecretWith, comparedBy, copying } from '../healthy-cluster.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs } from '../healthy-fleet.ts';
import type { Defect, Planted } from './defect.ts';

const planted = (facts: Planted['facts']): Planted => ({ facts: { ...copying, ...facts }, subject: clusterOf() });
const alone = 'mi-00000000000000001 has 3 sessions that no other server holds, after 60 s: 10.0.0.2:4000 is not reached';
/** One of the servers is in AWS. */
const inAws = {
  ...copying,
  memberIds: ['i-1', 'mi-00000000000000002'],
  agents: knownAs(['i-1', 'mi-00000000000000002'].map((instanceId) => ({ instanceId, version: '3.3.2746.0', online: true }))),
  servers: knownAs([{ name: 'i-1', instanceProfile: 'shop', securityGroupIds: ['sg-servers'] }]),
};
const openTo = (rule: (typeof fleet.securityGroups)[number]['ingress'][number]) =>
  knownAs(fleet.securityGroups.map((each) => (each.id === 'sg-servers' ? { ...each, ingress: [...each.ingress, rule] } : each)));

const slow = { ...clusterOf(), settings: { ...clusterOf().settings, deregistrationDelaySeconds: 180 } };

export const CLUSTER_DEFECTS: readonly Defect[] = [
  [
    'addresses that the load balancer takes again only after minutes',
    {
      facts: { ...copying, attributes: attributesWith({ 'stickiness.enabled': 'true', 'deregistration_delay.timeout_seconds': '180' }) },
      subject: slow,
    },
    'address-delay',
    'warning',
    /has addresses as targets, and a deregistration delay of 180 s$/,
  ],
  [
    'a list of nodes that the current release does not have',
    {
      facts: copying,
      subject: clusterOf([1, 2, 4].map((index) => ({ nodeId: `mi-0000000000000000${index}`, ip: `10.0.0.${index}`, port: 8080 }))),
    },
    'cluster-members',
    'warning',
    /copies sessions between 10\.0\.0\.1:4000, 10\.0\.0\.2:4000, 10\.0\.0\.3:4000, and the configuration's nodes are .*10\.0\.0\.4:4000/,
  ],
  [
    'a release that was published before the fleet became a cluster',
    planted({ releases: knownAs([fleet.release()]) }),
    'cluster-members',
    'warning',
    /copies no sessions/,
  ],
  [
    'a secret that is deleted',
    planted({ clusterSecret: clusterSecretWith({ isDeleted: true }) }),
    'cluster-secret',
    'error',
    /scheduled for deletion/,
  ],
  [
    'a secret that the servers cannot read',
    planted({ clusterSecret: clusterSecretWith({ isReadable: false }) }),
    'cluster-secret',
    'error',
    /role shop-nodes does not allow/,
  ],
  ['a secret that rotates', planted({ clusterSecret: clusterSecretWith({ rotates: true }) }), 'cluster-secret', 'warning', /rotates/],
  [
    'a port that was closed at the latest deploy',
    planted({ copiesCompared: comparedBy({ status: 'FAILED', error: { Error: 'SessionsAlone', Cause: alone }, targets: {} }) }),
    'cluster-copies',
    'error',
    /deploy of 1\.1\.0 on 2026-11-19T09:00Z was stopped: .*10\.0\.0\.2:4000 is not reached/,
  ],
  [
    'servers that a rollback stopped with sessions of theirs alone',
    planted({
      copiesCompared: comparedBy({
        targets: { 'mi-1': { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 0, sessionsAlone: 2 } },
      }),
    }),
    'cluster-copies',
    'warning',
    /no other one held: mi-1 \(2\)/,
  ],
  [
    'a cluster whose servers no deploy has asked',
    planted({ copiesCompared: knownAs(undefined) }),
    'cluster-copies',
    'notice',
    /no deploy has asked .* TCP port 4000/,
  ],
  [
    'copies that arrived, but more than a day ago',
    planted({ copiesCompared: comparedBy({ startedAtMs: fleet.NOW_MS - fleet.DAY_MS - 1 }) }),
    'cluster-copies',
    'notice',
    /deploy of 1\.1\.0 on .* held each of its sessions .*; no deploy has asked since$/,
  ],
  [
    'a security group that closes the port between servers',
    { facts: inAws, subject: clusterOf() },
    'security-group-path',
    'error',
    /servers → servers, port 4000: no inbound rule of sg-servers allows it/,
  ],
  [
    'a port of the copies that everyone reaches',
    {
      facts: {
        ...inAws,
        securityGroups: openTo({ protocol: 'tcp', fromPort: 4000, toPort: 4000, groupIds: [], ranges: ['0.0.0.0/0'] } as never),
      },
      subject: clusterOf(),
    },
    'security-group-path',
    'warning',
    /servers → servers, port 4000 is open to everyone/,
  ],
];
