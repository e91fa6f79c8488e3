import { addLives, NO_LIVES } from '../contract/lives.ts';
import type { SweepContext } from '../contract/steps.ts';
import type { Classify } from '../keys/classify-key.ts';
import { type ChangedLives, changeLives } from '../lives/change-lives.ts';
import type { Batch } from '../pages/batch.ts';
import type { DeleteBudget } from '../pages/delete-budget.ts';
import type { Progress } from '../progress.ts';
import type { ShardPorts } from '../shard-ports.ts';
import type { SweepStore } from '../store/sweep-store.ts';
import type { PacedNode } from './paced-node.ts';

export interface LivesContext {
  readonly ports: Pick<ShardPorts, 'now'>;
  readonly sweep: SweepContext;
  readonly lives: NonNullable<SweepContext['lives']>;
  readonly progress: Progress;
  readonly classify: Classify;
  /** The number of lives that can still be changed. */
  readonly budget: DeleteBudget;
}

/** Changes the lives of one batch's keys with a TTL after the other, and adds each to the checkpoint. It repairs nothing. */
export function createLivesHandler(
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
