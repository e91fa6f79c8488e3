import type { Checkpoint, Position } from './contract/checkpoint.ts';
import { SweepLeaseLost } from './errors.ts';
import { mergeHistograms } from './nodes/probe-store.ts';
import { WHOLE } from './pages/key-space.ts';
import { EMPTY_TALLY } from './report/count-tally.ts';
import type { ShardPorts } from './shard-ports.ts';
import { describeUnit } from './unit-name.ts';

/** Time between two checkpoints: the maximum work that a crash repeats. */
const SAVE_EVERY_MS = 10_000;
/** Exceeds the function's limit of 60 s and the wait for the next invocation. */
export const LEASE_MS = 120_000;

export const newCheckpoint = (sweepId: string): Checkpoint => ({
  sweepId,
  runId: '',
  parts: [WHOLE],
  largestCount: 0,
  tally: EMPTY_TALLY,
  deletesReserved: 0,
  busyMs: 0,
  answers: [],
  method: 'script',
  restarts: 0,
  failedInvocations: 0,
  invocations: 0,
  isDone: false,
});

/** The checkpoint of this invocation: changed after each batch, and saved every ten seconds. */
export interface Progress {
  readonly checkpoint: Checkpoint;
  /** Receives the probe's latencies, milliseconds. */
  readonly latencies: number[];
  /** How often the parts began again at their first page. */
  readonly readsFromStart: number;
  /** What a save writes: the checkpoint, or an earlier position that is held. */
  readonly saved: Checkpoint;
  isSaveDue(): boolean;
  /** From here a sweep would have to go on, because work behind it is unfinished; undefined: at the checkpoint. */
  hold(position: Position | undefined): void;
  /** Reads all parts again: no position is held. */
  readFromStart(part: Partial<Checkpoint>): void;
  change(part: Partial<Checkpoint>): void;
  /** Saves the checkpoint and renews the lease. @throws SweepLeaseLost */
  save(part: Partial<Checkpoint>): Promise<void>;
}

export function createProgress(ports: Pick<ShardPorts, 'records' | 'now'>, shard: string, from: Checkpoint): Progress {
  const { records, now } = ports;
  const latencies: number[] = [];
  let checkpoint = from;
  let savedAtMs = performance.now();
  let held: Position | undefined;
  let readsFromStart = 0;
  return {
    get checkpoint() {
      return checkpoint;
    },
    latencies,
    get readsFromStart() {
      return readsFromStart;
    },
    get saved() {
      return { ...checkpoint, ...held };
    },
    hold(position) {
      held = position && { parts: position.parts, tally: position.tally };
    },
    readFromStart(part) {
      held = undefined;
      readsFromStart += 1;
      checkpoint = { ...checkpoint, ...part, setCursors: undefined };
    },
    isSaveDue: () => performance.now() - savedAtMs >= SAVE_EVERY_MS,
    change(part) {
      checkpoint = { ...checkpoint, ...part };
    },
    async save(part) {
      checkpoint = { ...checkpoint, answers: mergeHistograms(checkpoint.answers, latencies.splice(0)), ...part };
      if (!(await records.saveCheckpoint(shard, { ...checkpoint, ...held }, now() + LEASE_MS))) {
        throw new SweepLeaseLost(`another sweep took ${describeUnit(shard)}. Sweep ${checkpoint.sweepId} stopped; its repairs are kept`);
      }
      savedAtMs = performance.now();
    },
  };
}
