import { describeError } from '../../shared/errors.ts';
import { parseInfo, type ReplicaSeen, replicasIn } from '../../shared/store/parse-info.ts';
import type { StoreCheck, StoreCheckRequest, StoreComparison, StoreIdentity, StoreReadiness } from '../contract/store-check-steps.ts';
import { ReplicasOutOfSync, StoreUnavailable } from '../errors.ts';

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

/**
 * For how long a failed bake waits for the store's answer to find out whether the store was the cause. Nothing renews the deploy's lock in
 * this time, so it is shorter than the lock's life.
 */
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
 * For this long after the store was not ready, alarms and unhealthy servers can still be due to it: servers have to connect again, and
 * alarms need some minutes of good data.
 */
const AFTERMATH_SECONDS = 600;

/**
 * Waits until the store is ready, and states in `failedOver` whether alarms and unhealthy servers can be due to it. A failover, which gives
 * the store another replication id, sets it for the rest of the deploy, which then judges the alarms at its end. A store that was only not
 * ready, for instance because one check did not get through, sets it for {@link AFTERMATH_SECONDS}.
 * @throws StoreUnavailable, ReplicasOutOfSync when the store is not ready within `limitSeconds`
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

/** Seconds since a replica's last acknowledgement; it sends one a second. */
const LAG_LIMIT_SECONDS = 10;
/** What a replica may lack of the primary's stream: some seconds of session writes, far below the 1 MiB default backlog's double. */
const OFFSET_LIMIT_BYTES = 1024 * 1024;

/**
 * Whether a failover right now would keep the sessions, by a primary's `INFO replication`.
 * @param wantedReplicas replicas that have to be in sync
 * @throws StoreUnavailable when the node that answered is not a primary
 * @throws ReplicasOutOfSync naming each replica that is missing or behind
 * @see https://valkey.io/commands/info/
 */
export function judgeReplication(info: string, wantedReplicas: number): StoreCheck {
  const fields = parseInfo(info);
  const role = fields.get('role');
  if (role !== 'master')
    throw new StoreUnavailable(`the session store's endpoint answers as ${role ?? 'a node without a role'}, not as the primary`);
  const replicas = replicasIn(fields);
  const offset = Number(fields.get('master_repl_offset') ?? 0);
  const behind = replicas.flatMap((replica) => {
    const fault = faultOf(replica, offset);
    return fault === undefined ? [] : [`${replica.name} ${fault}`];
  });
  const inSync = replicas.length - behind.length;
  // Every new primary has a new id. @see https://valkey.io/topics/replication/
  if (inSync >= wantedReplicas) return { replicas: inSync, replicationId: fields.get('master_replid') ?? '' };
  const reasons = behind.length === 0 ? '' : `: ${behind.join('; ')}`;
  throw new ReplicasOutOfSync(
    `${inSync} of ${wantedReplicas} replicas of the session store are in sync${reasons}; a failover now would lose sessions`,
  );
}

function faultOf({ state, lagSeconds, offset }: ReplicaSeen, primaryOffset: number): string | undefined {
  if (state !== 'online') return `is ${state}`;
  if (!(lagSeconds <= LAG_LIMIT_SECONDS)) return `last acknowledged ${lagSeconds} s ago`;
  if (!(primaryOffset - offset <= OFFSET_LIMIT_BYTES)) return `is ${primaryOffset - offset} bytes behind`;
  return undefined;
}
