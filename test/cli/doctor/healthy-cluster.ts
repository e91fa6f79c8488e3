/** A Tomcat cluster with nothing wrong, as the doctor sees it. */
import type { Lookups } from '../../../cli/doctor/lookup.ts';
import type { Subject } from '../../../functions/checks/subject.ts';
import type { AppContract } from '../../../functions/shared/app-contract.ts';
import { attributesWith } from './attributes-with.ts';
import {
  contract,
  DAY_MS,
  inExistingNetwork,
  knownAs,
  LOAD_BALANCER,
  NOW_MS,
  release,
  subjectOf,
  TARGET_GROUP,
  targetGroup,
} from './healthy-fleet.ts';

const NODES = [1, 2, 3].map((index) => ({ nodeId: `mi-0000000000000000${index}`, ip: `10.0.0.${index}`, port: 8080 }));
/** A Tomcat cluster of nodes on premises. @param nodes of the configuration, the latest */
export const clusterOf = (nodes: readonly object[] = NODES): Subject =>
  subjectOf(
    {
      ...{ members: 'ip', strategy: 'tomcat-cluster', awsAccess: false, app: { kind: 'tomcat', home: '/opt/tomcat' } },
      deploy: { deregistrationDelaySeconds: 60 },
      existing: { targetGroupArn: TARGET_GROUP, loadBalancerArn: LOAD_BALANCER, instanceRoleName: 'shop-nodes', nodes },
    },
    inExistingNetwork,
  );
const copies = { path: '/status?copies', port: 'STATUS_PORT', field: 'sessionsAlone' } as const;
export const clusterContract: AppContract = {
  ...contract,
  copies: { sessionsAlone: copies, reason: { ...copies, field: 'reason' }, members: NODES.map(({ ip }) => `${ip}:4000`) },
};
/** A deploy that rolled such servers. */
export const comparedBy = (change: object = {}): Lookups['copiesCompared'] =>
  knownAs({
    ...{
      deployId: 'd1',
      executionArn: 'arn:d1',
      fleet: 'web',
      from: '1.0.0',
      to: '1.1.0',
      requestedBy: 'ann',
      status: 'SUCCEEDED' as const,
    },
    ...{ stage: 'finished', startedAtMs: NOW_MS - DAY_MS },
    targets: { 'mi-1': { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: NOW_MS, sessionsAlone: 0 } as const },
    ...change,
  });
const clusterSecret = {
  arn: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:ClusterSecret0-AbCdEf',
  isDeleted: false,
  rotates: false,
};
/** @param change of what is known of its secret */
export const clusterSecretWith = (change: object = {}): Lookups['clusterSecret'] =>
  knownAs({ ...clusterSecret, isReadable: true, ...change });
/** What such a fleet has instead of the other's. */
export const copying: Partial<Lookups> = {
  targetGroup: knownAs({ ...targetGroup, targetType: 'ip' }),
  attributes: attributesWith({ 'stickiness.enabled': 'true', 'deregistration_delay.timeout_seconds': '60' }),
  group: { state: 'skipped' },
  hooks: { state: 'skipped' },
  servers: knownAs([]),
  memberIds: NODES.map(({ nodeId }) => nodeId),
  agents: knownAs(NODES.map(({ nodeId }) => ({ instanceId: nodeId, version: '3.3.2746.0', online: true }))),
  releases: knownAs([release(clusterContract)]),
  clusterSecret: clusterSecretWith(),
  copiesCompared: comparedBy(),
};
