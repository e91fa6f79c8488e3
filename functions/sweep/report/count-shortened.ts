import type { SweepSettings } from '../contract/settings.ts';
import type { Tally } from '../contract/tally.ts';
import { CATALOGUE } from '../keys/catalogue.ts';

/**
 * Sessions that a sweep gave a life, or ended, by a configured `idleSeconds` below the framework's default: users can be logged out
 * earlier than the application intends. At most: those that name their life themselves keep it. Pure.
 */
export function countShortened({ byDialect }: Pick<Tally, 'byDialect'>, { idleSeconds }: Pick<SweepSettings, 'idleSeconds'>): number {
  return CATALOGUE.reduce((sum, { name, rules }) => {
    const configured = idleSeconds[name];
    const swept = byDialect[name];
    const defaults = rules.flatMap(({ life }) => (life && 'defaultSeconds' in life ? [life.defaultSeconds] : []));
    const isShorter = configured !== undefined && defaults.some((seconds) => configured < seconds);
    return isShorter && swept ? sum + swept.repaired + swept.deleted : sum;
  }, 0);
}
