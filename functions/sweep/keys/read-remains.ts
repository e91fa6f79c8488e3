import type { Remains } from '../contract/tally.ts';
import type { LifeSource } from './dialect.ts';
import { fieldsOf } from './read-life.ts';
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

/**
 * Whether a hash whose name fits a dialect is another program's: many end in a UUID, such as jobs of RQ and Hangfire, and a session of
 * ASP.NET Core has both fields of its life. Pure.
 * @param fields as above
 */
export const isForeign = (source: LifeSource | undefined, fields: Readonly<Record<string, string | typeof UNREAD>>): boolean =>
  source?.from === 'ticks' && !fieldsOf(source).every((field) => field in fields);
