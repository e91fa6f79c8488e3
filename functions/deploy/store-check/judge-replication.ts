import { parseInfo, type ReplicaSeen, replicasIn } from '../../shared/store/parse-info.ts';
import type { StoreCheck } from '../contract/store-check-steps.ts';
import { ReplicasOutOfSync, StoreUnavailable } from '../errors.ts';

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
  if (inSync >= wantedReplicas) return { replicas: inSync, replicationId: replicationIdOf(info) };
  const reasons = behind.length === 0 ? '' : `: ${behind.join('; ')}`;
  throw new ReplicasOutOfSync(
    `${inSync} of ${wantedReplicas} replicas of the session store are in sync${reasons}; a failover now would lose sessions`,
  );
}

/** Every new primary has a new one. @see https://valkey.io/topics/replication/ */
export const replicationIdOf = (info: string): string => parseInfo(info).get('master_replid') ?? '';

function faultOf({ state, lagSeconds, offset }: ReplicaSeen, primaryOffset: number): string | undefined {
  if (state !== 'online') return `is ${state}`;
  if (!(lagSeconds <= LAG_LIMIT_SECONDS)) return `last acknowledged ${lagSeconds} s ago`;
  if (!(primaryOffset - offset <= OFFSET_LIMIT_BYTES)) return `is ${primaryOffset - offset} bytes behind`;
  return undefined;
}
