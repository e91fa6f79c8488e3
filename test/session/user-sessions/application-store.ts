/** A store as the templates create it for an application: over TLS alone, and with a user that has the fleet's keys and nothing else. */
import type { Redis } from 'ioredis';
import { applicationAccess } from '../../../infra/constructs/store/access-strings.ts';
import { type RealStore, startStoreOn } from '../../functions/sweep/real-store.ts';
import { makeTls, type StoreTls } from '../../functions/sweep/store-tls.ts';
import { DEFAULT_ENGINE } from '../../store-engines.ts';
import { type Client, connectClient, PREFIX } from './site.ts';

const USER = { username: 'shop', password: 'a-password' };

export interface ApplicationStore {
  /** Past the application, as the default user. */
  readonly real: RealStore;
  /** The clients of as many servers. */
  readonly clients: readonly Client[];
  stop(): Promise<void>;
}

/** @param engine one of STORE_ENGINES */
export async function startApplicationStore(servers: number, engine = DEFAULT_ENGINE): Promise<ApplicationStore> {
  const tls = await makeTls();
  const real = await startStoreOn(engine, [], tls);
  await addApplicationUser(real.redis);
  const clients = await Promise.all(Array.from({ length: servers }, () => connectClient(real.port, optionsOf(tls))));
  return {
    real,
    clients,
    async stop() {
      for (const client of clients) client.destroy();
      await real.stop();
      tls.remove();
    },
  };
}

/** @param more rules that the templates do not have */
export async function addApplicationUser(redis: Redis, ...more: readonly string[]): Promise<void> {
  const access = applicationAccess({ keyPrefix: PREFIX, channels: [] }, [0]).split(' ');
  await redis.call('ACL', 'SETUSER', USER.username, `>${USER.password}`, ...access, ...more);
}

/** For node-redis. */
export const optionsOf = (tls: StoreTls) => ({ socket: { tls: true, ca: tls.caPem }, ...USER });
