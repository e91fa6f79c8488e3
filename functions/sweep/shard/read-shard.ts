import type { Checkpoint, SweepSettings } from '../contract.ts';
import { addToBatch, type Batch, isFull } from '../pages/batch.ts';
import type { Part } from '../pages/key-space.ts';
import { createPacer, limitsFor, type Reading } from '../pages/pace.ts';
import { type PageSource, readParts } from '../pages/read-parts.ts';
import { largeFrom } from '../report/tally.ts';
import { weighsAll } from '../settings.ts';
import { StoreInterrupted, type StoreLink } from '../store/store-link.ts';
import { noteSlots } from './note-slots.ts';
import type { Progress } from './progress.ts';
import type { ShardPorts } from './shard-ports.ts';

/** Where pages are read, and where candidates are read and repaired: the same node where there is no replica. */
export interface ShardLinks {
  readonly reader: StoreLink;
  readonly writer: StoreLink;
}

export interface ShardWork {
  readonly settings: SweepSettings;
  readonly progress: Progress;
  readonly pause: ShardPorts['pause'];
  readonly reading?: Reading | undefined;
  readonly handle: (batch: Batch) => Promise<void>;
  readonly isOver: () => boolean;
}

/**
 * Reads the shard's parts from the checkpoint on, and hands their pages to `handle` in batches. Reads go on while a batch is
 * handled. Batches are handled one after the other, so that each cursor is saved with its keys.
 * @throws StoreInterrupted, SweepLeaseLost, CursorInDoubt
 */
export async function readShard(links: ShardLinks, work: ShardWork): Promise<'DONE' | 'REPEAT'> {
  const { progress, handle } = work;
  let batch: Batch | undefined;
  let handling = Promise.resolve();
  try {
    for await (const { page, parts, verdict } of readParts(pagesOf(links, work), progress.checkpoint.parts)) {
      batch = addToBatch(batch, page, parts);
      const isSaveDue = progress.isSaveDue();
      if (verdict || isSaveDue || isFull(batch)) {
        await handling;
        handling = handle(batch);
        handling.catch(() => undefined); // awaited in its turn
        batch = undefined;
      }
      if (verdict || isSaveDue) await handling;
      if (verdict) return verdict;
      if (isSaveDue) await saveOnNode(links, progress);
    }
    return 'DONE';
  } finally {
    // The checkpoint includes this batch's repairs even if later pages fail.
    await handling.catch(() => undefined);
  }
}

function pagesOf({ reader }: ShardLinks, { settings, progress, pause, reading, isOver }: ShardWork): PageSource {
  const { sampleEvery } = settings;
  const { parts } = progress.checkpoint;
  const pacer = createPacer(limitsFor(settings.pace, reader.idle, parts.length, reading), reader.idle);
  return {
    order: parts.length > 1 ? reader.identity.cursorOrder : undefined,
    async read({ cursor, keys }: Part) {
      const startedMs = performance.now();
      const { count } = pacer.pace;
      if (count > progress.checkpoint.largestCount) progress.change({ largestCount: count });
      const largeFromBytes = weighsAll(settings) ? largeFrom(progress.checkpoint.tally) : 0;
      const request = { cursor, count, sampleEvery, sinceSample: keys % sampleEvery, largeFromBytes };
      const page = await reader.run(() => reader.store.page(request));
      pacer.observe(performance.now() - startedMs, page.busyMs);
      return page;
    },
    pauseMs: () => pacer.pace.pauseMs,
    pause,
    isOver,
  };
}

/** Saves the progress and checks that the writer is still the primary: a replica would still return pages. */
async function saveOnNode({ writer }: ShardLinks, progress: Progress): Promise<void> {
  const { role, runId } = await writer.run(() => writer.store.identify());
  const expected: Checkpoint['runId'] = progress.checkpoint.runId;
  if (role !== 'master' || runId !== expected) throw new StoreInterrupted('the node is no longer the primary');
  await noteSlots(writer, progress);
  await progress.save({ failedInvocations: 0 });
}
