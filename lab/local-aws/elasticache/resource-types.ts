import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import type { Operation, ProvidedResource, ResourceProvider } from '../service/service.ts';
import { replicationGroupProvider } from './replication-group-resource.ts';
import { type Call, generatedName, type Properties, provider, replaceTags } from './resource-provider.ts';
import type { ElastiCacheState } from './state.ts';

/** The CloudFormation types, each by way of the operations that answer the API. */
export function elastiCacheResourceTypes(
  state: ElastiCacheState,
  operations: Readonly<Record<string, Operation>>,
): Record<string, ResourceProvider> {
  const context = { region: state.options.region, accountId: LOCAL_ACCOUNT_ID, accessKeyId: 'cloudformation' };
  const call: Call = async (operation, input) => (await operations[operation]?.(input, context)) as Properties;

  return {
    'AWS::ElastiCache::ReplicationGroup': replicationGroupProvider(state, call),
    'AWS::ElastiCache::ParameterGroup': parameterGroupProvider(call, state),
    'AWS::ElastiCache::SubnetGroup': provider({
      immutable: ['CacheSubnetGroupName'],
      create: async ({ properties, ...request }) => {
        const name = String(properties['CacheSubnetGroupName'] ?? generatedName(request)).toLowerCase();
        await call('CreateCacheSubnetGroup', {
          ...properties,
          CacheSubnetGroupName: name,
          CacheSubnetGroupDescription: properties['Description'] ?? '',
        });
        return { physicalId: name, attributes: {} };
      },
      update: async ({ physicalId, properties }) => {
        const { Description: CacheSubnetGroupDescription, SubnetIds } = properties;
        await call('ModifyCacheSubnetGroup', { CacheSubnetGroupName: physicalId, CacheSubnetGroupDescription, SubnetIds });
        replaceTags(state, state.arn('subnetgroup', physicalId), properties);
        return { physicalId, attributes: {} };
      },
      delete: (CacheSubnetGroupName) => call('DeleteCacheSubnetGroup', { CacheSubnetGroupName }),
    }),
    'AWS::ElastiCache::User': provider({
      immutable: ['UserId', 'UserName'],
      create: async ({ properties }) => userResource(await call('CreateUser', { AccessString: 'off -@all', ...properties }), 'UserId'),
      update: async ({ physicalId, properties }) => {
        const user = await call('ModifyUser', { ...properties, UserId: physicalId });
        replaceTags(state, state.arn('user', physicalId), properties);
        return userResource(user, 'UserId');
      },
      delete: (UserId) => call('DeleteUser', { UserId }),
    }),
    'AWS::ElastiCache::UserGroup': provider({
      immutable: ['UserGroupId'],
      create: async ({ properties }) => userResource(await call('CreateUserGroup', properties), 'UserGroupId'),
      update: async ({ physicalId, properties }) => {
        const wanted = ((properties['UserIds'] as string[] | undefined) ?? []).map((id) => id.toLowerCase());
        const present = state.userGroup(physicalId).userIds;
        const group = await call('ModifyUserGroup', {
          UserGroupId: physicalId,
          Engine: properties['Engine'],
          UserIdsToAdd: wanted.filter((id) => !present.includes(id)),
          UserIdsToRemove: present.filter((id) => !wanted.includes(id)),
        });
        replaceTags(state, state.arn('usergroup', physicalId), properties);
        return userResource(group, 'UserGroupId');
      },
      delete: (UserGroupId) => call('DeleteUserGroup', { UserGroupId }),
    }),
  };
}

function parameterGroupProvider(call: Call, state: ElastiCacheState): ResourceProvider {
  const set = async (name: string, properties: Properties): Promise<ProvidedResource> => {
    const wanted = (properties['Properties'] ?? {}) as Record<string, unknown>;
    const surplus = Object.keys(state.parameterGroups.get(name)?.values ?? {}).filter((key) => !(key in wanted));
    if (surplus.length > 0) {
      await call('ResetCacheParameterGroup', {
        CacheParameterGroupName: name,
        ParameterNameValues: surplus.map((ParameterName) => ({ ParameterName })),
      });
    }
    await call('ModifyCacheParameterGroup', {
      CacheParameterGroupName: name,
      ParameterNameValues: Object.entries(wanted).map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue })),
    });
    return { physicalId: name, attributes: { CacheParameterGroupName: name } };
  };
  const remove = (CacheParameterGroupName: string) => call('DeleteCacheParameterGroup', { CacheParameterGroupName });
  return provider({
    immutable: ['CacheParameterGroupName', 'CacheParameterGroupFamily', 'Description'],
    create: async ({ properties, ...request }) => {
      const name = String(properties['CacheParameterGroupName'] ?? generatedName(request)).toLowerCase();
      await call('CreateCacheParameterGroup', { ...properties, CacheParameterGroupName: name });
      try {
        return await set(name, properties);
      } catch (error) {
        await remove(name);
        throw error;
      }
    },
    update: async ({ physicalId, properties }) => {
      const resource = await set(physicalId, properties);
      replaceTags(state, state.arn('parametergroup', physicalId), properties);
      return resource;
    },
    delete: remove,
  });
}

function userResource(reply: Properties, idName: 'UserId' | 'UserGroupId'): ProvidedResource {
  return { physicalId: String(reply[idName]), attributes: { Arn: String(reply['ARN']), Status: String(reply['Status']) } };
}
