import type { ShardLinks } from '../nodes/store-link.ts';
import type { Progress } from '../progress.ts';
import type { ShardPorts } from '../shard-ports.ts';
import { checkReplica } from './judge-replica.ts';

/**
 * Notes that the replica that pages are read from has every repair so far. Replication is asynchronous: if this replica is promoted,
 * later repairs can be lost, and the sweep goes on from here. Where pages are read from the primary there is nothing to note.
 * @throws StoreInterrupted when the replica is behind, or is no replica any more
 */
export async function confirmProgress({ reader, writer }: ShardLinks, progress: Progress, pause: ShardPorts['pause']): Promise<void> {
  if (reader === writer) return;
  await checkReplica(reader, writer, pause);
  const { parts, tally } = progress.saved;
  progress.change({ confirmed: { parts, tally } });
}
