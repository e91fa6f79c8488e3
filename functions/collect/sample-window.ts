import { medianOf } from '../shared/arithmetic.ts';
import type { MinuteSample, WindowSample } from './contract.ts';

/** 24 samples 5 minutes apart are two hours: longer than a rush of sign-ins, and some 3 KB of the record. */
const MAX_SAMPLES = 24;
/** Fewer are no baseline. */
const MIN_SAMPLES = 3;

/** Adds `sample` to the window if the last sample is old enough. If the clock went back, the window starts again. */
export function addSample(window: readonly WindowSample[], sample: WindowSample, sampleSeconds: number): readonly WindowSample[] {
  const last = window.at(-1);
  if (last !== undefined && sample.atMs < last.atMs) return [sample];
  if (last !== undefined && sample.atMs - last.atMs < sampleSeconds * 1000) return window;
  return [...window, sample].slice(-MAX_SAMPLES);
}

/** A run of a runbook looks at them up to an hour after the trouble began; some 2 KB of the record. */
const MOST_MINUTES = 75;

/** Adds a reading. If the clock went back, they start again. */
export const addMinute = (minutes: readonly MinuteSample[], sample: MinuteSample): readonly MinuteSample[] =>
  [...((minutes.at(-1)?.[0] ?? 0) > sample[0] ? [] : minutes), sample].slice(-MOST_MINUTES);

/** The median of the window; undefined while it has too few samples. */
export function baselineOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length < MIN_SAMPLES ? undefined : medianOf(known);
}
