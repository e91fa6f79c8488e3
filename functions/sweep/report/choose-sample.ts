/** Which keys with a TTL a sweep samples. Pure. */
import { createHash } from 'node:crypto';
import type { Part } from '../contract/checkpoint.ts';
import type { PageSample } from '../store/sweep-store.ts';

/**
 * Of up to twice as many keys with a TTL each is sampled, and of more about as many: of 60 sessions, one in a hundred would be none, or a
 * hundred. Keys without a TTL are read anyway, so that any number of them costs no more.
 */
export const COUNTED_KEYS = 10_000;

/**
 * Of up to twice as many keys with a TTL each is measured for the largest sessions, and of more about as many: to measure a key takes as
 * long as to read one and a half.
 */
export const MEASURED_KEYS = 100_000;

export interface SampleSettings {
  /** One in so many keys at most. */
  readonly sampleEvery: number;
  /** Keys with a TTL, as the node counts them; 0 where it does not say. */
  readonly expiring: number;
}

/**
 * The sample of a part's next page. A start at random gives each key the same chance.
 * @param part its pages so far: a node that does not count its keys is sampled more thinly as they are seen @param start {@link drawStart}
 */
export const chooseSample = (part: PartSoFar, settings: SampleSettings, start: number): PageSample =>
  sampleOf(COUNTED_KEYS, part, settings, start);

/** The keys of a part's next page that are measured for the largest sessions, chosen likewise. */
export const chooseMeasured = (part: PartSoFar, settings: SampleSettings, start: number): PageSample =>
  sampleOf(MEASURED_KEYS, part, settings, start);

type PartSoFar = Pick<Part, 'keys' | 'withTtl'>;

function sampleOf(most: number, { keys, withTtl }: PartSoFar, { sampleEvery, expiring }: SampleSettings, start: number): PageSample {
  const every = Math.max(1, Math.min(sampleEvery, Math.floor(Math.max(expiring, withTtl) / most)));
  return { every, since: (keys + start) % every };
}

/** A number below 2^32, the same at each call and another one for each seed. @param seed the sweep's id and the unit */
export const drawStart = (seed: string): number => createHash('sha256').update(seed).digest().readUInt32BE();
