/** The sessions in the store, as counts, and what INFO of its two nodes says of them. */
import { TICK_MINUTES } from './happening.ts';

/** An idle session lives for so long. */
const LIFE_MINUTES = 30;
const BYTES = 1_800;
const ENGINE_BYTES = 9_000_000;
const MOST_BYTES = 4_000_000_000;

export class Keys {
  hits = 0;
  misses = 0;
  /** Refused logins to the store. */
  refused = 0;
  refusedWrites = 0;
  private expired = 0;
  private evicted = 0;
  /** Of people who are here. */
  private used = 0;
  /** Those that nobody uses any more, by the turn in which they end. */
  private readonly idle = new Map<number, number>();
  private failovers = 0;
  private begunAt = 0;

  begin(count: number): void {
    this.used += count;
  }

  /** Nobody will use them again. */
  beginFor(count: number, minute: number): void {
    this.used += count;
    this.leave(count, minute);
  }

  /** Deleted by their users. */
  end(count: number): void {
    this.used = Math.max(0, this.used - count);
  }

  leave(count: number, minute: number): void {
    const moved = Math.min(count, this.used);
    this.used -= moved;
    const turn = Math.round((minute + LIFE_MINUTES) / TICK_MINUTES);
    this.idle.set(turn, (this.idle.get(turn) ?? 0) + moved);
  }

  /** By somebody else, or by the store. */
  remove(share: number, how: 'deleted' | 'evicted'): void {
    const { count } = this;
    this.used -= Math.round(this.used * share);
    for (const [turn, idle] of this.idle) this.idle.set(turn, idle - Math.round(idle * share));
    if (how === 'evicted') this.evicted += count - this.count;
  }

  failOver(minute: number): void {
    this.failovers += 1;
    this.begunAt = minute;
  }

  expire(minute: number): void {
    const now = Math.round(minute / TICK_MINUTES);
    for (const [turn, count] of this.idle) {
      if (turn > now) continue;
      this.expired += count;
      this.idle.delete(turn);
    }
  }

  get count(): number {
    return this.used + [...this.idle.values()].reduce((sum, one) => sum + one, 0);
  }

  /** @param minute since the start of the nodes, a week before the first */
  info(node: 'primary' | 'replica', minute: number, hasReplica: boolean): string {
    const { count } = this;
    const seconds = Math.round((minute + 10_080) * 60);
    const offset = this.hits * 120 + seconds * 15;
    const data = count * BYTES;
    return [
      `run_id:${node}${this.begunAt}`,
      `uptime_in_seconds:${seconds}`,
      'connected_clients:46',
      'maxclients:65000',
      `used_memory:${ENGINE_BYTES + data}`,
      `used_memory_dataset:${data}`,
      `maxmemory:${MOST_BYTES}`,
      'loading:0',
      // Both nodes count: here reads are the primary's.
      `keyspace_hits:${node === 'primary' ? this.hits : 0}`,
      `keyspace_misses:${node === 'primary' ? this.misses : 0}`,
      `expired_keys:${node === 'primary' ? this.expired : 0}`,
      `evicted_keys:${node === 'primary' ? this.evicted : 0}`,
      `acl_access_denied_auth:${node === 'primary' ? this.refused : 0}`,
      `total_error_replies:${this.refused + this.refusedWrites}`,
      ...(node === 'primary' && this.refusedWrites > 0 ? [`errorstat_OOM:count=${this.refusedWrites}`] : []),
      ...(node === 'replica'
        ? ['role:slave', 'master_link_status:up', 'master_last_io_seconds_ago:0', `slave_repl_offset:${offset}`]
        : hasReplica
          ? ['role:master', 'connected_slaves:1', `slave0:ip=10.0.3.18,port=6379,state=online,offset=${offset},lag=0`]
          : ['role:master', 'connected_slaves:0']),
      `master_replid:${String(this.failovers).padStart(40, 'a')}`,
      `master_repl_offset:${offset}`,
      'second_repl_offset:-1',
      `used_cpu_sys_main_thread:${(seconds / 80).toFixed(2)}`,
      `used_cpu_user_main_thread:${(seconds / 80).toFixed(2)}`,
      ...(count > 0 ? [`db0:keys=${count},expires=${count},avg_ttl=900000`] : []),
    ].join('\r\n');
  }
}
