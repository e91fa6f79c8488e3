/** How much memory sessions take in the session store. Pure. */

/**
 * Memory of one session as a string with a TTL. The allocator's size classes are at most a quarter apart, and key, expiry
 * and object headers take up to 200 bytes: redis-server 7.0 took 484, 1,434, 2,714, 5,274 and 20,640 bytes for values of
 * 256, 1,024, 2,048, 4,096 and 16,384.
 */
export const bytesInStore = (sessionBytes: number): number => Math.ceil(1.25 * sessionBytes + 200);

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheNodes.SupportedTypes.html */
const DEFAULT_NODE = { type: 'cache.t4g.small', memoryBytes: 1.37 * 1024 ** 3 } as const;
/** reserved-memory-percent. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/redis-memory-management.html */
const RESERVED_PERCENT = 25;

export interface StoreMemory {
  readonly nodeType: string;
  readonly bytesPerSession: number;
  /** Sessions that fit before the store evicts some, to two significant figures. */
  readonly sessions: number;
}

/** How many sessions the store of the default configuration holds. */
export function sessionsThatFit(sessionBytes: number): StoreMemory {
  const bytesPerSession = bytesInStore(sessionBytes);
  const fit = (DEFAULT_NODE.memoryBytes * (100 - RESERVED_PERCENT)) / 100 / bytesPerSession;
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, fit))) - 1);
  return { nodeType: DEFAULT_NODE.type, bytesPerSession, sessions: Math.floor(fit / unit) * unit };
}
