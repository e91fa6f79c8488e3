/** Whether Holdfast's functions can use a store at all. Pure. */
import { CommandFailure, EXIT } from '../../failure.ts';
import type { StoreFacts } from './store-facts.ts';

/** @throws CommandFailure UnusableStore with the first reason why not */
export function judgeStore(store: StoreFacts): void {
  const why = unusable(store);
  if (why !== undefined) throw new CommandFailure('UnusableStore', `${why}. Nothing was written.`, EXIT.badInput);
}

function unusable(store: StoreFacts): string | undefined {
  const { id, engine, engineVersion, secondaryOf, networkType, changing, tls, authToken, userGroupId } = store;
  if (store.endpoint === undefined) return `Replication group ${id} has no endpoint: its status is ${store.status}`;
  if (engine !== 'valkey' && engine !== 'redis') return `The engine of ${id} is ${engine}, and Holdfast reads Valkey and Redis OSS`;
  if (engineVersion === '') return `ElastiCache shows no engine version of ${id}`;
  if (secondaryOf !== undefined)
    return `${id} is a secondary of the global datastore ${secondaryOf}, whose nodes take no repair of a sweep: use the Region of its primary`;
  if (networkType === 'ipv6') return `${id} has IPv6 addresses alone, and Holdfast's functions have IPv4 addresses`;
  if (changing.length > 0)
    return `Encryption or sign-in of ${id} is being changed (${changing.join(', ')}), and functions could not follow: try again when the change is applied`;
  if (!tls && (authToken || userGroupId !== undefined))
    return `${id} has users or a token but no encryption in transit, and Holdfast sends no password over an unencrypted connection`;
  if (store.subnetIds.length === 0) return `${id} is in no VPC, and Holdfast's functions are`;
  return undefined;
}
