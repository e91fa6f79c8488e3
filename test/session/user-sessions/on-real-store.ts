import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type RealStore, startStore } from '../../functions/sweep/real-store.ts';
import { Browser } from './browser.ts';
import { type Client, connectClient, createSite, type Site, type SiteOptions } from './site.ts';

export interface OnRealStore {
  /** Past the application. */
  readonly real: RealStore;
  readonly client: Client;
  readonly site: Site;
  /** A visitor who has no cookie yet. */
  readonly ann: Browser;
}

/** Before each test of a file: a new site on the file's own store, which is empty. */
export function onRealStore(prepare: (made: OnRealStore) => unknown, options?: SiteOptions): void {
  let real: RealStore;
  let client: Client;
  beforeAll(async () => {
    real = await startStore();
    client = await connectClient(real.port);
  });
  afterAll(async () => {
    client.destroy();
    await real.stop();
  });
  beforeEach(async () => {
    await real.redis.flushall();
    await prepare({ real, client, site: createSite(client, options), ann: new Browser() });
  });
}
