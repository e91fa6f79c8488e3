import type { SweepContext } from '../contract/steps.ts';
import { addLives, type LifeNote, MOST_LIFE_NOTES, NO_LIVES, type Tally } from '../contract/tally.ts';
import type { Classify } from '../keys/classify-key.ts';
import { shareOf } from '../keys/hash-id.ts';
import { declaredLife } from '../keys/read-life.ts';
import { type ChangedLives, changeLives } from '../lives/change-lives.ts';
import type { DeleteBudget } from '../pages/apply-repairs.ts';
import { type HandledPage, handlePage, type PageWork, persistentGroup, weigh } from '../pages/handle-page.ts';
import { asValue, type Identified, identifyAll } from '../pages/identify.ts';
import type { Progress } from '../progress.ts';
import { asReplicaPage, withReadsOf } from '../replica/open-reader.ts';
import { addPage, addRepaired } from '../report/count-tally.ts';
import type { ShardPorts } from '../shard-ports.ts';
import { keysInSlots, readSlots } from '../slots/slot-set.ts';
import type { Sample, SweepStore } from '../store/sweep-store.ts';
import type { IndexSets } from './index-sets.ts';
import type { PacedNode } from './paced-node.ts';
import type { Batch, ShardNodes } from './read-shard.ts';

export interface HandlerContext extends Omit<LivesContext, 'lives' | 'budget'> {
  readonly ports: Pick<ShardPorts, 'hashId' | 'now'>;
  readonly indexSets: IndexSets;
  readonly deletes: DeleteBudget;
  /** Since when the writer has been primary; undefined where its idle times prove nothing (classify-key.ts). */
  readonly primarySinceMs: number | undefined;
}

/**
 * Repairs the keys of one batch after the other, and adds each to the checkpoint.
 * @param nodes values are read from the reader; idle times are asked and repairs are done on the writer, the primary
 */
export function createBatchHandler(
  { ports, sweep, progress, classify, indexSets, deletes, primarySinceMs }: HandlerContext,
  { reader, writer }: ShardNodes,
): (batch: Batch) => Promise<void> {
  /** The time up to which `busyMs` has been counted. */
  let countedMs = performance.now();
  const primary = writer.link.store;
  const isReplica = reader.link !== writer.link;
  const read = isReplica ? withReadsOf(reader.link.store, primary) : primary;
  const store: SweepStore = { ...read, readValues: (keys) => read.readValues(keys, reader.canOverlap) };
  // A dry run on a replica costs the replica's time; all other work is paced by the primary's.
  const node = isReplica && sweep.dryRun ? reader : writer;
  const askIdle = async (keys: readonly Buffer[]) => {
    const ask = () => primary.inspect(keys);
    const found = await (node === writer ? ask() : writer.work(keys.length, ask));
    return found.map((one) => one?.idleSeconds);
  };
  const wanted = sweep.round && readSlots(sweep.round.slots);
  const lives = sweep.lives && createLivesHandler({ ports, sweep, lives: sweep.lives, progress, classify, budget: deletes }, store, node);
  return async (pages) => {
    const { checkpoint } = progress;
    const inSlots = keysInSlots(pages, wanted);
    const batch = isReplica ? asReplicaPage(inSlots) : inSlots;
    if (lives) return lives(batch);
    const work: PageWork = {
      store,
      askIdle: isReplica ? askIdle : undefined,
      classify,
      hashId: ports.hashId,
      settings: sweep.settings,
      dryRun: sweep.dryRun,
      deletes,
      learn: sweep.learn,
      consent: sweep.consent,
      primarySinceMs,
      nowMs: ports.now(),
    };
    const countRepaired = ({ handled }: HandledPage) => {
      if (!sweep.dryRun) progress.change({ tally: addRepaired(checkpoint.tally, handled) });
    };
    // Paced by the values that are read: most keys of another program need none.
    const readValues: SweepStore['readValues'] = (wanted) => reader.work(wanted.length, () => store.readValues(wanted), 'values');
    const learn = sweep.learn === true;
    const groups = [persistentGroup(batch, work), { keys: [...batch.samples, ...batch.larger], mayRead: true, learn }];
    const all = await identifyAll(groups, { classify, store: { readValues } });
    const persistent = all.slice(0, batch.persistentKeys.length);
    const identified = all.slice(persistent.length);
    const readTtls: SweepStore['readTtls'] = (keys) => reader.work(keys.length, () => reader.link.store.readTtls(keys), 'values');
    const lifeNotes = await sampleLives(batch.samples, identified, checkpoint.tally, readTtls);
    const { handled } = persistent.length === 0 ? NOTHING : await handleOn(node, batch, work, { known: persistent, countRepaired });
    const nowMs = performance.now();
    progress.change({
      busyMs: checkpoint.busyMs + nowMs - countedMs,
      parts: batch.parts,
      tally: addPage(checkpoint.tally, batch, handled, {
        weighed: weigh(batch.samples, identified, work, lifeNotes),
        larger: weigh(batch.larger, identified.slice(batch.samples.length), work),
      }),
    });
    countedMs = nowMs;
    await indexSets.search(batch.persistentKeys, checkpoint, handled);
  };
}

