import type { LocalService, Operation } from '../service/service.ts';
import { LIST_ITEM_NAMES } from './list-item-names.ts';
import { startMetrics } from './nodes/metrics.ts';
import type { NodeGroup } from './nodes/node-group.ts';
import { notEmulated } from './not-emulated.ts';
import { cacheClusterOperations } from './operations/cache-clusters.ts';
import { eventOperations } from './operations/events.ts';
import { parameterGroupOperations } from './operations/parameter-groups.ts';
import { replicationGroupOperations } from './operations/replication-groups.ts';
import { subnetGroupOperations } from './operations/subnet-groups.ts';
import { tagOperations } from './operations/tags.ts';
import { testFailoverOperation } from './operations/test-failover.ts';
import { userGroupOperations } from './operations/user-groups.ts';
import { userOperations } from './operations/users.ts';
import { permissionsOf } from './permissions.ts';
import { elastiCacheResourceTypes } from './resource-types.ts';
import { type ElastiCacheOptions, resolveOptions } from './service-options.ts';
import { ElastiCacheState } from './state.ts';

export type { ElastiCacheOptions } from './service-options.ts';

/** A cache node as local code sees it. */
export interface RunningNode {
  /** Its CacheClusterId. */
  readonly nodeId: string;
  /** Undefined while the node is down. */
  readonly pid: number | undefined;
  /** The server's own port, plain and without the access control of the endpoints' tokens. */
  readonly port: number;
  /** The node's own endpoint. */
  readonly endpointPort: number | undefined;
  readonly role: 'primary' | 'replica';
}

/** ElastiCache of the local cloud, with functions for tests and other local code. */
export interface ElastiCacheService extends LocalService {
  /** @throws AwsError ReplicationGroupNotFoundFault */
  nodes(groupId: string): readonly RunningNode[];
  /** Ends a node's process with SIGKILL. @throws Error when the group has no such node */
  killNode(groupId: string, nodeId: string): void;
  /** Sends a command to the current primary as the inner administrator. @throws Error with the server's message */
  adminCommand(groupId: string, ...words: readonly (string | number | Buffer)[]): Promise<unknown>;
  /** Makes every event older by this time, so that a rehearsal need not wait until an earlier one is over. */
  dateEventsBack(byMs: number): void;
  /** Resolves when the group's latest change has ended. @throws Error when it failed */
  settled(groupId: string): Promise<void>;
}

/** Starts the service. No process begins before a replication group is created. */
export function createElastiCacheService(options: ElastiCacheOptions): ElastiCacheService {
  const state = new ElastiCacheState(resolveOptions(options));
  const metrics = startMetrics(state);
  const operations: Record<string, Operation> = {
    ...replicationGroupOperations(state),
    ...testFailoverOperation(state),
    ...cacheClusterOperations(state),
    ...eventOperations(state),
    ...parameterGroupOperations(state),
    ...subnetGroupOperations(state),
    ...userOperations(state),
    ...userGroupOperations(state),
    ...tagOperations(state),
  };
  const running = (groupId: string): NodeGroup => {
    const nodeGroup = state.group(groupId).running;
    if (!nodeGroup) throw new Error(`replication group ${groupId} has no nodes yet`);
    return nodeGroup;
  };

  return {
    signingNames: ['elasticache'],
    protocol: { kind: 'query', xmlNamespace: 'http://elasticache.amazonaws.com/doc/2015-02-02/', listItemNames: LIST_ITEM_NAMES },
    operations,
    permissions: permissionsOf((kind, name) => state.arn(kind, name)),
    resourceTypes: elastiCacheResourceTypes(state, operations),
    notEmulated: notEmulated(options.servers),
    nodes: (groupId) => {
      const { nodes, primary, nodeEndpoints } = running(groupId);
      return nodes.map((node) => ({
        nodeId: node.id,
        pid: node.pid,
        port: node.address.port,
        endpointPort: nodeEndpoints.get(node.id)?.port,
        role: node === primary ? 'primary' : 'replica',
      }));
    },
    killNode: (groupId, nodeId) => {
      const node = running(groupId).nodes.find(({ id }) => id === nodeId);
      if (!node) throw new Error(`replication group ${groupId} has no node ${nodeId}`);
      node.crash();
    },
    adminCommand: async (groupId, ...words) => running(groupId).primary.command(...words),
    dateEventsBack: (byMs) => state.events.dateBack(byMs),
    settled: (groupId) => state.group(groupId).settled(),
    stop: async () => {
      metrics.stop();
      await Promise.all([...state.groups.values()].map((group) => group.stop()));
    },
  };
}
