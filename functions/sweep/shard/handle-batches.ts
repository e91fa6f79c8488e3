import type { SweepContext } from '../contract.ts';
import type { Classify } from '../keys/classify-key.ts';
import type { Batch } from '../pages/batch.ts';
import { handlePage, type PageWork, weigh } from '../pages/handle-page.ts';
import { addPage, type Tally } from '../report/tally.ts';
import type { StoreLink } from '../store/store-link.ts';
import type { IndexSets } from './index-sets.ts';
import type { Progress } from './progress.ts';
import type { ShardPorts } from './shard-ports.ts';

export interface HandlerContext {
  readonly ports: Pick<ShardPorts, 'hashId' | 'now'>;
  readonly sweep: SweepContext;
  readonly progress: Progress;
  readonly classify: Classify;
  readonly indexSets: IndexSets;
}

/**
 * Repairs the keys of one batch after the other, and adds each to the checkpoint.
 * @param writer the primary, which candidates are read from and repaired on
 */
export function createBatchHandler(
  { ports, sweep, progress, classify, indexSets }: HandlerContext,
  writer: StoreLink,
): (batch: Batch) => Promise<void> {
  /** Until here `busyMs` is counted. */
  let countedMs = performance.now();
  return async (batch) => {
    const { checkpoint } = progress;
    const work: PageWork = {
      store: writer.store,
      classify,
      hashId: ports.hashId,
      settings: sweep.settings,
      dryRun: sweep.dryRun,
      deletesLeft: sweep.settings.maxDeletes - deletedOf(checkpoint.tally),
      nowMs: ports.now(),
    };
    const handled = batch.persistentKeys.length === 0 ? [] : await writer.run(() => handlePage(batch, work));
    indexSets.note(batch.persistentKeys);
    const nowMs = performance.now();
    progress.change({
      busyMs: checkpoint.busyMs + nowMs - countedMs,
      parts: batch.parts,
      tally: addPage(checkpoint.tally, batch.keys, handled, weigh(batch.samples, work), weigh(batch.larger, work)),
    });
    countedMs = nowMs;
  };
}

const deletedOf = ({ byDialect }: Tally): number => Object.values(byDialect).reduce((sum, { deleted }) => sum + deleted, 0);
