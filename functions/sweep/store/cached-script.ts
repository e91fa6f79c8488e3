import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { isKeylessRefusal } from './ask-each.ts';

/** The command that runs a read-only script: EVAL_RO refuses writes, but engines before 7 do not have it. */
export type ReadOnlyEval = 'EVAL_RO' | 'EVAL';

/** Runs a script without keys. @returns its reply, with strings as bytes */
export type RunScript = (...words: readonly (string | number | Buffer)[]) => Promise<unknown>;

/**
 * Sends the script once, and then its hash: to send and hash two kilobytes takes a twentieth of a page's time. Sends it again
 * to a server that no longer caches it, and each time for a user without permission for the hash command.
 */
export function cachedScript(redis: Pick<Redis, 'callBuffer'>, evaluate: ReadOnlyEval, script: string): RunScript {
  const hash = createHash('sha1').update(script).digest('hex');
  const evaluateHash = evaluate === 'EVAL_RO' ? 'EVALSHA_RO' : 'EVALSHA';
  let byHash = true;
  return async (...words) => {
    if (byHash) {
      try {
        return await redis.callBuffer(evaluateHash, hash, 0, ...words);
      } catch (error) {
        const { message } = error as Error;
        byHash = message.startsWith('NOSCRIPT');
        if (!byHash && !/^(?:NOPERM|ERR unknown command)/i.test(message)) throw error;
      }
    }
    return await redis.callBuffer(evaluate, script, 0, ...words);
  };
}

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
