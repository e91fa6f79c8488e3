import { store as storeConfig } from '../../../../infra/config/store.ts';
import { sweepAccess } from '../../../../infra/constructs/store/access-strings.ts';

/** The access string of the sweep's user, as the templates of a created store with this engine have it. */
export function sweepAccessString(engine: 'valkey' | 'redis'): string {
  const store = storeConfig.parse({ engine });
  if ('existing' in store && store.existing) throw new TypeError('the configuration names an existing store');
  return sweepAccess(store, [{ keyPrefix: 'sess:' }]);
}
