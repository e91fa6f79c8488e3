import { z } from 'zod';
import { flag, list, requiredText, tagList, text, texts, whole } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { checkAccess, checkNodeType, checkNumbers, checkParameterGroup, engineOf, nodeCountOf } from '../check-group.ts';
import { describeGroup } from '../describe-group.ts';
import type { GroupSpec } from '../group-spec.ts';
import { page, parseInput } from '../input.ts';
import { nodeTypesNextTo } from '../node-types.ts';
import { ReplicationGroup } from '../nodes/replication-group.ts';
import { familyOf } from '../parameter-catalog.ts';
import type { ElastiCacheState } from '../state.ts';
import { readWindows } from '../windows.ts';

/** ElastiCache keeps its ids in lower case. */
const ids = texts.transform((list) => list.map((id) => id.toLowerCase()));

const modifiableFields = {
  ReplicationGroupDescription: text.optional(),
  AutomaticFailoverEnabled: flag.optional(),
  MultiAZEnabled: flag.optional(),
  CacheNodeType: text.optional(),
  Engine: text.optional(),
  EngineVersion: text.optional(),
  CacheParameterGroupName: text.optional(),
  SecurityGroupIds: texts.optional(),
  AuthToken: text.optional(),
  NotificationTopicArn: text.optional(),
  SnapshotRetentionLimit: whole().optional(),
  SnapshotWindow: text.optional(),
  PreferredMaintenanceWindow: text.optional(),
  AutoMinorVersionUpgrade: flag.optional(),
  LogDeliveryConfigurations: list(z.record(z.string(), z.unknown())).optional(),
};

const createFields = z.object({
  ...modifiableFields,
  ReplicationGroupId: requiredText,
  ReplicationGroupDescription: requiredText,
  NumCacheClusters: whole().optional(),
  NumNodeGroups: whole().optional(),
  ReplicasPerNodeGroup: whole().optional(),
  NodeGroupConfiguration: list(z.object({ ReplicaCount: whole().optional() })).optional(),
  CacheSubnetGroupName: text.optional(),
  TransitEncryptionEnabled: flag.default(false),
  TransitEncryptionMode: text.optional(),
  AtRestEncryptionEnabled: flag.default(false),
  KmsKeyId: text.optional(),
  UserGroupIds: ids.default([]),
  ClusterMode: text.optional(),
  Tags: tagList.optional(),
});

export type CreateGroupInput = z.infer<typeof createFields>;

const modifyFields = z.object({
  ...modifiableFields,
  ReplicationGroupId: requiredText,
  PrimaryClusterId: text.optional(),
  AuthTokenUpdateStrategy: z.enum(['SET', 'ROTATE', 'DELETE']).default('ROTATE'),
  UserGroupIdsToAdd: ids.default([]),
  UserGroupIdsToRemove: ids.default([]),
  RemoveUserGroups: flag.default(false),
  NotificationTopicStatus: text.optional(),
});

