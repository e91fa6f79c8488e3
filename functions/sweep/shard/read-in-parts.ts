import { CursorInDoubt } from '../pages/key-space.ts';
import { readKeyCounts } from '../store/key-counts.ts';
import { checkKeysSeen, withOneCursor } from './plan-parts.ts';
import { readShard, type ShardLinks, type ShardWork } from './read-shard.ts';

/**
 * Reads the shard in the parts of the checkpoint; from the first page on with one cursor when a check of the parts fails.
 * @throws StoreInterrupted, SweepLeaseLost
 */
export async function readInParts(links: ShardLinks, work: ShardWork, database: number): Promise<'DONE' | 'REPEAT'> {
  const { progress } = work;
  try {
    const verdict = await readShard(links, work);
    const { parts } = progress.checkpoint;
    if (verdict === 'DONE' && parts.length > 1)
      checkKeysSeen(progress.checkpoint, await links.reader.run(() => readKeyCounts(links.reader.redis, database)));
    return verdict;
  } catch (error) {
    if (!(error instanceof CursorInDoubt)) throw error;
    progress.change(withOneCursor(progress.checkpoint));
    return work.isOver() ? 'REPEAT' : await readShard(links, work);
  }
}
