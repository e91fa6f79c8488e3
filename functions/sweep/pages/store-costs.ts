import { sumOf } from '../../shared/arithmetic.ts';
import { type CommandTimes, infoMsBetween, timeBetween } from '../nodes/command-times.ts';

/** What pages cost the store. Pure. */

/**
 * Pages between two readings of INFO commandstats, which costs the store 40 to 50 µs, about half of a gentle page. The first readings come
 * soon: until then only round trips are known, which include the time of the network and of this process.
 */
const WINDOWS = [1, 8, 64] as const;
/** Least factor from the part of a round trip above the idle one to the store's time: an estimate never falls below it. */
const LEAST_FACTOR = 0.01;
/** Pages between two INFO calls are measured on a processor that is already awake. Other pages take up to a fifth longer. */
const SAMPLE_MARGIN = 1.2;
/** Weight of the latest sample. */
const LATEST = 0.25;

/**
 * A page between two readings that were sent with it: they run one after the other.
 * @returns milliseconds; undefined where another client's call came in between @param commands that pages are read by
 */
export function pageMs(before: CommandTimes, after: CommandTimes, commands: readonly string[]): number | undefined {
  const { calls, microseconds } = timeBetween(before, after, (name) => commands.includes(name));
  return calls === 1 ? microseconds / 1_000 : undefined;
}

export interface PageCost {
  /** A page's time on the store, estimated by its round trip. @param overIdleMs the round trip less the idle one */
  estimate(overIdleMs: number): number;
  /** True when the next page is to be read between two readings. */
  readonly isReadingDue: boolean;
  /**
   * The page between two readings, which were sent with it.
   * @returns its cost and that of the readings, plus what the pages since the last readings cost more than estimated (or less)
   */
  read(before: CommandTimes, after: CommandTimes): number;
}

/** @param commands that pages are read by, as INFO names them; other clients can use them too */
export function createPageCost(commands: readonly string[]): PageCost {
  let last: CommandTimes | undefined;
  let factor = 1;
  let sampleMs: number | undefined;
  let readings = 0;
  let window = { pages: 0, overIdleMs: 0, estimatedMs: 0 };

  /**
   * What the pages since the last readings cost the store, in milliseconds. If other clients ran the same commands too, it is computed from
   * the samples.
   */
  function windowMs(before: CommandTimes): number {
    const { pages, estimatedMs } = window;
    if (last === undefined) return sampleMs === undefined ? estimatedMs : pages * sampleMs;
    const { calls, microseconds } = timeBetween(last, before, (name) => commands.includes(name));
    if (calls === pages) return microseconds / 1_000;
    const bySamples = sampleMs === undefined ? estimatedMs : pages * sampleMs * SAMPLE_MARGIN;
    // After a reset of the statistics there are fewer calls than pages.
    return calls > pages ? Math.min(microseconds / 1_000, bySamples) : bySamples;
  }

  return {
    estimate(overIdleMs) {
      const estimatedMs = overIdleMs * factor;
      window = {
        pages: window.pages + 1,
        overIdleMs: window.overIdleMs + overIdleMs,
        estimatedMs: window.estimatedMs + estimatedMs,
      };
      return estimatedMs;
    },
    get isReadingDue() {
      return window.pages >= (WINDOWS[Math.min(readings, WINDOWS.length - 1)] as number);
    },
    read(before, after) {
      const ms = pageMs(before, after, commands);
      if (ms !== undefined) sampleMs = sampleMs === undefined ? ms : sampleMs + LATEST * (ms - sampleMs);
      const spentMs = windowMs(before);
      const correctionMs = spentMs - window.estimatedMs;
      if (window.overIdleMs > 0) factor = Math.min(1, Math.max(LEAST_FACTOR, spentMs / window.overIdleMs));
      const thisMs = sampleMs ?? (window.pages > 0 ? spentMs / window.pages : 0);
      last = after;
      readings += 1;
      window = { pages: 0, overIdleMs: 0, estimatedMs: 0 };
      return thisMs + infoMsBetween(before, after) + correctionMs;
    },
  };
}

/** What reading and repairing the candidates of a batch costs the store. Pure. */

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

/** A share of a store's time: what the sweep takes is paid for by pauses. Pure. */

/**
 * A correction downwards leaves a credit of unused time. It is limited to a few pages, so that not too many follow each other without a
 * pause.
 */
const MAX_CREDIT_MS = 0.3;
/** Longest pause: a sweep of a store that is very slow ends nevertheless. */
const LONGEST_PAUSE_MS = 1_000;
/**
 * Time of the store's that pages take one after the other between two pauses. After a pause a page takes up to twice as long, because another
 * process has used the processor meanwhile. Other clients' commands are served between any two pages, so that none waits for more than one.
 */
const BURST_MS = 1;

export interface StoreBudget {
  /** @param ms of the store's time; negative for a correction downwards */
  spend(ms: number, nowMs: number): void;
  /** Until the sweep's share is kept again, milliseconds; 0: the burst of pages goes on. */
  pauseMs(nowMs: number): number;
}

/** @param share of the store's time, from 0 to below 1 @param nowMs by a monotonic clock */
export function createStoreBudget(share: number, nowMs: number): StoreBudget {
  let debtMs = 0;
  let atMs = nowMs;
  /** A pause is not over before all of the burst is paid for. */
  let isDue = false;
  const settle = (now: number) => {
    debtMs = Math.max(-MAX_CREDIT_MS, debtMs - Math.max(0, now - atMs) * share);
    if (debtMs <= 0) isDue = false;
    atMs = now;
  };
  return {
    spend(ms, now) {
      settle(now);
      debtMs = Math.min(debtMs + ms, LONGEST_PAUSE_MS * share);
    },
    pauseMs(now) {
      settle(now);
      if (debtMs >= BURST_MS) isDue = true;
      return isDue ? debtMs / share : 0;
    },
  };
}
