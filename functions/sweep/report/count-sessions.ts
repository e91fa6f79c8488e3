/** Sessions of users in a tally, without what is left of others. Pure. */
import type { DialectCount } from '../../records/ttl-baseline.ts';
import { sumOf } from '../../shared/arithmetic.ts';
import type { DialectTally, UnrepairedReason } from '../contract/tally.ts';

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
