/** Keys of other programs that are like the recorded ones: other prefixes, ids, longer values and other TTLs. */
import { random as seeded } from '../../../test/functions/sweep/random.ts';
import type { RecordedKey } from '../recordings/recording.ts';
import { withOtherIds } from './other-id.ts';

/** What session frameworks' keys begin with, and so do other programs'. */
const PREFIXES = ['session:', 'session_', 'sess:', 'user:session:', 'sessions:', 'sess_', 'session-', 'app:', 'prod:shop:', 'cache:', ''];
const TTLS = [undefined, 120, 300, 7_200, 86_400, 2_592_000];
const LONGER = 'x'.repeat(2_000);

/** @param recorded of foreign libraries, with their times @param count of keys to make, the same ones each time */
export function neighboursOf(recorded: readonly RecordedKey[], count: number): RecordedKey[] {
  const random = seeded(59);
  const one = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const made = new Map<string, RecordedKey>();
  for (let at = 0; made.size < count; at += 1) {
    const { ttl: _ttl, ttlBy: _ttlBy, ...key } = recorded[at % recorded.length] as RecordedKey;
    const rest = random() < 0.5 ? key.name.replace(/^[^:]+:(?=.*[:.])/s, '') : key.name;
    const name = `${one(PREFIXES)}${withOtherIds(rest, random)}`;
    const ttl = one(TTLS);
    const neighbour = { ...longer(key, random() < 0.2), ...(ttl !== undefined && { ttl }) };
    const unique = made.has(name) ? `${name}:${at}` : name;
    made.set(unique, { ...neighbour, name: unique } as RecordedKey);
  }
  return [...made.values()];
}

function longer(key: Omit<RecordedKey, 'name' | 'ttl' | 'ttlBy'>, isLonger: boolean): object {
  if (!isLonger) return key;
  if (key.type === 'hash') return { ...key, value: { ...(key.value as Record<string, string>), longer: LONGER } };
  if (key.type === 'list' || key.type === 'set') return { ...key, value: [...(key.value as readonly string[]), LONGER] };
  return key;
}