/** Create-, Describe-, Modify- and DeleteReplicationGroup, and the replica counts. */
export function replicationGroupOperations(state: ElastiCacheState): Record<string, Operation> {
  const reply = (group: ReplicationGroup): object => ({ ReplicationGroup: describeGroup(state, group) });
  return {
    CreateReplicationGroup: (raw) => {
      const input = parseInput(createFields, raw);
      const spec = newSpec(state, input);
      const group = new ReplicationGroup(state, spec, () => state.groups.delete(spec.id));
      state.groups.set(spec.id, group);
      state.addTags(state.arn('replicationgroup', spec.id), input.Tags);
      group.create();
      return reply(group);
    },
    DescribeReplicationGroups: (raw) => {
      const { ReplicationGroupId } = parseInput(z.object({ ReplicationGroupId: text.optional() }), raw);
      const groups = ReplicationGroupId ? [state.group(ReplicationGroupId)] : [...state.groups.values()];
      const { items, Marker } = page(groups, raw);
      return { Marker, ReplicationGroups: items.map((group) => describeGroup(state, group)) };
    },
    ModifyReplicationGroup: (raw) => {
      const input = parseInput(modifyFields, raw);
      const group = availableGroup(state, input.ReplicationGroupId);
      const spec = modifiedSpec(state, group.spec, input);
      const promoted = input.PrimaryClusterId === undefined ? undefined : checkPromotion(group, input.PrimaryClusterId);
      group.modify(spec);
      if (promoted !== undefined) group.promote(promoted);
      return reply(group);
    },
    ListAllowedNodeTypeModifications: (raw) => {
      const { spec } = state.group(parseInput(z.object({ ReplicationGroupId: requiredText }), raw).ReplicationGroupId);
      return nodeTypesNextTo(spec.nodeType);
    },
    IncreaseReplicaCount: (raw) => changeReplicaCount(state, raw, (now, then) => then > now),
    DecreaseReplicaCount: (raw) => changeReplicaCount(state, raw, (now, then) => then < now),
    DeleteReplicationGroup: (raw) => {
      const input = parseInput(z.object({ ReplicationGroupId: requiredText, RetainPrimaryCluster: flag.default(false) }), raw);
      if (input.RetainPrimaryCluster) throw new AwsError('InvalidParameterCombination', 'RetainPrimaryCluster is not available here.');
      const group = state.group(input.ReplicationGroupId);
      if (group.status !== 'create-failed') availableGroup(state, input.ReplicationGroupId);
      group.delete();
      return reply(group);
    },
  };
}

/** @throws AwsError InvalidReplicationGroupState while something else is being done to the group */
export function availableGroup(state: ElastiCacheState, id: string): ReplicationGroup {
  const group = state.group(id);
  if (group.status === 'available') return group;
  throw new AwsError('InvalidReplicationGroupState', `Replication group ${group.spec.id} is not in available state: ${group.status}.`);
}

/**
 * A replica becomes the primary by hand only where the group does not fail over by itself.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.PromoteReplica.html
 */
function checkPromotion(group: ReplicationGroup, given: string): string {
  const id = given.toLowerCase();
  if (!group.nodeIds.includes(id)) throw new AwsError('InvalidParameterValue', `${id} is no member of replication group ${group.spec.id}.`);
  if (!group.spec.automaticFailover) return id;
  throw new AwsError('InvalidReplicationGroupState', `Replication group ${group.spec.id} has automatic failover enabled.`);
}

function newSpec(state: ElastiCacheState, input: CreateGroupInput): GroupSpec {
  const id = input.ReplicationGroupId.toLowerCase();
  if (!/^[a-z](?:-?[a-z0-9]){0,39}$/.test(id))
    throw new AwsError('InvalidParameterValue', `The parameter ReplicationGroupId ${id} is not a valid identifier.`);
  if (state.groups.has(id)) throw new AwsError('ReplicationGroupAlreadyExists', `Replication group ${id} already exists.`);
  const { engine, engineVersion } = engineOf(input);
  const spec: GroupSpec = {
    id,
    description: input.ReplicationGroupDescription,
    engine,
    engineVersion,
    nodeType: input.CacheNodeType ?? 'cache.t4g.micro',
    nodeCount: nodeCountOf(input),
    automaticFailover: input.AutomaticFailoverEnabled ?? false,
    multiAz: input.MultiAZEnabled ?? false,
    parameterGroupName: input.CacheParameterGroupName?.toLowerCase() ?? `default.${familyOf(engine, engineVersion)}`,
    subnetGroupName: input.CacheSubnetGroupName?.toLowerCase(),
    securityGroupIds: input.SecurityGroupIds ?? [],
    transitEncryption: input.TransitEncryptionEnabled,
    atRestEncryption: input.AtRestEncryptionEnabled,
    kmsKeyId: input.KmsKeyId,
    authTokens: input.AuthToken ? [input.AuthToken] : [],
    userGroupIds: input.UserGroupIds,
    notificationTopicArn: input.NotificationTopicArn,
    snapshotRetentionLimit: input.SnapshotRetentionLimit ?? 0,
    snapshotWindow: input.SnapshotWindow ?? '05:00-06:00',
    maintenanceWindow: input.PreferredMaintenanceWindow ?? 'sun:03:00-sun:04:00',
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
    logDeliveryConfigurations: input.LogDeliveryConfigurations ?? [],
  };
  if (spec.subnetGroupName && !state.subnetGroups.has(spec.subnetGroupName)) {
    throw new AwsError('CacheSubnetGroupNotFoundFault', `Cache subnet group ${spec.subnetGroupName} not found.`);
  }
  return checked(state, spec);
}

