import type { Expectation } from '../library.ts';

/** What a sweep made of a key that had lost its TTL. */
export interface SweptKey {
  /** As the sweep reported it: a dialect, or `unknown`; `structural` for what it does not report key by key. */
  readonly dialect: string;
  /** Why it was left as it was; absent for a repair. */
  readonly leftAs?: string;
  /** The TTL that it has now, in seconds. */
  readonly ttl?: number;
  readonly isDeleted: boolean;
  readonly isChanged: boolean;
}

/** Times of a recording are rounded to a minute. */
const TOLERANCE_SECONDS = 65;

/** @returns what is wrong, or undefined. Pure */
export function judgeKey({ role, dialect, life, onlyByLearning }: Expectation, swept: SweptKey): string | undefined {
  if (swept.isDeleted) return 'deleted';
  if (swept.isChanged) return 'value changed';
  const found = `${swept.dialect}${swept.leftAs && swept.leftAs !== 'unknown' ? `, ${swept.leftAs}` : ''}${swept.ttl === undefined ? '' : `, TTL ${classOf(swept.ttl)}`}`;
  if (role === 'foreign') return swept.dialect === 'unknown' && swept.ttl === undefined ? undefined : `taken for a session: ${found}`;
  if (role === 'structural') return swept.dialect === 'structural' && swept.ttl === undefined ? undefined : found;
  if (swept.dialect !== dialect)
    return onlyByLearning && swept.dialect === 'unknown' ? 'unknown, and nothing has learnt its dialect' : found;
  if (life?.from === 'never') return swept.ttl === undefined ? undefined : found;
  // A dialect that is only reported is recognised: it is the policy that leaves it.
  if (swept.leftAs === 'report-only') return undefined;
  const isRight = life?.seconds.some((seconds) => Math.abs((swept.ttl ?? Number.NaN) - seconds) <= TOLERANCE_SECONDS);
  return isRight ? undefined : `${found}, not ${life?.seconds.join(' or ')} s`;
}

/** Rounded, so that a list of what is wrong is the same on each run. */
const classOf = (seconds: number): string => `${Math.round(seconds / 60) * 60} s`;
