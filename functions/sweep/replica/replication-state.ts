import { numberIn, parseInfo } from '../../shared/store/parse-info.ts';

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