function modifiedSpec(state: ElastiCacheState, spec: GroupSpec, input: z.infer<typeof modifyFields>): GroupSpec {
  const kept = input.RemoveUserGroups ? [] : spec.userGroupIds.filter((id) => !input.UserGroupIdsToRemove.includes(id));
  return checked(state, {
    ...spec,
    description: input.ReplicationGroupDescription ?? spec.description,
    automaticFailover: input.AutomaticFailoverEnabled ?? spec.automaticFailover,
    multiAz: input.MultiAZEnabled ?? spec.multiAz,
    nodeType: input.CacheNodeType ?? spec.nodeType,
    ...(input.Engine || input.EngineVersion ? engineOf({ Engine: spec.engine, ...input }) : {}),
    parameterGroupName: input.CacheParameterGroupName?.toLowerCase() ?? spec.parameterGroupName,
    securityGroupIds: input.SecurityGroupIds ?? spec.securityGroupIds,
    authTokens: rotated(spec.authTokens, input.AuthToken, input.AuthTokenUpdateStrategy),
    userGroupIds: [...new Set([...kept, ...input.UserGroupIdsToAdd])],
    notificationTopicArn:
      input.NotificationTopicStatus === 'inactive' ? undefined : (input.NotificationTopicArn ?? spec.notificationTopicArn),
    snapshotRetentionLimit: input.SnapshotRetentionLimit ?? spec.snapshotRetentionLimit,
    snapshotWindow: input.SnapshotWindow ?? spec.snapshotWindow,
    maintenanceWindow: input.PreferredMaintenanceWindow ?? spec.maintenanceWindow,
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? spec.autoMinorVersionUpgrade,
    logDeliveryConfigurations: input.LogDeliveryConfigurations ?? spec.logDeliveryConfigurations,
  });
}

/** ROTATE keeps the previous token next to the new one until SET keeps only one. */
function rotated(tokens: readonly string[], token: string | undefined, strategy: 'SET' | 'ROTATE' | 'DELETE'): readonly string[] {
  if (strategy === 'DELETE') return [];
  if (!token) return tokens;
  return strategy === 'SET' ? [token] : [...new Set([...tokens.slice(-1), token])];
}

function checked(state: ElastiCacheState, spec: GroupSpec): GroupSpec {
  checkNodeType(spec);
  checkNumbers(spec);
  checkParameterGroup(state, spec);
  checkAccess(state, spec);
  return { ...spec, ...readWindows(spec) };
}

function changeReplicaCount(
  state: ElastiCacheState,
  raw: Record<string, unknown>,
  allowed: (now: number, then: number) => boolean,
): object {
  const input = parseInput(z.object({ ReplicationGroupId: requiredText, NewReplicaCount: whole() }), raw);
  const group = availableGroup(state, input.ReplicationGroupId);
  const nodeCount = input.NewReplicaCount + 1;
  if (!allowed(group.spec.nodeCount, nodeCount))
    throw new AwsError('InvalidParameterValue', `NewReplicaCount ${input.NewReplicaCount} is not allowed here.`);
  group.modify(checked(state, { ...group.spec, nodeCount }));
  return { ReplicationGroup: describeGroup(state, group) };
}
