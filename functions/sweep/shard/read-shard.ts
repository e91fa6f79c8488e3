import type { Part } from '../contract/checkpoint.ts';
import { type SweepSettings, weighsMore } from '../contract/settings.ts';
import { StoreInterrupted } from '../nodes/store-link.ts';
import { addToBatch, type Batch, isFull } from '../pages/batch.ts';
import { type PageSource, readParts } from '../pages/read-parts.ts';
import type { Progress } from '../progress.ts';
import { confirmProgress } from '../replica/confirm-progress.ts';
import { chooseMeasured, chooseSample } from '../report/choose-sample.ts';
import { largeFrom } from '../report/count-tally.ts';
import type { ShardPorts } from '../shard-ports.ts';
import { noteSlots } from './note-slots.ts';
import type { PacedNode } from './paced-node.ts';

/** Where pages are read, and where candidates are read and repaired: the same node where there is no replica. */
export interface ShardNodes {
  readonly reader: PacedNode;
  readonly writer: PacedNode;
}

export interface ShardWork {
  readonly settings: SweepSettings;
  /** Keys with a TTL, as the node counts them. */
  readonly expiring: number;
  /** Where the sample begins ({@link drawStart}). */
  readonly sampleStart: number;
  readonly progress: Progress;
  readonly pause: ShardPorts['pause'];
  readonly handle: (batch: Batch) => Promise<void>;
  readonly isOver: () => boolean;
}

/**
 * Reads the shard's parts from the checkpoint on, and hands their pages to `handle` in batches. Reads go on while a batch is
 * handled. Batches are handled one after the other, so that each cursor is saved with its keys.
 * @throws StoreInterrupted, SweepLeaseLost, CursorInDoubt
 */
export async function readShard(nodes: ShardNodes, work: ShardWork): Promise<'DONE' | 'REPEAT'> {
  const { progress, handle } = work;
  let batch: Batch | undefined;
  let handling = Promise.resolve();
  try {
    for await (const { page, parts, verdict } of readParts(pagesOf(nodes, work), progress.checkpoint.parts)) {
      batch = addToBatch(batch, page, parts);
      const isSaveDue = progress.isSaveDue();
      if (verdict || isSaveDue || isFull(batch, nodes.reader.canOverlap)) {
        await handling;
        handling = handle(batch);
        handling.catch(() => undefined); // awaited in its turn
        batch = undefined;
      }
      if (verdict || isSaveDue || !nodes.reader.canOverlap) await handling;
      if (verdict) return verdict;
      if (isSaveDue) await saveOnNode(nodes, work);
    }
    return 'DONE';
  } finally {
    // The checkpoint includes this batch's repairs even if later pages fail.
    await handling.catch(() => undefined);
  }
}

function pagesOf({ reader, writer }: ShardNodes, { settings, expiring, sampleStart, progress, pause, isOver }: ShardWork): PageSource {
  const { sampleEvery } = settings;
  const { parts } = progress.checkpoint;
  return {
    order: parts.length > 1 ? reader.link.identity.cursorOrder : undefined,
    async read(part: Part) {
      const { count } = reader;
      if (count > progress.checkpoint.largestCount) progress.change({ largestCount: count });
      const largeFromBytes = weighsMore(settings) ? largeFrom(progress.checkpoint.tally) : 0;
      const { every, since } = chooseSample(part, { sampleEvery, expiring }, sampleStart);
      const measured = chooseMeasured(part, { sampleEvery, expiring }, sampleStart);
      if (every > (progress.checkpoint.sampledOneIn ?? 1)) progress.change({ sampledOneIn: every });
      if (measured.every > (progress.checkpoint.measuredOneIn ?? 1)) progress.change({ measuredOneIn: measured.every });
      return reader.page({ cursor: part.cursor, count, sampleEvery: every, sinceSample: since, largeFromBytes, measured });
    },
    pauseMs: () => Math.max(reader.pauseMs(), writer.pauseMs()),
    pause,
    isOver,
  };
}

/**
 * Saves the progress, and checks that the writer is still the primary: a replica would still return pages. A replica that is read
 * has to be in step with it.
 * @throws StoreInterrupted
 */
async function saveOnNode({ reader, writer }: ShardNodes, { progress, pause }: ShardWork): Promise<void> {
  const { link } = writer;
  const { role, runId } = await link.run(() => link.store.identify());
  if (role !== 'master' || runId !== link.identity.runId) throw new StoreInterrupted('the node is no longer the primary');
  await noteSlots(link, progress);
  await confirmProgress({ reader: reader.link, writer: link }, progress, pause);
  await progress.save({ failedInvocations: 0 });
}