const NOTHING: HandledPage = { handled: [] };

interface Repairing {
  readonly known: readonly Identified[];
  /** Receives what took effect before an interruption: the batch will be read again. */
  readonly countRepaired: (page: HandledPage) => void;
}

/** @throws StoreInterrupted */
async function handleOn(node: PacedNode, batch: Batch, work: PageWork, { known, countRepaired }: Repairing): Promise<HandledPage> {
  let page = NOTHING;
  try {
    await node.work(batch.persistentKeys.length, async () => {
      page = await handlePage(batch, work, known);
      if (page.interruption) throw page.interruption;
    });
    return page;
  } catch (error) {
    countRepaired(page);
    throw error;
  }
}

interface LivesContext {
  readonly ports: Pick<ShardPorts, 'now'>;
  readonly sweep: SweepContext;
  readonly lives: NonNullable<SweepContext['lives']>;
  readonly progress: Progress;
  readonly classify: Classify;
  /** The number of lives that can still be changed. */
  readonly budget: DeleteBudget;
}

/** Changes the lives of one batch's keys with a TTL after the other, and adds each to the checkpoint. It repairs nothing. */
function createLivesHandler(
  { ports, sweep, lives, progress, classify, budget }: LivesContext,
  store: SweepStore,
  node: PacedNode,
): (batch: Batch) => Promise<void> {
  const { settings, dryRun } = sweep;
  let countedMs = performance.now();
  const add = (changed: ChangedLives, more: { readonly parts?: Batch['parts']; readonly keys?: number }) => {
    const { tally, busyMs } = progress.checkpoint;
    const nowMs = performance.now();
    progress.change({
      ...(more.parts && { parts: more.parts }),
      busyMs: busyMs + nowMs - countedMs,
      tally: { ...tally, keys: tally.keys + (more.keys ?? 0), lives: addLives(tally.lives, changed.tally) },
    });
    countedMs = nowMs;
  };
  return async ({ samples, keys, parts }) => {
    let changed: ChangedLives = { tally: NO_LIVES };
    const work = { change: lives.change, store, classify, settings, dryRun, budget, nowMs: ports.now() };
    try {
      await node.work(
        samples.length,
        async () => {
          changed = await changeLives(samples, work);
          if (changed.interruption) throw changed.interruption;
        },
        'samples',
      );
    } catch (error) {
      // The batch is read again; what has changed by then stays within the limit.
      add(changed, {});
      throw error;
    }
    add(changed, { parts, keys });
  };
}

/** How long the sessions of each dialect live, by a few of them that stand for all: those whose keys have the smallest hashes. */

/**
 * Of keys with a TTL. Only sessions that can get among the few are asked for their TTL: some hundred of a dialect, however many there are.
 * @returns in the order of the keys; undefined for what is no session, is not among the few, or has ended
 */
export async function sampleLives(
  keys: readonly Pick<Sample, 'key'>[],
  identified: readonly Identified[],
  { byDialect }: Pick<Tally, 'byDialect'>,
  readTtls: SweepStore['readTtls'],
): Promise<readonly (LifeNote | undefined)[]> {
  const found = keys.map(({ key }, at): LifeNote | undefined => {
    const { known, isUnverified = true, ...value } = identified[at] ?? {};
    if (known?.rule.role !== 'session' || known.rule.life === undefined || isUnverified) return undefined;
    const notes = byDialect[known.dialect.name]?.lifeNotes ?? [];
    const share = shareOf(key);
    if (notes.length >= MOST_LIFE_NOTES && share >= (notes.at(-1)?.share ?? 1)) return undefined;
    const seconds = declaredLife(known.rule.life, asValue({ fields: {}, ...value }));
    return seconds !== undefined && seconds >= 1 ? { share, seconds, isDeclared: true } : { share, seconds: 0, isDeclared: false };
  });
  const asked = keys.flatMap(({ key }, at) => (found[at]?.isDeclared === false ? [{ key, at }] : []));
  const ttls = asked.length === 0 ? [] : await readTtls(asked.map(({ key }) => key));
  const secondsAt = new Map(asked.map(({ at }, index) => [at, ttls[index]]));
  return found.map((note, at) => {
    if (note === undefined || note.isDeclared) return note;
    const seconds = secondsAt.get(at);
    return typeof seconds === 'number' ? { ...note, seconds } : undefined;
  });
}
