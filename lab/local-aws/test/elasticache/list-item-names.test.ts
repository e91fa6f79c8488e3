import * as sdk from '@aws-sdk/client-elasticache';
import { expect, test } from 'vitest';
import { LIST_ITEM_NAMES } from '../../elasticache/list-item-names.ts';

/** What this service replies with, by the SDK's own description of it. */
const REPLIES = [
  'ReplicationGroupMessage',
  'ReplicationGroup',
  'NodeGroup',
  'CacheClusterMessage',
  'CacheCluster',
  'EventsMessage',
  'CacheParameterGroupsMessage',
  'CacheParameterGroupDetails',
  'CacheSubnetGroupMessage',
  'CacheSubnetGroup',
  'DescribeUsersResult',
  'User',
  'DescribeUserGroupsResult',
  'UserGroup',
  'TagListMessage',
] as const;
/** Never sent. */
const UNUSED = new Set(['CacheNodeTypeSpecificParameters', 'MemberClustersOutpostArns']);

test.each(REPLIES)('the lists of %s have the item names that the SDK reads', (shape) => {
  const [, , , , names, types] = (sdk as unknown as Record<string, unknown[]>)[`${shape}$`] as [...unknown[], string[], unknown[]];
  for (const [index, name] of (names as string[]).entries()) {
    const type = resolve((types as unknown[])[index]);
    const itemName = listItemName(type);
    const known = LIST_ITEM_NAMES[name] ?? 'member';
    const item = typeof known === 'string' ? known : known[typeof type === 'number' ? 'text' : 'structure'];
    if (itemName !== undefined && !UNUSED.has(name)) expect({ name, item }).toEqual({ name, item: itemName });
  }
});

function resolve(type: unknown): unknown {
  return typeof type === 'function' ? type() : type;
}

/** A list schema is `[1, namespace, name, traits, item]`, or the number of a simple item with the list bit 64. */
function listItemName(type: unknown): string | undefined {
  if (typeof type === 'number') return type & 64 ? 'member' : undefined;
  if (!Array.isArray(type) || type[0] !== 1) return undefined;
  const traits = Array.isArray(type[4]) ? type[4][1] : undefined;
  return (traits as { xmlName?: string } | undefined)?.xmlName ?? 'member';
}
