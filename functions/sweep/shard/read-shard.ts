import type { VerdictOf } from '../../shared/verdict.ts';
import type { Part } from '../contract/checkpoint.ts';
import { type SweepSettings, weighsMore } from '../contract/settings.ts';
import type { SweepRound } from '../contract/steps.ts';
import { StoreInterrupted, type StoreLink } from '../nodes/store-link.ts';
import { advance, CursorInDoubt } from '../pages/key-space.ts';
import type { Progress } from '../progress.ts';
import { confirmProgress } from '../replica/open-reader.ts';
import { chooseMeasured, chooseSample } from '../report/choose-sample.ts';
import { largeFrom } from '../report/count-tally.ts';
import type { ShardPorts } from '../shard-ports.ts';
import { ALL_SLOTS, inBoth, readOwnedSlots, readSlots, slotsText } from '../slots/slot-set.ts';
import type { CursorOrder, Page, PageKeys } from '../store/sweep-store.ts';
import type { PacedNode } from './paced-node.ts';
import { checkKeysSeen, readKeyCounts, withOneCursor } from './start-on-node.ts';

/** Where pages are read, and where candidates are read and repaired: the same node where there is no replica. */
export interface ShardNodes {
  readonly reader: PacedNode;
  readonly writer: PacedNode;
}

interface ShardWork {
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
async function readShard(nodes: ShardNodes, work: ShardWork): Promise<'DONE' | 'REPEAT'> {
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

interface PageSource {
  /** What the cursors count; undefined: there is one part only. */
  readonly order: CursorOrder | undefined;
  readonly read: (part: Part) => Promise<Page>;
  /** Pause before the next page; 0: none. */
  readonly pauseMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  /** When true, no further page is requested. */
  readonly isOver: () => boolean;
}

interface PageRead {
  readonly page: Page;
  /** All parts, as they are after this page and the ones before it. */
  readonly parts: readonly Part[];
  /** Set on the last page: DONE when all parts are read, REPEAT when the time is up. */
  readonly verdict: VerdictOf<'DONE' | 'REPEAT'> | undefined;
}

const withTtlOf = ({ keys, persistentKeys, longNames }: Page): number => keys - persistentKeys.length - longNames.persistent;

/**
 * Reads all parts at once, page after page: one request of each part is under way. Without pauses the store prepares the next
 * pages while the caller handles the last. Replies of one connection arrive in the order of their requests.
 * @throws CursorInDoubt, and the error of a request
 */
async function* readParts(source: PageSource, from: readonly Part[]): AsyncGenerator<PageRead> {
  const parts = [...from];
  const underWay: { readonly at: number; readonly page: Promise<Page> }[] = [];
  const request = (at: number): void => {
    const page = source.read(parts[at] as Part);
    page.catch(() => undefined); // awaited in its turn
    underWay.push({ at, page });
  };
  for (const [at, { isDone }] of parts.entries()) if (!isDone) request(at);
  for (let next = underWay.shift(); next; next = underWay.shift()) {
    const { at } = next;
    const page = await next.page;
    const before = parts[at] as Part;
    const part = { ...advance(before, page.cursor, page.keys, source.order), withTtl: before.withTtl + withTtlOf(page) };
    parts[at] = part;
    const goesOn = !(part.isDone || source.isOver());
    const waits = goesOn && source.pauseMs() > 0;
    if (goesOn && !waits) request(at);
    const isLast = underWay.length === 0 && !waits;
    yield { page, parts: [...parts], verdict: isLast ? (parts.every(({ isDone }) => isDone) ? 'DONE' : 'REPEAT') : undefined };
    if (!waits) continue;
    // The caller has handled the page: what that took of the store's time counts too.
    await source.pause(source.pauseMs());
    request(at);
  }
}

/**
 * In cluster mode, notes the slots that the primary serves now and has served at every check since its first page was read. Only
 * these count as swept: keys of a slot that moves meanwhile can be missing from the pages of both nodes.
 */
export async function noteSlots(writer: StoreLink, progress: Progress, round?: SweepRound): Promise<void> {
  if (!writer.identity.clustered) return;
  const { stable } = await writer.run(() => readOwnedSlots(writer.redis));
  const { slots } = progress.checkpoint;
  const before = slots !== undefined ? readSlots(slots) : round ? readSlots(round.slots) : ALL_SLOTS;
  progress.change({ slots: slotsText(inBoth(before, stable)) });
}

/** Pages that are handled together. */

export interface Batch extends PageKeys {
  /** All parts after the batch's last page: saved with its keys. */
  readonly parts: readonly Part[];
}

/** Persistent keys of several pages are repaired together: each repair takes three round trips for any number of keys. */
const PERSISTENT_KEYS_AT_ONCE = 50;
/** A smaller batch while the store prepares the next pages at the same time: with more keys, finished pages would wait for this process. */
const PERSISTENT_KEYS_BETWEEN_PAGES = 10;
/** Large sessions of several pages are handled together, which then raises the limit for the next pages. */
const LARGER_AT_ONCE = 100;
/** Where few keys are persistent, samples fill the batch. */
const SAMPLES_AT_ONCE = 200;

/** @param canOverlap pages are read while the batch is handled */
const isFull = ({ persistentKeys, larger, samples }: Batch, canOverlap: boolean): boolean =>
  persistentKeys.length >= (canOverlap ? PERSISTENT_KEYS_BETWEEN_PAGES : PERSISTENT_KEYS_AT_ONCE) ||
  larger.length >= LARGER_AT_ONCE ||
  samples.length >= SAMPLES_AT_ONCE;

/** Adds a page to a batch; the earlier server time counts. */
const addToBatch = (batch: Batch | undefined, page: Page, parts: readonly Part[]): Batch =>
  batch === undefined
    ? { ...page, parts }
    : {
        parts,
        keys: batch.keys + page.keys,
        serverTimeMs: Math.min(batch.serverTimeMs, page.serverTimeMs),
        persistentKeys: join(batch.persistentKeys, page.persistentKeys),
        samples: join(batch.samples, page.samples),
        larger: join(batch.larger, page.larger),
        longNames: {
          persistent: batch.longNames.persistent + page.longNames.persistent,
          sampled: batch.longNames.sampled + page.longNames.sampled,
        },
      };

const join = <T>(some: readonly T[], more: readonly T[]): readonly T[] => (more.length === 0 ? some : [...some, ...more]);

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
