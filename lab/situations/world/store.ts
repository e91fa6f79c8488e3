/** The session store: sessions and other keys, counters of its nodes, and what INFO answers of them. */
import type { HappeningOf, Situation, StoreState } from '../situation.ts';
import { concernsServer, happeningsOf, isInForce, NOW_MS, shareDone, timeOf } from './timeline.ts';

export interface Session {
  readonly id: string;
  readonly bornMs: number;
  lastMs: number;
  /** Which release and secret wrote it, and which cookie names it. */
  readonly version: string;
  readonly secret: string;
  readonly cookieName: string;
  readonly lifeMs: number;
  readonly diesMs: number;
  /** The server that has it in its memory. */
  readonly server: number | undefined;
  /** Somebody has logged in with it. */
  readonly isUser: boolean;
}

type Trouble = HappeningOf<'store'>;

/** Then neither reading nor writing works; with the others, writing does not. */
const NO_READING: readonly StoreState[] = [
  'down',
  'loading',
  'refusingLogins',
  'slow',
  'busy',
  'withoutName',
  'untrusted',
  'outOfConnections',
];
export const fails = (is: StoreState, work: 'read' | 'write'): boolean => work === 'write' || NO_READING.includes(is);

const isLive = ({ lastMs, lifeMs, diesMs }: Session, atMs: number): boolean => atMs - lastMs < lifeMs && atMs < diesMs;

const SESSION_BYTES = 1_800;
const ENGINE_BYTES = 2_500_000;
const DAY_SECONDS = 86_400;

/** Keys besides the sessions of the people that are simulated. */
export interface KeyGroup extends Pick<HappeningOf<'keys'>, 'kind' | 'bytes'> {
  readonly count: number;
  readonly ttlSeconds: number | null;
  readonly idleSeconds: number;
}

export class Store {
  readonly sessions = new Map<string, Session>();
  readonly counters = { hits: 0, misses: 0, evicted: 0, oom: 0, readOnly: 0, refusedLogins: 0 };
  private readonly troubles: readonly Trouble[];
  readonly hasReplica: boolean;
  readonly maxBytes: number;
  private readonly situation: Situation;

  constructor(situation: Situation) {
    this.situation = situation;
    this.troubles = happeningsOf(situation, 'store');
    this.hasReplica = situation.installation?.failover ?? true;
    this.maxBytes = situation.installation?.storeBytes ?? 100_000_000;
  }

  /** A process counts from its start. */
  forgetCounts(): void {
    Object.assign(this.counters, { hits: 0, misses: 0, evicted: 0, oom: 0, readOnly: 0, refusedLogins: 0 });
  }

  /** What a server meets there, in this part of its requests. */
  troubleFor(server: number, atMs: number): Trouble | undefined {
    const own = this.troubles.find(
      (one) => isInForce(one, atMs) && concernsServer(one, server) && (one.for ?? ['servers']).includes('servers'),
    );
    return own ?? this.failingOver(atMs);
  }

  /** What the collector meets: at its address, or at one node. */
  troubleForCollector(node: 'primary' | 'replica', atMs: number): Trouble | undefined {
    const own = this.troubles.find(
      (one) =>
        isInForce(one, atMs) &&
        one.servers === undefined &&
        (one.for ?? ['collector']).includes('collector') &&
        (one.nodes ?? ['primary', 'replica']).includes(node),
    );
    return own ?? (node === 'primary' ? this.failingOver(atMs) : undefined);
  }

  private failingOver(atMs: number): Trouble | undefined {
    const begun = happeningsOf(this.situation, 'failover').find(
      ({ at, seconds = 40 }) => atMs >= timeOf(at) && atMs < timeOf(at) + seconds * 1_000,
    );
    return begun && { what: 'store', is: 'down', at: begun.at };
  }

  /** @returns undefined where it has ended, or was never there */
  find(id: string, atMs: number): Session | undefined {
    const session = this.sessions.get(id);
    const isThere = session !== undefined && isLive(session, atMs);
    this.counters[isThere ? 'hits' : 'misses'] += 1;
    if (session !== undefined && !isThere) this.sessions.delete(id);
    return isThere ? session : undefined;
  }

  /** Those that are in the store, and not in a server's memory. */
  live(atMs: number): readonly Session[] {
    return [...this.sessions.values()].filter((one) => one.server === undefined && isLive(one, atMs));
  }

  /** What has ended is deleted now and then. */
  expire(atMs: number): void {
    for (const [id, session] of this.sessions) if (!isLive(session, atMs)) this.sessions.delete(id);
  }

  otherKeys(atMs: number): readonly KeyGroup[] {
    return happeningsOf(this.situation, 'keys').flatMap(({ ttlSeconds = null, idleSeconds = 10, ...one }) => {
      const count = Math.round(one.count * shareDone(one, atMs));
      return count === 0 ? [] : [{ kind: one.kind, bytes: one.bytes, count, ttlSeconds, idleSeconds }];
    });
  }

  /** Bytes of the data; more than there is room for are evicted, or refused. */
  dataBytes(atMs: number): number {
    const others = this.otherKeys(atMs).reduce((sum, { count, bytes }) => sum + count * bytes, 0);
    return Math.min(this.maxBytes - ENGINE_BYTES, this.live(atMs).length * SESSION_BYTES + others);
  }

