/** What pages cost the store. Pure. */
import { type CommandTimes, infoMsBetween, timeBetween } from '../nodes/command-times.ts';

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
