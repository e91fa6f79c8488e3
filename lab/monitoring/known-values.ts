/** What the rules must return for the local store: wrong data would be worse than none. */
import { waitUntil } from '../processes/wait.ts';
import { SESSIONS, WITHOUT_TTL } from './local-store.ts';

const KNOWN: readonly (readonly [query: string, value: number])[] = [
  ['sum(holdfast:store_is_primary)', 1],
  ['count(redis_master_link_up == 1)', 2],
  ['holdfast:store_missing_replicas', 0],
  ['holdfast:store_keys_expiring', SESSIONS],
  ['holdfast:store_unexpected_keys_without_ttl', WITHOUT_TTL],
  // Nine of ten look-ups find their session.
  ['round(holdfast:store_hit_ratio, 0.05)', 0.9],
];
/** A value can be one or two evaluations behind. */
const TIMEOUT_MS = 10_000;

/**
 * @param values runs one query
 * @throws Error with the query, its expected value and its last values
 */
export async function checkKnownValues(values: (query: string) => Promise<readonly number[]>): Promise<void> {
  for (const [query, expected] of KNOWN) {
    let last: readonly number[] = [];
    const isRight = async () => {
      last = await values(query);
      return last.length === 1 && Math.abs((last[0] as number) - expected) < 1e-9;
    };
    await waitUntil(query, isRight, { timeoutMs: TIMEOUT_MS, pollMs: 500 }).catch((cause: Error) => {
      throw new Error(`${query} is ${last.join(', ') || 'without data'} and must be ${expected}`, { cause });
    });
  }
}
