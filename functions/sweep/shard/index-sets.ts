import { sumOf } from '../../shared/arithmetic.ts';
import type { Position, SetCursors } from '../contract/checkpoint.ts';
import type { Tally } from '../contract/tally.ts';
import type { Classify } from '../keys/classify-key.ts';
import type { Progress } from '../progress.ts';
import { addRepaired, type Handled } from '../report/count-tally.ts';
import type { ShardPorts } from '../shard-ports.ts';
import type { PersistentKey } from '../store/sweep-store.ts';
import type { PacedNode } from './paced-node.ts';
import {
  type DeadMember,
  type IndexReading,
  type IndexSet,
  indexSetOf,
  removeDead,
  SETS_AT_ONCE,
  SETTLE_MS,
  scanSets,
} from './reconcile-index.ts';

/** A group is closed after this time. The checkpoint can lag behind the pages by this and the settle time. */
const GROUP_MS = 2_000;
/** Dead members that are held in memory: an invocation that finds more ends, and the next one goes on. */
const MAX_DEAD = 10_000;
/** Members that are removed between two pauses. */
const REMOVED_AT_ONCE = 500;
/** Most cursors that a checkpoint keeps. A set without a cursor is searched from its beginning again. */
const MAX_CURSORS = 2_000;
/** Most forms of ids that a checkpoint keeps: an application has a few. */
const MAX_FORMS = 100;
/** The checkpoint has this instead of a cursor for a set that was read to its end. */
const FINISHED = 'finished';

/** Consecutive batches whose index sets are searched, and whose dead members wait for their second check. */
interface Group {
  /** Before its first batch; what is repaired since is added. */
  position: Position;
  readonly openedMs: number;
  foundMs: number;
  readonly dead: DeadMember[];
  /** Members of its sets that are no id as far as this program knows. */
  notJudged: number;
}

/** Where an invocation ends in the sets of a batch. */
interface Stop {
  position: Position;
  readonly cursors: SetCursors;
}

export interface IndexSetsWork {
  readonly classify: Classify;
  readonly dryRun: boolean;
  readonly isOver: () => boolean;
  readonly ports: Pick<ShardPorts, 'pause' | 'hashId'>;
}

/**
 * Searches the index sets of each batch for dead members, and removes these after the settle time. Until then what is saved is the
 * position before the batch, so that an invocation that ends forgets none. Sets go by their hashed ids: names contain users' names.
 */
export interface IndexSets {
  /** True when nothing more is searched in this invocation. */
  readonly isStopped: boolean;
  /** @param before the position before the batch @throws StoreInterrupted */
  search(persistentKeys: readonly PersistentKey[], before: Position, handled: readonly Handled[]): Promise<void>;
  /** Removes what is left. @returns false where sets are left: the sweep has to go on. @throws StoreInterrupted */
  finish(): Promise<boolean>;
}

export const NO_INDEX_SETS: IndexSets = { isStopped: false, search: async () => undefined, finish: async () => true };

