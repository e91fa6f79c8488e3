/** What reading and repairing the candidates of a batch costs the store. Pure. */
import { sumOf } from '../../shared/arithmetic.ts';
import { type CommandTimes, infoMsBetween, timeBetween } from '../nodes/command-times.ts';

/** Batches from one that is measured to the next: two INFO take a quarter of a batch's time. */
const EVERY = 4;
/** Measured batches that the estimate is the mean of. */
const SAMPLES = 4;
/** Commands that the measurement and other connections send. */
const NOT_OWN = /^(?:info|ping|hello|auth)$/;
/**
 * Commands that are sent inside scripts only: their time is part of the scripts' time, and is not counted again. Commands that are also
 * sent by themselves count twice in scripts, because too much is better than too little here.
 */
const IN_SCRIPTS = /^(?:scan|time|expire|unlink|memory\|usage)$/;

export interface WorkCost {
  readonly isReadingDue: boolean;
  /**
   * A batch between two readings. Other clients' commands in between count too.
   * @param tookMs its duration @returns its cost and that of the readings
   */
  read(before: CommandTimes, after: CommandTimes, keys: number, tookMs: number): number;
  /** The cost of a batch that was not measured. */
  estimate(keys: number, tookMs: number): number;
}

/** @param usesScripts whether repairs are scripts; otherwise their commands count by themselves */
export function createWorkCost(usesScripts: boolean): WorkCost {
  const isOwn = (name: string) => !(NOT_OWN.test(name) || (usesScripts && IN_SCRIPTS.test(name)));
  let samples: readonly number[] = [];
  let batches = 0;
  const meanMs = () => sumOf(samples) / samples.length;
  return {
    get isReadingDue() {
      return batches % EVERY === 0;
    },
    read(before, after, keys, tookMs) {
      batches += 1;
      const infoMs = infoMsBetween(before, after);
      const own = timeBetween(before, after, isOwn);
      // The statistics have been reset, or the engine reports none.
      if (own.calls <= 0 || own.microseconds < 0) return tookMs + Math.max(0, infoMs);
      const ms = Math.min(tookMs, own.microseconds / 1_000);
      if (keys > 0) samples = [ms / keys, ...samples].slice(0, SAMPLES);
      return ms + infoMs;
    },
    estimate(keys, tookMs) {
      batches += 1;
      return samples.length === 0 ? tookMs : Math.min(tookMs, keys * meanMs());
    },
  };
}
