import { z } from 'zod';
import { AwsError, type Operation } from '../../gateway/service.ts';
import { describeCluster } from '../describe-group.ts';
import { flag, pageOf, parseInput, text } from '../input-fields.ts';
import type { ElastiCacheState } from '../state.ts';

const fields = z.object({ CacheClusterId: text.optional(), ShowCacheNodeInfo: flag.default(false) });

/** DescribeCacheClusters: the members of the replication groups. */
export function cacheClusterOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    DescribeCacheClusters: (raw) => {
      const input = parseInput(fields, raw);
      const members = [...state.groups.values()].flatMap((group) => group.nodeIds.map((id) => ({ group, id })));
      const wanted = members.filter(({ id }) => input.CacheClusterId === undefined || id === input.CacheClusterId.toLowerCase());
      if (input.CacheClusterId !== undefined && wanted.length === 0) {
        throw new AwsError('CacheClusterNotFound', `CacheCluster not found: ${input.CacheClusterId}`, 404);
      }
      const { page, Marker } = pageOf(wanted, raw);
      return { Marker, CacheClusters: page.map(({ group, id }) => describeCluster(state, group, id, input.ShowCacheNodeInfo)) };
    },
  };
}
