import type { Policy, SweepSettings } from '../contract/settings.ts';
import type { Consent } from '../contract/steps.ts';
import type { UnrepairedReason } from '../contract/tally.ts';
import type { KnownKey } from './classify-key.ts';
import { type KeyRule, weaker } from './dialect.ts';
import type { Life } from './read-life.ts';

/**
 * Reasons that the next sweep finds again: the key has no TTL by design, by intent or by policy, or the sweep can't know its
 * life. The other reasons are of one sweep, and the next one repairs the key.
 */
export const LEFT_ON_PURPOSE: ReadonlySet<UnrepairedReason> = new Set([
  'unknown',
  'unverified',
  'structural',
  'report-only',
  'permanent',
  'unreadable',
  'unconfirmed',
  'uncounted',
]);

export type Repair =
  | { readonly action: 'expire'; readonly seconds: number }
  | { readonly action: 'delete' }
  | { readonly action: 'leave'; readonly reason: UnrepairedReason };

/** Whether the key belongs to the baseline: keys without a TTL that a sweep doesn't repair however often it runs. Pure. */
export const isLeftOnPurpose = (repair: Repair): boolean => repair.action === 'leave' && LEFT_ON_PURPOSE.has(repair.reason);

/** The longest TTL that is set: no session lives longer. */
const LONGEST_SECONDS = 10 * 365 * 86_400;

/** The policy for a key: never more than the catalogue allows for its dialect. */
export const policyFor = ({ dialect, rule }: KnownKey, { policy, policies }: Pick<SweepSettings, 'policy' | 'policies'>): Policy =>
  // A companion expires with its session and is never deleted on its own.
  weaker(weaker(dialect.maxPolicy, rule.role === 'companion' ? 'expire' : 'delete'), policies[dialect.name] ?? policy);

/**
 * Decides on a key without a TTL. It is deleted only when it is certainly past a life that its own value states: a name can be another
 * program's, and so can a framework's default be the wrong life. Otherwise its TTL is its remaining life, but at least `minTtlSeconds`.
 * @param share from 0 to 1, the key's share of the jitter
 * @param deletesLeft number of keys that the sweep can still delete
 */
export function chooseRepair(
  known: KnownKey | undefined,
  life: Life | undefined,
  settings: Pick<SweepSettings, 'policy' | 'policies' | 'minTtlSeconds' | 'jitterSeconds'>,
  share: number,
  deletesLeft: number,
): Repair {
  if (known === undefined) return { action: 'leave', reason: 'unknown' };
  if (known.rule.role === 'structural' || life === undefined) return { action: 'leave', reason: 'structural' };
  if (life.kind !== 'limited') return { action: 'leave', reason: life.kind };
  const policy = policyFor(known, settings);
  if (policy === 'report') return { action: 'leave', reason: 'report-only' };
  if (policy === 'delete' && life.isCertain && life.isDeclared && life.remainingSeconds <= 0) {
    return deletesLeft > 0 ? { action: 'delete' } : { action: 'leave', reason: 'delete-limit' };
  }
  return { action: 'expire', seconds: ttlOf(known.rule, life, settings, share) };
}

/** Nothing of a dialect is repaired that somebody has to answer for first, or that has to be counted first. */
export function askFirst(repair: Repair, known: KnownKey | undefined, { asked, judged }: Consent): Repair {
  if (repair.action === 'leave' || known === undefined) return repair;
  const { name } = known.dialect;
  if (asked.includes(name)) return { action: 'leave', reason: 'unconfirmed' };
  return judged === undefined || judged.includes(name) ? repair : { action: 'leave', reason: 'uncounted' };
}

/** Seconds, at least 1. */
function ttlOf(
  { endsOnTime = false }: KeyRule,
  { remainingSeconds, atMostSeconds = Number.POSITIVE_INFINITY }: Extract<Life, { kind: 'limited' }>,
  { minTtlSeconds, jitterSeconds }: Pick<SweepSettings, 'minTtlSeconds' | 'jitterSeconds'>,
  share: number,
): number {
  // A marker gets half of the minimum that its session gets, so that it expires first even if both are past their life.
  const leastSeconds = endsOnTime ? minTtlSeconds / 2 : minTtlSeconds;
  const seconds = Math.min(Math.max(remainingSeconds, leastSeconds), LONGEST_SECONDS) + (endsOnTime ? 0 : share * jitterSeconds);
  return Math.max(1, atMostSeconds < seconds ? Math.floor(atMostSeconds) : Math.ceil(seconds));
}
