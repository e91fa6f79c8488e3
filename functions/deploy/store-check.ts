import { describeError } from '../shared/errors.ts';
import type { StoreCheck, StoreCheckRequest } from './contract.ts';
import { StoreUnavailable } from './errors.ts';
import { judgeReplication } from './judge-replication.ts';

/** A connection to the session store's primary, for one look. */
export interface StoreProbe {
  ping(): Promise<unknown>;
  info(section: 'replication'): Promise<string>;
  /** Ends the connection at once. */
  disconnect(): void;
}

export interface StoreCheckPorts {
  readonly connect: () => Promise<StoreProbe>;
  readonly wantedReplicas: number;
  /** How the store is called in messages: host and port. */
  readonly storeName: string;
}

/** Looks whether the session store can bear a deploy: it answers, and its replicas would survive its failover. */
export function createStoreCheck({
  connect,
  wantedReplicas,
  storeName,
}: StoreCheckPorts): (request: StoreCheckRequest) => Promise<StoreCheck> {
  return async () => judgeReplication(await readReplication(connect, storeName), wantedReplicas);
}

/** @throws StoreUnavailable quoting why */
async function readReplication(connect: () => Promise<StoreProbe>, storeName: string): Promise<string> {
  let store: StoreProbe | undefined;
  try {
    store = await connect();
    await store.ping();
    return await store.info('replication');
  } catch (error) {
    throw new StoreUnavailable(`the session store at ${storeName} does not answer: ${describeError(error)}`, error);
  } finally {
    store?.disconnect();
  }
}
