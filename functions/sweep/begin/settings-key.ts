import { createHash } from 'node:crypto';
import type { SweepSettings } from '../contract/settings.ts';

type Deciding = Pick<SweepSettings, 'databases' | 'policy' | 'policies' | 'idleSeconds' | 'dialects' | 'keyPrefixes' | 'onlyKeyPrefixes'>;

/**
 * Identifies what decides which keys a sweep leaves on purpose: the databases, policies, dialects and prefixes, and the version of the
 * function, which can know more dialects than the one before. A baseline is valid for one key.
 */
export function settingsKeyOf(settings: Deciding, version: string): string {
  const { databases, policy, policies, idleSeconds, dialects, keyPrefixes, onlyKeyPrefixes } = settings;
  const ordered = (record: object) => Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
  const numbers = databases.toSorted((a, b) => a - b);
  const prefixes = onlyKeyPrefixes ? { only: keyPrefixes } : keyPrefixes;
  const deciding = [numbers, policy, ordered(policies), ordered(idleSeconds), dialects, prefixes, version];
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex').slice(0, 16);
}
