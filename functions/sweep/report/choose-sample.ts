/** Which keys with a TTL a sweep samples. Pure. */
import { createHash } from 'node:crypto';
import type { Part } from '../contract/checkpoint.ts';

/**
 * Every one of the first keys with a TTL of a part is sampled: of 60 sessions, one in a hundred would be none, or a hundred. Keys without
 * one are read anyway, so that any number of them costs no more.
 */
export const COUNTED_KEYS = 10_000;

export interface PageSample {
  /** One in `<count>` keys is sampled, and stands for as many. */
  readonly every: number;
  /** Keys since the last sampled one. */
  readonly since: number;
}

/**
 * The sample of a part's next page. Where every hundredth key is sampled, a start at random gives each key the same chance.
 * @param part its pages so far @param start {@link drawStart}
 */
export const chooseSample = ({ keys, withTtl }: Pick<Part, 'keys' | 'withTtl'>, sampleEvery: number, start: number): PageSample =>
  withTtl < COUNTED_KEYS ? { every: 1, since: 0 } : { every: sampleEvery, since: (keys + start) % sampleEvery };

/** A number below 2^32, the same at each call and another one for each seed. @param seed the sweep's id and the unit */
export const drawStart = (seed: string): number => createHash('sha256').update(seed).digest().readUInt32BE();

/** Whether every key was sampled. */
export const isCounted = (parts: readonly Pick<Part, 'withTtl'>[], sampleEvery: number): boolean =>
  sampleEvery === 1 || parts.every(({ withTtl }) => withTtl <= COUNTED_KEYS);