export function createIndexSets({ classify, dryRun, isOver, ports }: IndexSetsWork, progress: Progress, writer: PacedNode): IndexSets {
  const { redis } = writer.link;
  let groups: Group[] = [];
  let stop: Stop | undefined;
  // The user of the connection does not change within an invocation.
  const reading: IndexReading = { proven: new Set(progress.checkpoint.provenForms), command: 'EVAL_RO' };
  let { readsFromStart } = progress;
  /** Cursors of sets that earlier invocations began, and this one has not met yet. */
  const known = new Map(Object.entries(progress.checkpoint.setCursors ?? {}));

  const hold = () => progress.hold(groups[0]?.position ?? stop?.position);
  const inAll = (change: (tally: Tally) => Tally) => {
    for (const one of [...groups, ...(stop ? [stop] : [])]) one.position = { ...one.position, tally: change(one.position.tally) };
  };

  function count(change: (tally: Tally) => Tally): void {
    progress.change({ tally: change(progress.checkpoint.tally) });
    inAll(change);
    hold();
  }

  /** Where the sweep began again at its first page, it will meet all sets again. */
  function followRestart(): void {
    if (readsFromStart === progress.readsFromStart) return;
    readsFromStart = progress.readsFromStart;
    groups = [];
    stop = undefined;
    known.clear();
  }

  /**
   * Removes the dead members that the first group found, after the settle time. Its sets are then searched to their ends, or `stop` has the
   * cursors from which the next invocation goes on.
   */
  async function settle(): Promise<void> {
    const [group] = groups as [Group];
    const waitMs = group.foundMs + SETTLE_MS - performance.now();
    if (group.dead.length > 0 && waitMs > 0) await ports.pause(waitMs);
    const { notJudged } = group;
    group.notJudged = 0;
    count((tally) => ({ ...tally, notJudged: Math.max(0, (tally.notJudged ?? 0) + notJudged) }));
    while (group.dead.length > 0) {
      const some = group.dead.slice(0, REMOVED_AT_ONCE);
      const { removed, fault } = await writer.work(some.length, () => removeDead(redis, some, dryRun), 'members');
      count((tally) => ({ ...tally, reconciled: tally.reconciled + removed }));
      if (fault) await writer.link.run(() => Promise.reject(fault));
      group.dead.splice(0, some.length);
      await rest();
    }
    groups.shift();
    hold();
  }

  /** Pays for the last commands, by the pace. */
  async function rest(): Promise<void> {
    const restMs = writer.pauseMs();
    if (restMs > 0) await ports.pause(restMs);
  }

  /** @returns the cursors of all sets when the invocation ends before the last of them is complete */
  async function searchAll(sets: readonly IndexSet[], group: Group): Promise<SetCursors | undefined> {
    const cursors = new Map<string, string>();
    const open = sets.flatMap((set) => {
      const id = ports.hashId(set.key);
      const cursor = known.get(id) ?? set.cursor;
      known.delete(id);
      cursors.set(id, cursor);
      return cursor === FINISHED ? [] : [{ ...set, id, cursor }];
    });
    while (open.length > 0) {
      const step = open.splice(0, SETS_AT_ONCE);
      const { cursors: next, dead, notJudged } = await writer.work(membersOf(step), () => scanSets(redis, step, reading), 'members');
      if (reading.proven.size > (progress.checkpoint.provenForms?.length ?? 0))
        progress.change({ provenForms: [...reading.proven].slice(0, MAX_FORMS) });
      group.notJudged += notJudged;
      for (const [at, set] of step.entries()) {
        const cursor = next[at] ?? '0';
        cursors.set(set.id, cursor === '0' ? FINISHED : cursor);
        if (cursor !== '0') open.push({ ...set, cursor });
      }
      if (dead.length > 0) group.foundMs = performance.now();
      group.dead.push(...dead);
      await rest();
      if (open.length > 0 && (isOver() || group.dead.length >= MAX_DEAD)) return Object.fromEntries(cursors);
    }
    return undefined;
  }

  return {
    get isStopped() {
      return stop !== undefined;
    },
    async search(persistentKeys, before, handled) {
      followRestart();
      const sets = stop ? [] : persistentKeys.flatMap(({ key, type }) => indexSetOf(key, type, classify) ?? []);
      const last = groups.at(-1);
      const openedMs = performance.now();
      if (sets.length > 0 && (last === undefined || openedMs - last.openedMs >= GROUP_MS))
        groups.push({ position: before, openedMs, foundMs: 0, dead: [], notJudged: 0 });
      const withRepaired = (tally: Tally) => (dryRun ? tally : addRepaired(tally, handled));
      inAll(withRepaired);
      hold();
      if (sets.length > 0) {
        const cursors = await searchAll(sets, groups.at(-1) as Group);
        if (cursors) stop = { position: { ...before, tally: withRepaired(before.tally) }, cursors };
      }
      while (groups[0] && isDue(groups[0])) await settle();
    },
    async finish() {
      followRestart();
      while (groups.length > 0) await settle();
      const cursors = [...known, ...Object.entries(stop?.cursors ?? {})].slice(-MAX_CURSORS);
      progress.change({ setCursors: cursors.length > 0 ? Object.fromEntries(cursors) : undefined });
      return stop === undefined;
    },
  };
}

/** An estimate, for the pace: most users have few sessions. */
const membersOf = (sets: readonly IndexSet[]): number => sumOf(sets, ({ cursor }) => (cursor === '0' ? 4 : 100));

function isDue({ openedMs, foundMs }: Group): boolean {
  const nowMs = performance.now();
  return nowMs - openedMs >= GROUP_MS && nowMs - foundMs >= SETTLE_MS;
}
