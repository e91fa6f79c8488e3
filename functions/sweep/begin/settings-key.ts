import { createHash } from 'node:crypto';
import type { SweepSettings } from '../contract/settings.ts';

type Deciding = Pick<SweepSettings, 'databases' | 'policy' | 'policies' | 'idleSeconds' | 'dialects' | 'keyPrefixes'>;

/**
 * Identifies what decides which keys a sweep leaves on purpose: the databases, policies, dialects and prefixes, and the version of the
 * function, which can know more dialects than the one before. A baseline is valid for one key.
 */
export function settingsKeyOf({ databases, policy, policies, idleSeconds, dialects, keyPrefixes }: Deciding, version: string): string {
  const ordered = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const deciding = [databases.toSorted((a, b) => a - b), policy, ordered(policies), ordered(idleSeconds), dialects, keyPrefixes, version];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
