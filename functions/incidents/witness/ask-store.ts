/** One question to the store from the fleet's side: sign in, write a key, read it, and remove it. */
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { within } from '../../shared/end-at.ts';
import { HoldfastError } from '../../shared/errors.ts';
import { describeFailure, SLOW_MS } from '../collect/store/describe-node.ts';
import { WITNESS_LIMIT_MS, type Witnessed } from '../contract/store-facts.ts';
import { withoutClients } from '../report/plain.ts';

/** What a node has to be connected to; undefined: the store's own address. */
export type NodeAddress = { readonly host: string; readonly port: number } | undefined;
type Store = Pick<Redis, 'set' | 'get' | 'del' | 'disconnect'>;

export interface AskStorePorts {
  readonly fleet: string;
  readonly key: string;
  readonly signIn: Witnessed['signIn'];
  /** Reads what signing in needs. @throws where that cannot be read: then nothing was tried */
  readonly ready: () => Promise<unknown>;
  readonly connect: (node: NodeAddress) => Promise<Store>;
  readonly now: () => number;
}

/** Far above the time that it needs, so that a key is never read after its end; short, so that one that stays is soon gone. */
const TTL_SECONDS = 30;

class NoAnswer extends HoldfastError {
  override readonly name = 'NoAnswer';
}

/** Never rejects, and never takes longer than its limit. */
export function createAskStore(ports: AskStorePorts): () => Promise<Witnessed> {
  const { fleet, signIn, now } = ports;
  return async () => {
    const atMs = now();
    const came: { signInMs?: number } = {};
    const witnessed = (answer: Pick<Witnessed, 'state' | 'error' | 'unreachableReason'>): Witnessed => {
      const tookMs = now() - atMs;
      return { fleet, atMs, signIn, tookMs, ...came, ...answer };
    };
    const limited = <T>(work: Promise<T>) =>
      within(work, WITNESS_LIMIT_MS - (now() - atMs), () => new NoAnswer(`no answer within ${WITNESS_LIMIT_MS / 1_000} s`));
    try {
      await limited(ports.ready());
    } catch (error) {
      return witnessed({ state: 'unknown', error: `it could not read what it signs in with (${(error as Error).name})` });
    }
    try {
      await limited(tryStore(ports, () => (came.signInMs = now() - atMs)));
      return witnessed({ state: now() - atMs > SLOW_MS ? 'slow' : 'reached' });
    } catch (error) {
      return witnessed(judge(error));
    }
  };
}

async function tryStore({ connect, key: beginning }: AskStorePorts, signedIn: () => void): Promise<void> {
  const key = beginning + randomUUID();
  const use = async (node: NodeAddress) => {
    const store = await connect(node);
    try {
      signedIn();
      // Libraries that list all sessions of a prefix read each as JSON.
      const value = JSON.stringify({ witness: randomUUID() });
      await store.set(key, value, 'EX', TTL_SECONDS);
      if ((await store.get(key)) !== value) throw new NotAsWritten('what was read is not what was written a moment before');
      await store.del(key);
    } finally {
      store.disconnect();
    }
  };
  try {
    await use(undefined);
  } catch (error) {
    const node = movedTo(error);
    if (node === undefined) throw error;
    await use(node);
  }
}

class NotAsWritten extends HoldfastError {
  override readonly name = 'NotAsWritten';
}

/** In cluster mode a node names the one that has the key: `MOVED 3999 10.0.0.1:6379`. */
function movedTo(error: unknown): NodeAddress {
  const [, host, port] = /^MOVED \d+ ([^\s]+):(\d+)$/.exec((error as Error).message) ?? [];
  return host === undefined ? undefined : { host, port: Number(port) };
}

function judge(error: unknown): Pick<Witnessed, 'state' | 'error' | 'unreachableReason'> {
  const text = error instanceof Error ? error.message : String(error);
  const said = { error: withoutClients(text.split('\n')[0] ?? '').slice(0, 200) };
  if (/^(READONLY|NOREPLICAS|MISCONF)\b/.test(text)) return { state: 'readOnly', ...said };
  if (/^OOM\b/.test(text)) return { state: 'full', ...said };
  if (error instanceof NotAsWritten) return { state: 'unknown', ...said };
  const { state, unreachableReason, error: why } = describeFailure('', error);
  return {
    state: state === 'ok' ? 'unknown' : state,
    ...(unreachableReason !== undefined && { unreachableReason }),
    ...(why !== undefined && { error: why }),
  };
}
