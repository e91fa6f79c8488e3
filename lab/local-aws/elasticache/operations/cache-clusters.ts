import { z } from 'zod';
import { flag, text } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { describeCluster } from '../describe-group.ts';
import { page, parseInput } from '../input.ts';
import type { ElastiCacheState } from '../state.ts';

const fields = z.object({ CacheClusterId: text.optional(), ShowCacheNodeInfo: flag.default(false) });

/** DescribeCacheClusters: the members of the replication groups. DescribeServerlessCaches: there are none. */
export function cacheClusterOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    DescribeCacheClusters: (raw) => {
      const input = parseInput(fields, raw);
      const members = [...state.groups.values()].flatMap((group) => group.nodeIds.map((id) => ({ group, id })));
      const wanted = members.filter(({ id }) => input.CacheClusterId === undefined || id === input.CacheClusterId.toLowerCase());
      if (input.CacheClusterId !== undefined && wanted.length === 0) {
        throw new AwsError('CacheClusterNotFound', `CacheCluster not found: ${input.CacheClusterId}`, 404);
      }
      const { items, Marker } = page(wanted, raw);
      return { Marker, CacheClusters: items.map(({ group, id }) => describeCluster(state, group, id, input.ShowCacheNodeInfo)) };
    },
    DescribeServerlessCaches: (raw) => {
      const { ServerlessCacheName } = parseInput(z.object({ ServerlessCacheName: text.optional() }), raw);
      if (ServerlessCacheName === undefined) return { ServerlessCaches: [] };
      throw new AwsError('ServerlessCacheNotFoundFault', `The serverless cache ${ServerlessCacheName} was not found.`, 404);
    },
  };
}
