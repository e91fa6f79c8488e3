import type { Remains } from '../contract/tally.ts';
import type { LifeSource } from './dialect.ts';
import { UNREAD } from './unread.ts';

/**
 * What is left of a session that is over, by the fields of its hash. Pure.
 * @param fields as latin1 text, those that exist of the ones that the source needs
 * @returns undefined for a session, for a key that has gone meanwhile, and where it cannot be known
 */
export function readRemains(source: LifeSource | undefined, fields: Readonly<Record<string, string | typeof UNREAD>>): Remains | undefined {
  if (source?.from !== 'fields' || source.remains === undefined || Object.keys(fields).length === 0) return undefined;
  const { ended, incomplete } = source.remains;
  const value = fields[ended.field];
  if (value !== undefined && value !== UNREAD && ended.is(value)) return 'ended';
  return [source.lastAccess, source.maxInactive].every((field) => field in fields) ? undefined : incomplete;
}
