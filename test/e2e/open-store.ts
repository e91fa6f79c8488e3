/** The session store, as an application or a sweep reaches it. */
import { readFile } from 'node:fs/promises';
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { Redis } from 'ioredis';
import { replicationGroupId as replicationGroupIdOf } from '../../functions/shared/naming.ts';
import { signStoreToken } from '../../functions/shared/store/store-login.ts';
import { applicationSecret, elastiCache, kept } from './fleet.ts';

interface SignIn {
  readonly username: string;
  readonly password: string;
}

/** The sweep's user, with a token that root signs. */
export async function sweepUser(): Promise<SignIn> {
  const username = 'holdfast-sweep';
  const { region, credentials } = kept;
  const replicationGroupId = replicationGroupIdOf('holdfast');
  return { username, password: await signStoreToken({ userName: username, replicationGroupId, region, credentials, now: new Date() }) };
}

/** Does `work` with a connection to the primary endpoint, and closes it. @param user by default the application's */
export async function withStore<T>(work: (store: Redis) => Promise<T>, user?: SignIn): Promise<T> {
  const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
  const endpoint = ReplicationGroups?.[0]?.NodeGroups?.[0]?.PrimaryEndpoint;
  const { username, password } = user ?? (await applicationSecret());
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
