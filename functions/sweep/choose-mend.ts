import type { KnownKey } from './classify-key.ts';
import { type Policy, weaker } from './dialect.ts';
import type { Life } from './read-life.ts';
import type { SweepSettings } from './settings.ts';

/** Why a key without a TTL stays as it is. */
export const LEFT_REASONS = [
  'unknown',
  'structural',
  'report-only',
  'permanent',
  'delete-limit',
  'changed-meanwhile',
  'not-permitted',
] as const;
export type LeftReason = (typeof LEFT_REASONS)[number];

export type Mend =
  | { readonly action: 'expire'; readonly seconds: number }
  | { readonly action: 'delete' }
  | { readonly action: 'leave'; readonly reason: LeftReason };

/** The longest life that is set: what is farther off is no session. */
const LONGEST_SECONDS = 10 * 365 * 86_400;

/** The policy that holds for a dialect: never more than its catalogue allows. */
export const policyFor = ({ dialect, rule }: KnownKey, { policy, policies }: Pick<SweepSettings, 'policy' | 'policies'>): Policy =>
  // What belongs to a session ends with it: it is never deleted by itself.
  weaker(weaker(dialect.mostPolicy, rule.role === 'companion' ? 'expire' : 'delete'), policies[dialect.name] ?? policy);

/**
 * What becomes of a key without a TTL. It is deleted only when it is past its life for certain; else it gets what is left
 * of its life, and never less than `leastSeconds`.
 * @param share from 0 to 1, the key's own part of the jitter
 * @param deletesLeft keys that the sweep may still delete
 */
export function chooseMend(
  known: KnownKey | undefined,
  life: Life | undefined,
  settings: Pick<SweepSettings, 'policy' | 'policies' | 'leastSeconds' | 'jitterSeconds'>,
  share: number,
  deletesLeft: number,
): Mend {
  if (known === undefined) return { action: 'leave', reason: 'unknown' };
  if (known.rule.role === 'structural' || life === undefined) return { action: 'leave', reason: 'structural' };
  if (life.kind === 'permanent') return { action: 'leave', reason: 'permanent' };
  const policy = policyFor(known, settings);
  if (policy === 'report') return { action: 'leave', reason: 'report-only' };
  if (policy === 'delete' && life.isCertain && life.leftSeconds <= 0) {
    return deletesLeft > 0 ? { action: 'delete' } : { action: 'leave', reason: 'delete-limit' };
  }
  const seconds = Math.min(Math.max(life.leftSeconds, settings.leastSeconds), LONGEST_SECONDS) + share * settings.jitterSeconds;
  return { action: 'expire', seconds: Math.ceil(seconds) };
}
