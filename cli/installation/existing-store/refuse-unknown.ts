/** Why a name is no replication group of a Region: what else it is, or which groups there are. */
import {
  DescribeCacheClustersCommand,
  DescribeServerlessCachesCommand,
  type ElastiCacheClient,
  paginateDescribeReplicationGroups,
} from '@aws-sdk/client-elasticache';
import { didYouMean } from '../../../functions/shared/did-you-mean.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { allOf, askAws } from './ask-aws.ts';

/** Names of groups that a refusal lists. */
const MAX_LISTED = 10;

/** @throws CommandFailure NoSuchGroup, always */
export async function refuseUnknown(elastiCache: ElastiCacheClient, id: string, region: string): Promise<never> {
  const serverless = () => elastiCache.send(new DescribeServerlessCachesCommand({ ServerlessCacheName: id }));
  if (await isThere(() => askAws('elasticache:DescribeServerlessCaches', serverless))) {
    const page = pagePath('docs/watch-a-store.md');
    throw refusal(`${id} in ${region} is a serverless cache and no replication group: ${page} has its configuration, to write by hand`);
  }
  const single = () => elastiCache.send(new DescribeCacheClustersCommand({ CacheClusterId: id }));
  if (await isThere(() => askAws('elasticache:DescribeCacheClusters', single)))
    throw refusal(
      `${id} in ${region} is a single node and no replication group: name the group that it is in, or make it the primary of a new one`,
    );
  const names = await groupsOf(elastiCache);
  const listed = `${names.slice(0, MAX_LISTED).join(', ')}${names.length > MAX_LISTED ? ` and ${names.length - MAX_LISTED} more` : ''}`;
  const others = names.length === 0 ? ', nor any other for these credentials: check the Region and the account' : `, which has ${listed}`;
  throw refusal(`There is no replication group ${id} in ${region}${others}`, didYouMean(id, names));
}

const refusal = (sentence: string, question = '') =>
  new CommandFailure('NoSuchGroup', `${sentence}.${question} Nothing was written.`, EXIT.badInput);

/** False also where it is not known: the refusal then says less. */
const isThere = (find: () => Promise<object>): Promise<boolean> =>
  find().then(
    (found) => Object.values(found).some((value) => Array.isArray(value) && value.length > 0),
    () => false,
  );

async function groupsOf(elastiCache: ElastiCacheClient): Promise<readonly string[]> {
  const pages = () => paginateDescribeReplicationGroups({ client: elastiCache }, {});
  const all = await askAws('elasticache:DescribeReplicationGroups', () => allOf(pages(), ({ ReplicationGroups }) => ReplicationGroups));
  return all.flatMap(({ ReplicationGroupId }) => ReplicationGroupId ?? []);
}
