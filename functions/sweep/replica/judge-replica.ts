import { numberIn, parseInfo } from '../../shared/store/parse-info.ts';
import { ReaderInterrupted, StoreInterrupted, type StoreLink } from '../nodes/store-link.ts';

/**
 * `promoted`: it is a primary now. `behind`: it does not receive the primary's changes, or has not applied within the limit what
 * the primary had written at the beginning of the check.
 */
export type ReplicaVerdict = 'in-step' | 'promoted' | 'behind';

/** With {@link POLL_MS} this is five seconds, the lag that a sweep accepts. The next sweep finds newer keys. */
const MAX_POLLS = 50;
const POLL_MS = 100;

/** Compares a replica with its primary, and gives it five seconds to catch up. @throws StoreInterrupted */
export async function judgeReplica(
  reader: Pick<StoreLink, 'run' | 'redis'>,
  writer: Pick<StoreLink, 'run' | 'redis'>,
  pause: (ms: number) => Promise<unknown>,
): Promise<ReplicaVerdict> {
  const primary = await stateOf(writer);
  for (let poll = 0; poll < MAX_POLLS; poll += 1) {
    const replica = await stateOf(reader);
    if (replica.role === 'primary') return 'promoted';
    if (hasApplied(replica, primary)) return 'in-step';
    await pause(POLL_MS);
  }
  return 'behind';
}

/** @throws ReaderInterrupted when the replica is behind; StoreInterrupted when it is a primary now */
export async function checkReplica(...compared: Parameters<typeof judgeReplica>): Promise<void> {
  const verdict = await judgeReplica(...compared);
  if (verdict === 'behind') throw new ReaderInterrupted('the replica that pages are read from is behind its primary');
  if (verdict === 'promoted') throw new StoreInterrupted('the replica that pages are read from was promoted');
}

/** Whether the replica has every change that the primary had made by then. Pure. */
export const hasApplied = (replica: ReplicationState, primary: ReplicationState): boolean =>
  replica.linkUp && replica.replicationId === primary.replicationId && replica.offset >= primary.offset;

const stateOf = async ({ run, redis }: Pick<StoreLink, 'run' | 'redis'>): Promise<ReplicationState> =>
  replicationState(await run(() => redis.info()));

/** A node's place in replication, by its own INFO. */
export interface ReplicationState {
  readonly runId: string;
  readonly role: 'primary' | 'replica';
  /** Equal for a primary and its replicas. */
  readonly replicationId: string;
  /** Whether a replica receives its primary's changes; true for a primary. */
  readonly linkUp: boolean;
  /** Bytes of the replication stream that it has written, or as a replica has applied. */
  readonly offset: number;
}

/** @param info the reply to INFO */
export function replicationState(info: string): ReplicationState {
  const fields = parseInfo(info);
  const role = fields.get('role') === 'master' ? 'primary' : 'replica';
  return {
    runId: fields.get('run_id') ?? '',
    role,
    replicationId: fields.get('master_replid') ?? '',
    linkUp: role === 'primary' || fields.get('master_link_status') === 'up',
    offset: numberIn(fields, role === 'primary' ? 'master_repl_offset' : 'slave_repl_offset') ?? 0,
  };
}
