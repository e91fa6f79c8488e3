import { CursorInDoubt } from '../pages/key-space.ts';
import { readShard, type ShardNodes, type ShardWork } from './read-shard.ts';
import { checkKeysSeen, readKeyCounts, withOneCursor } from './start-on-node.ts';

/**
 * Reads the shard in the parts of the checkpoint; from the first page on with one cursor when a check of the parts fails.
 * @throws StoreInterrupted, SweepLeaseLost
 */
export async function readInParts(nodes: ShardNodes, work: ShardWork, database: number): Promise<'DONE' | 'REPEAT'> {
  const { progress } = work;
  try {
    const verdict = await readShard(nodes, work);
    const { parts } = progress.checkpoint;
    const { link } = nodes.reader;
    if (verdict === 'DONE' && parts.length > 1)
      checkKeysSeen(progress.checkpoint, await link.run(() => readKeyCounts(link.redis, database)));
    return verdict;
  } catch (error) {
    if (!(error instanceof CursorInDoubt)) throw error;
    progress.readFromStart(withOneCursor(progress.checkpoint));
    return work.isOver() ? 'REPEAT' : await readShard(nodes, work);
  }
}
