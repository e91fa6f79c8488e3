import { AwsError } from '../service/service.ts';
import type { Engine, GroupSpec } from './group-spec.ts';
import { invalidValue } from './input.ts';
import { isNodeType } from './node-types.ts';
import { familyOf, PARAMETER_GROUP_FAMILIES } from './parameter-catalog.ts';
import type { ElastiCacheState } from './state.ts';

/** What CreateReplicationGroup and ModifyReplicationGroup refuse, with AWS's error codes. */

const DEFAULT_VERSIONS: Readonly<Record<Engine, string>> = { redis: '7.1', valkey: '8.1' };
const MAX_NODES = 6;

/** @throws AwsError InvalidParameterValue for an engine that no replication group can have */
export function engineOf(input: { readonly Engine?: string | undefined; readonly EngineVersion?: string | undefined }): {
  readonly engine: Engine;
  readonly engineVersion: string;
} {
  const engine = (input.Engine ?? 'redis').toLowerCase();
  if (engine !== 'redis' && engine !== 'valkey') throw invalidValue(`Engine ${engine} is not available for replication groups.`);
  const engineVersion = input.EngineVersion ?? DEFAULT_VERSIONS[engine];
  const family = familyOf(engine, engineVersion);
  if (!(PARAMETER_GROUP_FAMILIES as readonly string[]).includes(family))
    throw invalidValue(`Cannot find version ${engineVersion} for ${engine}`);
  return { engine, engineVersion };
}

/** The number of nodes, from either of the two parameters for it. */
export function nodeCountOf(input: {
  readonly NumCacheClusters?: number | undefined;
  readonly NumNodeGroups?: number | undefined;
  readonly ReplicasPerNodeGroup?: number | undefined;
  readonly NodeGroupConfiguration?: readonly { readonly ReplicaCount?: number | undefined }[] | undefined;
  readonly ClusterMode?: string | undefined;
}): number {
  const nodeGroups = input.NodeGroupConfiguration?.length ?? input.NumNodeGroups ?? 1;
  if (nodeGroups > 1 || (input.ClusterMode ?? 'disabled') !== 'disabled') {
    throw invalidValue('The local cloud has no cluster mode: a replication group has one node group here.');
  }
  return input.NumCacheClusters ?? 1 + (input.NodeGroupConfiguration?.[0]?.ReplicaCount ?? input.ReplicasPerNodeGroup ?? 0);
}

export function checkNodeType(spec: GroupSpec): void {
  if (!isNodeType(spec.nodeType)) throw invalidValue(`Invalid cache node type: ${spec.nodeType}`);
}

export function checkNumbers(spec: GroupSpec): void {
  if (spec.nodeCount < 1 || spec.nodeCount > MAX_NODES)
    throw invalidValue(`A replication group has 1 to ${MAX_NODES} nodes, not ${spec.nodeCount}.`);
  if (spec.automaticFailover && spec.nodeCount < 2) {
    throw invalidCombination('Automatic failover is not supported for replication groups with one node: it needs a replica.');
  }
  if (spec.multiAz && !spec.automaticFailover) throw invalidCombination('Multi-AZ needs automatic failover to be enabled.');
}

export function checkParameterGroup(state: ElastiCacheState, spec: GroupSpec): void {
  const family = familyOf(spec.engine, spec.engineVersion);
  const name = spec.parameterGroupName;
  const isDefault = (PARAMETER_GROUP_FAMILIES as readonly string[]).includes(name.replace(/^default\./, ''));
  const actual = isDefault ? name.replace(/^default\./, '') : state.parameterGroups.get(name)?.family;
  if (actual === undefined) throw new AwsError('CacheParameterGroupNotFound', `CacheParameterGroup ${name} not found.`, 404);
  if (actual !== family) throw invalidCombination(`Expected a parameter group of family ${family} but found one of family ${actual}`);
}

/** Tokens and user groups need TLS, exclude one another, and a user group must fit the engine. */
export function checkAccess(state: ElastiCacheState, spec: GroupSpec): void {
  if ((spec.authTokens.length > 0 || spec.userGroupIds.length > 0) && !spec.transitEncryption) {
    throw invalidCombination('In-transit encryption must be enabled to use an AuthToken or user groups.');
  }
  if (spec.authTokens.length > 0 && spec.userGroupIds.length > 0)
    throw invalidCombination('AuthToken and UserGroupIds exclude one another.');
  if (spec.userGroupIds.length > 1) throw invalidCombination('A replication group has at most one user group.');
  if (spec.authTokens.some((token) => !/^[!-~]{16,128}$/.test(token) || /[/@"]/.test(token))) {
    throw invalidValue('The AuthToken must have 16 to 128 printable characters other than /, @ and ".');
  }
  for (const id of spec.userGroupIds) {
    if (spec.engine === 'redis' && state.userGroup(id).engine === 'valkey') {
      throw invalidCombination(`User group ${id} is of engine valkey and the replication group of engine redis.`);
    }
  }
}

function invalidCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}
