import type { WindowSample } from './contract.ts';
import { medianOf } from './median.ts';

/** 24 samples 5 minutes apart are two hours: longer than a rush of log-ins, and some 3 KB of the record. */
const MOST_SAMPLES = 24;
/** Fewer make no "usual". */
const LEAST_SAMPLES = 3;

/** The window with `sample` in it, if the last one is old enough. A clock that went back begins anew. */
export function keepSample(window: readonly WindowSample[], sample: WindowSample, sampleSeconds: number): readonly WindowSample[] {
  const last = window.at(-1);
  if (last !== undefined && sample.atMs < last.atMs) return [sample];
  if (last !== undefined && sample.atMs - last.atMs < sampleSeconds * 1000) return window;
  return [...window, sample].slice(-MOST_SAMPLES);
}

/** What is usual: the median of the window. Undefined while it holds too little. */
export function usualOf(values: readonly (number | null)[]): number | undefined {
  const known = values.filter((value) => value !== null);
  return known.length < LEAST_SAMPLES ? undefined : medianOf(known);
}
