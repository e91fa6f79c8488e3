/** Reads and empties the stores of a test past the application. */
import type { Redis } from 'ioredis';
import type { Admin } from './run-history.ts';

/** @param nodes the server, or every primary of a cluster @param nodeOf the one that has a key */
export function adminOf(nodes: readonly Redis[], nodeOf: (key: string) => Promise<Redis> = async () => nodes[0] as Redis): Admin {
  return {
    async keys() {
      const found = new Map<string, number>();
      for (const node of nodes) {
        const keys = await node.keys('*');
        const ttls = await Promise.all(keys.map((key) => node.ttl(key)));
        for (const [at, key] of keys.entries()) found.set(key, ttls[at] as number);
      }
      return found;
    },
    members: async (list) => (await nodeOf(list)).lrange(list, 0, -1),
    delete: async (key) => {
      await (await nodeOf(key)).del(key);
    },
    flush: async () => {
      await Promise.all(nodes.map((node) => node.flushall()));
    },
  };
}
