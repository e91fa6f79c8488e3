import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeAddress } from '../../shared/store/cluster-slots.ts';
import { openLink, ReaderInterrupted, StoreInterrupted, type StoreLink } from '../nodes/store-link.ts';
import type { ShardPorts } from '../shard-ports.ts';

/** A node that lives answers within milliseconds; connecting to one that is gone takes longer than an invocation can wait. */
const OPEN_LIMIT_MS = 5_000;

export interface ReplicaPorts extends Pick<ShardPorts, 'storeName'> {
  readonly connectTo: NonNullable<ShardPorts['connectTo']>;
}

/**
 * Two connections to a replica, in cluster mode with READONLY: without it a replica answers every command with MOVED. Its faults
 * are {@link ReaderInterrupted}.
 * @returns undefined where it does not answer, or refuses
 */
export async function openReplica(ports: ReplicaPorts, node: NodeAddress, clustered: boolean): Promise<StoreLink | undefined> {
  const connect = async () => {
    const redis = await ports.connectTo(node);
    // To the writes of a dry run, which it refuses: elsewhere a sign of a failover, after which a client connects again.
    redis.options.reconnectOnError = null;
    if (clustered) await redis.call('READONLY');
    return redis;
  };
  const opening = openLink(connect, ports.storeName, []);
  const link = await Promise.race([opening.catch(() => undefined), sleep(OPEN_LIMIT_MS, undefined, { ref: false })]);
  if (link === undefined) {
    opening.then(
      (late) => late.close(),
      () => undefined,
    );
    return undefined;
  }
  return { ...link, run: (work) => link.run(work).catch(asReaderFault) };
}

function asReaderFault(error: unknown): never {
  throw error instanceof StoreInterrupted ? new ReaderInterrupted(`the replica: ${error.message}`, { cause: error }) : error;
}
