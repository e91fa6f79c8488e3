import type { Redis } from 'ioredis';
import { describeError, HoldfastError } from '../../shared/errors.ts';
import { TlsMismatch } from '../../shared/store/find-tls-mismatch.ts';
import { StoreUnreachable } from '../errors.ts';
import { openSweepStore } from '../store/open-sweep-store.ts';
import type { StoreIdentity, SweepStore } from '../store/sweep-store.ts';
import { type IdleLatency, measureIdle, probe, recordLatency, timePing } from './probe-store.ts';

/** The store does not answer, or another node answers in its place: a temporary fault. */
export class StoreInterrupted extends HoldfastError {
  override readonly name: string = 'StoreInterrupted';
}

/** The replica that pages are read from does not answer, or is behind: the next invocation reads from it again, or from another. */
export class ReaderInterrupted extends StoreInterrupted {}

/** Two connections to one node: one for the sweep, one for the latency probe. */
export interface StoreLink {
  readonly redis: Redis;
  readonly store: SweepStore;
  readonly identity: StoreIdentity;
  readonly idle: IdleLatency;
  /**
   * Runs work on the node. @throws StoreInterrupted when it failed or the connection was lost: the client reconnects by itself,
   * perhaps to another node, where the cursor is not valid
   */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Measures the latency once, now: a small store is swept before the probe's first measurement. */
  probeOnce(): Promise<void>;
  close(): void;
}

/** Where pages are read, and where candidates are confirmed and repaired: the same link where no replica is read. */
export interface ShardLinks {
  readonly reader: StoreLink;
  readonly writer: StoreLink;
}

/** @param latencies receives the probe's latencies. @throws StoreInterrupted; StoreUnreachable when waiting does not help */
export async function openLink(connect: () => Promise<Redis>, storeName: string, latencies: number[]): Promise<StoreLink> {
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
    const stopProbing = probe(prober, latencies);
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
          if (isOurs(error)) throw error;
          const reason = describeError(error);
          if (/NOPERM/.test(reason))
            throw new StoreUnreachable(`the session store at ${storeName} refuses the sweep: ${reason}. Its repairs so far are kept`, {
              cause: error,
            });
          throw new StoreInterrupted(reason, { cause: error });
        }
        if (isLost) throw new StoreInterrupted('the connection was lost');
        return result;
      },
      probeOnce: async () => recordLatency(latencies, await timePing(prober)),
      close: () => {
        stopProbing();
        close();
      },
    };
  } catch (error) {
    close();
    if (isOurs(error) && !(error instanceof TlsMismatch)) throw error;
    const reason = describeError(error);
    if (!isFinal(reason)) throw new StoreInterrupted(reason, { cause: error });
    throw new StoreUnreachable(`the session store at ${storeName} refuses the sweep's connection: ${reason}. No key was changed`, {
      cause: error,
    });
  }
}

/** A fault of this program, which waiting does not fix. */
const isOurs = (error: unknown): boolean =>
  error instanceof HoldfastError || error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;

/** Wrong password, wrong certificate, TLS on one side only: waiting does not fix these. */
const isFinal = (reason: string): boolean =>
  /WRONGPASS|NOAUTH|NOPERM|ERR AUTH|certificate|SSL routines|TlsMismatch|ERR_TLS|ENOTFOUND/i.test(reason);