  /** Which of the two is the primary, and when each process began. */
  private processOf(node: 1 | 2, atMs: number) {
    const failovers = happeningsOf(this.situation, 'failover').filter(({ at, seconds = 40 }) => atMs >= timeOf(at) + seconds * 1_000);
    const restarts = happeningsOf(this.situation, 'storeRestart').filter(({ at }) => atMs >= timeOf(at));
    const primary = failovers.length % 2 === 0 ? 1 : 2;
    // The old primary comes back as a replica, in a process of its own.
    const begins = [
      NOW_MS - 12 * DAY_SECONDS * 1_000,
      ...failovers.filter((_, index) => (index % 2 === 0 ? 1 : 2) === node).map(({ at }) => timeOf(at) + 120_000),
      ...(node === primary ? restarts.map(({ at }) => timeOf(at) + 15_000) : []),
    ].filter((each) => each <= atMs);
    return { isPrimary: node === primary, begunMs: Math.max(...begins), failovers: failovers.length };
  }

  primaryNode(atMs: number): 1 | 2 {
    return this.processOf(1, atMs).isPrimary ? 1 : 2;
  }

  /** The reply to INFO of a node. */
  info(node: 1 | 2, atMs: number): string {
    const { isPrimary, begunMs, failovers } = this.processOf(node, atMs);
    const trouble = this.troubleForCollector(isPrimary ? 'primary' : 'replica', atMs);
    const groups = this.otherKeys(atMs);
    const live = this.live(atMs).length;
    const lasting = groups.filter(({ ttlSeconds }) => ttlSeconds === null).reduce((sum, { count }) => sum + count, 0);
    const keys = live + groups.reduce((sum, { count }) => sum + count, 0);
    const data = trouble?.is === 'full' ? this.maxBytes - ENGINE_BYTES : this.dataBytes(atMs);
    const { hits, misses, evicted, oom, readOnly, refusedLogins } = this.counters;
    const uptime = Math.floor((atMs - begunMs) / 1_000);
    const busySeconds = (atMs - begunMs) / 1_000 / (trouble?.is === 'busy' || trouble?.is === 'slow' ? 1.01 : 40);
    const offset = Math.floor(hits * 120 + (atMs - timeOf(-10_080)) / 100);
    const isReadOnly = trouble?.is === 'readOnly' && isPrimary;
    return [
      '# Server',
      'redis_version:7.2.4',
      'server_name:valkey',
      'valkey_version:8.0.1',
      `run_id:${String(node)}${begunMs.toString(16).padStart(39, '0')}`,
      `uptime_in_seconds:${uptime}`,
      '# Clients',
      `connected_clients:${trouble?.is === 'outOfConnections' ? 65_000 : 46}`,
      'maxclients:65000',
      '# Memory',
      `used_memory:${ENGINE_BYTES + data}`,
      `used_memory_dataset:${data}`,
      `maxmemory:${this.maxBytes}`,
      `maxmemory_policy:${this.situation.installation?.evictionPolicy ?? 'volatile-lru'}`,
      'mem_clients_normal:240000',
      'mem_clients_slaves:20000',
      'mem_fragmentation_ratio:1.08',
      '# Persistence',
      `loading:${trouble?.is === 'loading' ? 1 : 0}`,
      '# Stats',
      `keyspace_hits:${hits}`,
      `keyspace_misses:${misses}`,
      `evicted_keys:${Math.floor(evicted)}`,
      `acl_access_denied_auth:${refusedLogins}`,
      `total_error_replies:${oom + readOnly + refusedLogins}`,
      '# Replication',
      `role:${isPrimary && !isReadOnly ? 'master' : 'slave'}`,
      ...(isPrimary && !isReadOnly
        ? this.hasReplica
          ? ['connected_slaves:1', `slave0:ip=10.0.3.18,port=6379,state=online,offset=${offset},lag=0`]
          : ['connected_slaves:0']
        : ['master_host:10.0.3.17', 'master_link_status:up', 'master_last_io_seconds_ago:0', `slave_repl_offset:${offset}`]),
      `master_replid:${String(failovers).padStart(40, 'a')}`,
      `master_repl_offset:${offset}`,
      ...(failovers > 0
        ? [`master_replid2:${String(failovers - 1).padStart(40, 'a')}`, `second_repl_offset:${offset}`]
        : ['second_repl_offset:-1']),
      '# CPU',
      `used_cpu_sys_main_thread:${(busySeconds / 2).toFixed(2)}`,
      `used_cpu_user_main_thread:${(busySeconds / 2).toFixed(2)}`,
      '# Cluster',
      'cluster_enabled:0',
      '# Errorstats',
      ...(oom > 0 ? [`errorstat_OOM:count=${oom}`] : []),
      ...(readOnly > 0 ? [`errorstat_READONLY:count=${readOnly}`] : []),
      '# Keyspace',
      ...(keys > 0 ? [`db0:keys=${keys},expires=${keys - lasting},avg_ttl=900000`] : []),
    ].join('\r\n');
  }
}

/** What a client of it gets instead of an answer. */
export const REFUSALS: Readonly<Partial<Record<StoreState, string>>> = {
  down: 'connect ETIMEDOUT',
  refusingLogins: 'WRONGPASS invalid username-password pair or user is disabled.',
  slow: 'Command timed out',
  busy: 'BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
  withoutName: 'getaddrinfo ENOTFOUND master.sessions.abc123.euw1.cache.amazonaws.com',
  untrusted: 'certificate has expired',
  outOfConnections: 'ERR max number of clients reached',
};
