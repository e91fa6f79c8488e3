import type { Redis } from 'ioredis';
import { DatabaseRefused } from '../errors.ts';

/** Selects a database on a connection, which keeps it when it reconnects. @throws DatabaseRefused, and closes the connection */
export async function selectDatabase(redis: Redis, database: number): Promise<Redis> {
  if (database === 0) return redis;
  try {
    await redis.select(database);
    return redis;
  } catch (error) {
    redis.disconnect();
    const advice = adviceOn((error as Error).message, database);
    throw advice === undefined
      ? error
      : new DatabaseRefused(`database ${database} of the session store was not swept: ${advice}`, { cause: error });
  }
}

/** Undefined for an error that is not about this command. */
function adviceOn(message: string, database: number): string | undefined {
  if (/^NOPERM/.test(message))
    return "the sweep's user is not allowed to run SELECT. Permit +select to it, or remove the database from store.databases";
  if (/cluster mode/i.test(message)) return 'a store in cluster mode has only database 0. Set store.databases to [0]';
  if (/out of range|invalid DB index/i.test(message))
    return `the store has fewer databases. Raise its parameter databases above ${database}, which ElastiCache applies only when it reboots the nodes and so empties them, or remove the database from store.databases`;
  if (/unknown command|not (?:supported|allowed)/i.test(message))
    return 'the store does not support SELECT, as a serverless cache does not. Set store.databases to [0]';
  return undefined;
}
