/** Which keys with a TTL a sweep samples. Pure. */
import { createHash } from 'node:crypto';
import type { Part } from '../contract/checkpoint.ts';

/**
 * Of up to twice as many keys with a TTL each is sampled, and of more about as many: of 60 sessions, one in a hundred would be none, or a
 * hundred. Keys without a TTL are read anyway, so that any number of them costs no more.
 */
export const COUNTED_KEYS = 10_000;

export interface PageSample {
  /** One in `<count>` keys is sampled, and stands for as many. */
  readonly every: number;
  /** Keys since the last sampled one. */
  readonly since: number;
}

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
export function chooseSample(
  { keys, withTtl }: Pick<Part, 'keys' | 'withTtl'>,
  { sampleEvery, expiring }: SampleSettings,
  start: number,
): PageSample {
  const every = Math.max(1, Math.min(sampleEvery, Math.floor(Math.max(expiring, withTtl) / COUNTED_KEYS)));
  return { every, since: (keys + start) % every };
}

/** A number below 2^32, the same at each call and another one for each seed. @param seed the sweep's id and the unit */
export const drawStart = (seed: string): number => createHash('sha256').update(seed).digest().readUInt32BE();
