/** INFO replication as a primary of Valkey prints it. @see https://valkey.io/commands/info/ */

export interface ReplicationState {
  readonly replicationId: string;
  readonly offset: number;
  readonly replicas: readonly {
    readonly state: 'online' | 'send_bulk';
    readonly offset: number;
    readonly lagSeconds: number;
  }[];
}

export function replicationInfo({ replicationId, offset, replicas }: ReplicationState): string {
  return [
    '# Replication',
    'role:master',
    `connected_slaves:${replicas.length}`,
    ...replicas.map(
      (replica, index) =>
        `slave${index}:ip=10.0.0.${10 + index},port=6379,state=${replica.state},offset=${replica.offset},lag=${replica.lagSeconds},type=replica`,
    ),
    'master_failover_state:no-failover',
    `master_replid:${replicationId}`,
    `master_replid2:${'0'.repeat(40)}`,
    `master_repl_offset:${offset}`,
    'second_repl_offset:-1',
    'repl_backlog_active:1',
    'repl_backlog_size:1048576',
    '',
  ].join('\r\n');
}
