/** Sessions of users in a tally, without what is left of others. Pure. */
import type { DialectCount } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { DialectTally, UnrepairedReason } from '../contract/tally.ts';
import { CATALOGUE } from '../keys/catalogue.ts';

/** connect-redis with `disableTTL` writes no TTL at all; where fewer lack one, something has forgotten it. */
const NEARLY_ALL_PERCENT = 90;
/** Of fewer sessions no share is known. */
export const FEWEST_SESSIONS = 100;
const FOR_EVER = new Set(CATALOGUE.filter(({ canLastForEver }) => canLastForEver).map(({ name }) => name));
/** Two standard errors of a share of 90 %, of one session. */
const SAMPLE_ERROR_PERCENT = 60;

/** Why a session has no TTL by somebody's decision, or with a life that is not known. */
const MEANT: readonly UnrepairedReason[] = ['report-only', 'permanent', 'unreadable'];

/** Sessions of a user, and those of them without a TTL that a sweep would repair. */
export function countOf(dialect: DialectTally): DialectCount {
  const { sampled, sessionsWithoutTtl, unrepaired, remainsWithoutTtl = {} } = dialect;
  const meant = sumOf(MEANT, (reason) => unrepaired[reason] ?? 0);
  const withoutTtl = Math.max(0, sessionsWithoutTtl - meant - sumOf(Object.values(remainsWithoutTtl), (keys) => keys));
  return { sessions: sampled + withoutTtl, withoutTtl };
}

/** Those that keep no TTL after a sweep. Repaired companions are in the same number. */
export function countAfter(dialect: DialectTally): DialectCount {
  const { sessions, withoutTtl } = countOf(dialect);
  const { repaired, deleted, companionsWithoutTtl } = dialect;
  return { sessions, withoutTtl: Math.max(0, Math.min(withoutTtl, withoutTtl + companionsWithoutTtl - repaired - deleted)) };
}

/** @param seen so many of them: where they are few, others could be chosen with a share of 90 % in the store */
export const isNearlyAll = (dialect: string, { sessions, withoutTtl }: DialectCount, seen = Number.POSITIVE_INFINITY): boolean =>
  withoutTtl >= (FOR_EVER.has(dialect) ? 1 : FEWEST_SESSIONS) &&
  withoutTtl * 100 >= sessions * (NEARLY_ALL_PERCENT - SAMPLE_ERROR_PERCENT / Math.sqrt(seen));

/** What a sweep that repairs would count, where the policy only reports. */
export const countIfRepaired = ({ unrepaired, ...dialect }: DialectTally): DialectCount =>
  countOf({ ...dialect, unrepaired: { ...unrepaired, 'report-only': 0 } });
