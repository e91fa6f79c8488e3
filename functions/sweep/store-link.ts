import type { Redis } from 'ioredis';
import { describeError, HoldfastError } from '../shared/errors.ts';
import { TlsMismatch } from '../shared/find-tls-mismatch.ts';
import { addTime } from './answer-times.ts';
import { StoreUnreachable } from './errors.ts';
import { openSweepStore } from './open-sweep-store.ts';
import type { IdleAnswer } from './pace.ts';
import { measureIdle, probe, timePing } from './probe-store.ts';
import type { StoreIdentity, SweepStore } from './sweep-store.ts';

/** The store went away, or another node answers in its place: what passes with time. */
export class StoreTrouble extends HoldfastError {
  override readonly name = 'StoreTrouble';
}

/** Connections to one node: one that sweeps, and one that asks beside it. */
export interface StoreLink {
  readonly redis: Redis;
  readonly store: SweepStore;
  readonly identity: StoreIdentity;
  readonly idle: IdleAnswer;
  /**
   * Runs work at the node. @throws StoreTrouble when it failed, or when the connection was lost on the way: the client connects
   * again by itself, perhaps to another node, where a cursor means nothing
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Times one answer now: a store of few keys is gone through before the probe asks. */
  probeOnce(): Promise<void>;
  close(): void;
}

/** @param answers where the times of the probe go. @throws StoreTrouble; StoreUnreachable when waiting does not help */
export async function openLink(connect: () => Promise<Redis>, storeName: string, answers: number[]): Promise<StoreLink> {
  const opened: Redis[] = [];
  let isLost = false;
  const open = async () => {
    const redis = await connect();
    opened.push(redis);
    return redis;
  };
  const close = () => {
    for (const redis of opened) redis.disconnect();
  };
  try {
    const redis = await open();
    redis.once('close', () => {
      isLost = true;
    });
    const store = await openSweepStore(redis);
    const prober = await open();
    const idle = await measureIdle(prober);
    const stopProbing = probe(prober, answers);
    return {
      redis,
      store,
      identity: store.identity,
      idle,
      run: async (work) => {
        let result: Awaited<ReturnType<typeof work>>;
        try {
          result = await work();
        } catch (error) {
          throw isOurs(error) ? error : new StoreTrouble(describeError(error), { cause: error });
        }
        if (isLost) throw new StoreTrouble('the connection was lost');
        return result;
      },
      probeOnce: async () => addTime(answers, await timePing(prober)),
      close: () => {
        stopProbing();
        close();
      },
    };
  } catch (error) {
    close();
    if (isOurs(error) && !(error instanceof TlsMismatch)) throw error;
    const said = describeError(error);
    if (!isFinal(said)) throw new StoreTrouble(said, { cause: error });
    throw new StoreUnreachable(`the session store at ${storeName} does not let the sweep in: ${said}. No key was changed`, {
      cause: error,
    });
  }
}

/** A fault of this program, which no waiting mends. */
const isOurs = (error: unknown): boolean =>
  error instanceof HoldfastError || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** Wrong password, wrong certificate, TLS on one side alone: the same in a minute. */
const isFinal = (said: string): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|ERR AUTH|certificate|SSL routines|TlsMismatch|ERR_TLS|ENOTFOUND/i.test(said);
