import type { Redis } from 'ioredis';
import type { ReadOnlyEval } from './cached-script.ts';
import { isKeylessRefusal } from './refusals.ts';

/** What the sweep's user can do with scripts on this store. */
export interface UsableScripts {
  /** Runs scripts without keys that only read; undefined where none is allowed: ElastiCache Serverless refuses them. */
  readonly readOnly: ReadOnlyEval | undefined;
  /** EVAL is allowed. A user can have EVAL_RO alone. */
  readonly canWrite: boolean;
}

/** @throws when the store does not answer */
export async function findUsableScripts(redis: Pick<Redis, 'call'>): Promise<UsableScripts> {
  const isReadable = await isUsable(redis, 'EVAL_RO');
  const canWrite = await isUsable(redis, 'EVAL');
  return { readOnly: isReadable ? 'EVAL_RO' : canWrite ? 'EVAL' : undefined, canWrite };
}

async function isUsable(redis: Pick<Redis, 'call'>, evaluate: ReadOnlyEval): Promise<boolean> {
  try {
    await redis.call(evaluate, 'return 1', 0);
    return true;
  } catch (error) {
    if (/^(?:NOPERM|ERR unknown command)/i.test((error as Error).message) || isKeylessRefusal(error as Error)) return false;
    throw error;
  }
}
