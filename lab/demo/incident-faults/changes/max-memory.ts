/** The primary's limit of memory, which ElastiCache takes from the node's type. */
import type { Changer } from '../contract.ts';
import type { StoreAdmin } from './store-admin.ts';

/** Changes the limit of the replicas too: one of them can be the primary by the time the limit is restored. */
export function maxMemoryChanger(store: StoreAdmin, members: () => Promise<readonly string[]>): Changer<'maxMemory'> {
  const set = (node: string, bytes: number) => store.on(node, (connection) => connection.command('CONFIG', 'SET', 'maxmemory', bytes));
  return {
    async prepare() {
      const primary = await store.primary();
      const [, bytes] = (await store.on(primary, (connection) => connection.command('CONFIG', 'GET', 'maxmemory'))) as [string, string];
      return { bytes: Number(bytes) };
    },
    async apply({ bytes }, before) {
      await set(await store.primary(), bytes);
      return before;
    },
    async restore({ bytes }) {
      for (const node of await members()) await set(node, bytes);
    },
  };
}
