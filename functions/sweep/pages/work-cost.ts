/** What reading and repairing the candidates of a batch costs the store. Pure. */
import { type CommandTimes, timeBetween } from './command-times.ts';

/** Batches between two that are measured. */
const EVERY = 8;
/** Samples of which the least counts: other clients' commands in between only add to one. */
const SAMPLES = 4;
/** Commands inside scripts, which are counted under their own names too, and those of the measurement. */
const NOT_OWN = /^(?:scan|pttl|type|time|expire|unlink|memory\|usage|object\|idletime|info|ping|hello|auth)$/;

export interface WorkCost {
  readonly isReadingDue: boolean;
  /** A batch between two readings. @param tookMs its duration @returns its cost and that of the readings */
  read(before: CommandTimes, after: CommandTimes, keys: number, tookMs: number): number;
  /** Of a batch that was not measured. */
  estimate(keys: number, tookMs: number): number;
}

/** @param usesScripts whether repairs are scripts; otherwise their commands count by themselves */
export function createWorkCost(usesScripts: boolean): WorkCost {
  const isOwn = (name: string) => !(usesScripts ? NOT_OWN : /^(?:info|ping|hello|auth)$/).test(name);
  let samples: readonly number[] = [];
  let batches = 0;
  const estimate = (keys: number, tookMs: number) => (samples.length === 0 ? tookMs : Math.min(tookMs, keys * Math.min(...samples)));
  return {
    get isReadingDue() {
      return batches % EVERY === 0;
    },
    read(before, after, keys, tookMs) {
      batches += 1;
      const info = timeBetween(before, after, (name) => name === 'info');
      const infoMs = info.calls > 0 ? (2 * info.microseconds) / info.calls / 1_000 : 0;
      const { microseconds } = timeBetween(before, after, isOwn);
      if (microseconds >= 0 && keys > 0) samples = [microseconds / 1_000 / keys, ...samples].slice(0, SAMPLES);
      return estimate(keys, tookMs) + infoMs;
    },
    estimate(keys, tookMs) {
      batches += 1;
      return estimate(keys, tookMs);
    },
  };
}
