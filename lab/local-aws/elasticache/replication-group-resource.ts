import type { ProvidedResource, ResourceProvider } from '../service/service.ts';
import { nodeCountOf } from './check-group.ts';
import { type Call, generatedName, type Properties, provider, replaceTags } from './resource-provider.ts';
import type { ElastiCacheState } from './state.ts';

/** AWS::ElastiCache::ReplicationGroup: complete when the group is available. */
export function replicationGroupProvider(state: ElastiCacheState, call: Call): ResourceProvider {
  return provider({
    immutable: [
      'ReplicationGroupId',
      'CacheSubnetGroupName',
      'AtRestEncryptionEnabled',
      'KmsKeyId',
      'Port',
      'PreferredCacheClusterAZs',
      'SnapshotArns',
      'SnapshotName',
      'TransitEncryptionEnabled',
    ],
    create: async ({ properties, ...request }) => {
      const id = String(properties['ReplicationGroupId'] ?? generatedName(request)).toLowerCase();
      await call('CreateReplicationGroup', { ...properties, ReplicationGroupId: id });
      try {
        await state.group(id).settled();
      } catch (error) {
        await remove(state, call, id);
        throw error;
      }
      return resourceOf(state, id);
    },
    update: async ({ physicalId, properties, previous }) => {
      await state
        .group(physicalId)
        .settled()
        .catch(() => undefined);
      const replicas = nodeCountOf(properties) - 1;
      // Automatic failover needs a replica: the replica is added before it is enabled, and removed after it is disabled.
      await changeReplicaCount(state, call, physicalId, Math.max(replicas, state.group(physicalId).spec.nodeCount - 1));
      const before = new Set(userGroupIds(previous));
      const after = new Set(userGroupIds(properties));
      await call('ModifyReplicationGroup', {
        ...properties,
        ReplicationGroupId: physicalId,
        UserGroupIdsToAdd: [...after].filter((id) => !before.has(id)),
        UserGroupIdsToRemove: [...before].filter((id) => !after.has(id)),
      });
      await state.group(physicalId).settled();
      await changeReplicaCount(state, call, physicalId, replicas);
      replaceTags(state, state.arn('replicationgroup', physicalId), properties);
      return resourceOf(state, physicalId);
    },
    delete: (physicalId) => remove(state, call, physicalId),
  });
}

async function changeReplicaCount(state: ElastiCacheState, call: Call, id: string, replicas: number): Promise<void> {
  const group = state.group(id);
  const present = group.spec.nodeCount - 1;
  if (replicas === present) return;
  await call(replicas > present ? 'IncreaseReplicaCount' : 'DecreaseReplicaCount', { ReplicationGroupId: id, NewReplicaCount: replicas });
  await group.settled();
}

async function remove(state: ElastiCacheState, call: Call, id: string): Promise<void> {
  const group = state.group(id);
  await group.settled().catch(() => undefined);
  if (group.status !== 'deleting') await call('DeleteReplicationGroup', { ReplicationGroupId: id });
  await group.settled();
}

function userGroupIds(properties: Properties): readonly string[] {
  return ((properties['UserGroupIds'] as string[] | undefined) ?? []).map((id) => id.toLowerCase());
}

function resourceOf(state: ElastiCacheState, id: string): ProvidedResource {
  const running = state.group(id).running;
  const host = state.options.endpointHost;
  const ports = (running?.nodes ?? []).map((node) => String(running?.nodeEndpoints.get(node.id)?.port ?? ''));
  const addresses = ports.map(() => host);
  const primaryPort = String(running?.primaryEndpoint.port ?? '');
  return {
    physicalId: id,
    attributes: {
      ReplicationGroupId: id,
      'PrimaryEndPoint.Address': host,
      'PrimaryEndPoint.Port': primaryPort,
      'ReaderEndPoint.Address': host,
      'ReaderEndPoint.Port': String(running?.readerEndpoint.port ?? ''),
      // Only groups with cluster mode have one on AWS; a template that names it for another gets the primary here.
      'ConfigurationEndPoint.Address': host,
      'ConfigurationEndPoint.Port': primaryPort,
      'ReadEndPoint.Addresses': `[${addresses.join(', ')}]`,
      'ReadEndPoint.Addresses.List': addresses,
      'ReadEndPoint.Ports': `[${ports.join(', ')}]`,
      'ReadEndPoint.Ports.List': ports,
    },
  };
}
