/** The session store, as an application reaches it. */
import { readFile } from 'node:fs/promises';
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { Redis } from 'ioredis';
import { applicationSecret, elastiCache, kept } from './fleet.ts';

/** Does `work` with a connection of the application's user to the primary endpoint, and closes it. */
export async function withStore<T>(work: (store: Redis) => Promise<T>): Promise<T> {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const endpoint = ReplicationGroups?.[0]?.NodeGroups?.[0]?.PrimaryEndpoint;
  const { username, password } = await applicationSecret();
  const store = new Redis({
    host: endpoint?.Address as string,
    port: endpoint?.Port as number,
    username,
    password,
    tls: { ca: await readFile(kept.caFile, 'utf8') },
    lazyConnect: true,
    maxRetriesPerRequest: 1,
  });
  try {
    await store.connect();
    return await work(store);
  } finally {
    store.disconnect();
  }
}
