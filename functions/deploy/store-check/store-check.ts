import { describeError } from '../../shared/errors.ts';
import type { StoreCheck, StoreCheckRequest, StoreComparison, StoreIdentity, StoreReadiness } from '../contract/store-check.ts';
import { ReplicasOutOfSync, StoreUnavailable } from '../errors.ts';
import { judgeReplication } from './judge-replication.ts';

/** A connection to the session store's primary, for one check. */
export interface StoreProbe {
  ping(): Promise<unknown>;
  info(section: 'replication'): Promise<string>;
  /** Ends the connection at once. */
  disconnect(): void;
}

export interface StoreCheckPorts {
  readonly connect: () => Promise<StoreProbe>;
  readonly wantedReplicas: number;
  /** The store's name in messages: host and port. */
  readonly storeName: string;
  readonly now: () => number;
}

export type StoreCheckReply = StoreReadiness | StoreComparison;

/** How long a bake that failed waits to know whether it was the store: below the lock's life, which nothing renews meanwhile. */
const COMPARE_SECONDS = 300;

/** Checks that the session store is ready for a deploy: it answers, and a failover would keep its sessions. */
export function createStoreCheck(ports: StoreCheckPorts): (request: StoreCheckRequest) => Promise<StoreCheckReply> {
  return async (request) => {
    switch (request.step) {
      case 'checkStore':
        return { ...READY, ...identify(await checkReplication(ports, ports.wantedReplicas)) };
      case 'awaitStore':
        return awaitStore(ports, request.store, request.deploy.settings.storeTimeoutSeconds);
      case 'compareStore':
        return compareStore(ports, request.store, request.roll.phaseStartedAtMs + COMPARE_SECONDS * 1000);
    }
  };
}

const READY = { verdict: 'DONE', waitingSinceMs: 0, failedOver: false } as const;
const identify = ({ replicationId }: StoreCheck): StoreIdentity => ({ replicationId });

/**
 * After the store was not ready, alarms and the health of servers can be its doing for this long: servers connect again, and alarms need
 * some minutes of good data.
 */
const AFTERMATH_SECONDS = 600;

/**
 * A store that failed over has another primary, and what follows is left to the end of the deploy. One that was only not ready, as for one
 * check that did not get through, is no excuse for longer than its aftermath.
 * @throws StoreUnavailable, ReplicasOutOfSync when the time is up
 */
async function awaitStore(ports: StoreCheckPorts, before: StoreReadiness, limitSeconds: number): Promise<StoreReadiness> {
  const waitingSinceMs = before.waitingSinceMs || ports.now();
  const hasChanged = before.failedOver && before.notReadyAtMs === undefined;
  try {
    const now = identify(await checkReplication(ports, ports.wantedReplicas));
    if (hasChanged || now.replicationId !== before.replicationId) return { ...READY, ...now, failedOver: true };
    const { notReadyAtMs } = before;
    if (notReadyAtMs !== undefined && ports.now() - notReadyAtMs < AFTERMATH_SECONDS * 1000)
      return { ...READY, ...now, failedOver: true, notReadyAtMs };
    return { ...READY, ...now };
  } catch (error) {
    const passes = error instanceof StoreUnavailable || error instanceof ReplicasOutOfSync;
    if (!passes || ports.now() - waitingSinceMs >= limitSeconds * 1000) throw error;
    const { replicationId } = before;
    return { verdict: 'WAIT', waitingSinceMs, replicationId, failedOver: true, ...(!hasChanged && { notReadyAtMs: ports.now() }) };
  }
}

/** A store that was unavailable, or whose primary has changed, explains a release's errors; its replicas do not. */
async function compareStore(ports: StoreCheckPorts, before: StoreIdentity, deadlineMs: number): Promise<StoreComparison> {
  try {
    const { replicationId } = await checkReplication(ports, 0);
    return { verdict: replicationId === before.replicationId ? 'DONE' : 'REPEAT', replicationId };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    return { verdict: ports.now() < deadlineMs ? 'WAIT' : 'DONE', replicationId: '' };
  }
}

/** @throws StoreUnavailable quoting why; ReplicasOutOfSync */
async function checkReplication({ connect, storeName }: StoreCheckPorts, wantedReplicas: number): Promise<StoreCheck> {
  let store: StoreProbe | undefined;
  let info: string;
  try {
    store = await connect();
    await store.ping();
    info = await store.info('replication');
  } catch (error) {
    throw new StoreUnavailable(`the session store at ${storeName} does not answer: ${describeError(error)}`, error);
  } finally {
    store?.disconnect();
  }
  return judgeReplication(info, wantedReplicas);
}
