/** The sessions' store: a primary and its replicas, which follow it a little later. A failover loses what they had not got yet. */
import type { Kernel } from '../kernel/kernel.ts';
import type { SessionStore } from './contracts.ts';
import { replicationInfo } from './store-info.ts';

export interface StoreOptions {
  readonly kernel: Kernel;
  /** @default 1 */
  readonly replicas?: number;
}

interface Write {
  readonly atMs: number;
  readonly sessionId: string;
  readonly counter: number;
}

interface Replica {
  readonly lagMs: number;
  /** Since when it gets nothing. */
  stalledAtMs: number | undefined;
  /** Until when it has no connection to the primary. */
  absentUntilMs: number;
  /** From when on it has all data. */
  loadedAtMs: number;
}

/** What one request's write and its session take of the replication stream, about. */
const WRITE_BYTES = 2_000;
/** How far a replica that keeps up is behind its primary, at most. */
const LONGEST_LAG_MS = 800;
/** A replica that does not acknowledge for this long loses its connection: `repl-timeout`. */
const REPLICA_TIMEOUT_MS = 60_000;
/** A replica that comes back is loaded anew before it is in sync. */
const LOADING_MS = 5_000;

export class SimulatedStore implements SessionStore {
  private readonly kernel: Kernel;
  private readonly random;
  private counters = new Map<string, number>();
  private writes: Write[] = [];
  private offset = 0;
  private replicationId: string;
  private readonly replicas: Replica[];
  private answersFromMs = 0;
  private readonly losses = new Map<string, number>();

  constructor({ kernel, replicas = 1 }: StoreOptions) {
    this.kernel = kernel;
    this.random = kernel.random('session store');
    this.replicationId = this.newReplicationId();
    this.replicas = Array.from({ length: replicas }, () => ({
      lagMs: this.random.whole(1, LONGEST_LAG_MS),
      stalledAtMs: undefined,
      absentUntilMs: 0,
      loadedAtMs: 0,
    }));
  }

  get answers(): boolean {
    return this.kernel.now() >= this.answersFromMs;
  }

  raise(sessionId: string): number | undefined {
    if (!this.answers) return undefined;
    const counter = (this.counters.get(sessionId) ?? 0) + 1;
    this.counters.set(sessionId, counter);
    this.writes.push({ atMs: this.kernel.now(), sessionId, counter });
    this.offset += WRITE_BYTES;
    return counter;
  }

  /**
   * Whether failovers explain that a session's counter is back at `found`, which is raised already. Each failover explains one
   * such finding only.
   */
  explains(sessionId: string, found: number): boolean {
    const left = this.losses.get(sessionId);
    this.losses.delete(sessionId);
    return left !== undefined && found > left;
  }

  /** INFO replication of the primary. */
  info(): string {
    const nowMs = this.kernel.now();
    const replicas = this.connected(nowMs).map((replica) => {
      const untilMs = appliedUntil(replica, nowMs);
      const missing = this.writes.reduce((count, { atMs }) => (atMs > untilMs ? count + 1 : count), 0);
      return {
        state: isLoaded(replica, nowMs) ? ('online' as const) : ('send_bulk' as const),
        offset: this.offset - missing * WRITE_BYTES,
        lagSeconds: Math.floor((nowMs - (replica.stalledAtMs ?? nowMs)) / 1000),
      };
    });
    return replicationInfo({ replicationId: this.replicationId, offset: this.offset, replicas });
  }

  /** The store does not answer for a while, and keeps what it has. */
  outage(lastsMs: number): void {
    this.kernel.note('store', `does not answer for ${lastsMs} ms`);
    this.answersFromMs = Math.max(this.answersFromMs, this.kernel.now() + lastsMs);
  }

  /**
   * The primary ends; after `unavailableMs` the replica that has most takes its place, if there is one, and the old primary
   * comes back as its replica, some time later and empty.
   */
  failover(unavailableMs: number): void {
    const nowMs = this.kernel.now();
    const [promoted] = this.connected(nowMs)
      .filter((replica) => isLoaded(replica, nowMs))
      .sort((a, b) => appliedUntil(b, nowMs) - appliedUntil(a, nowMs));
    this.outage(unavailableMs);
    if (promoted === undefined) return; // The same primary comes back with its data.
    this.promote(appliedUntil(promoted, nowMs));
    promoted.absentUntilMs = nowMs + unavailableMs + this.random.whole(10_000, 90_000);
    promoted.loadedAtMs = promoted.absentUntilMs + LOADING_MS;
    promoted.stalledAtMs = undefined;
  }

  /** A replica gets nothing for a while: it is behind, then gone, and loaded anew afterwards. */
  replicaBehind(lastsMs: number): void {
    const replica = this.replicas.find(({ stalledAtMs }) => stalledAtMs === undefined);
    if (replica === undefined) return;
    const nowMs = this.kernel.now();
    replica.stalledAtMs = nowMs;
    this.kernel.note('store', `a replica gets nothing for ${lastsMs} ms`);
    this.kernel.after(lastsMs, () => {
      if (replica.stalledAtMs !== nowMs) return;
      replica.stalledAtMs = undefined;
      replica.loadedAtMs = this.kernel.now() + LOADING_MS;
    });
  }

  private promote(untilMs: number): void {
    const left = new Map<string, number>();
    for (const { atMs, sessionId, counter } of this.writes) if (atMs <= untilMs) left.set(sessionId, counter);
    let lost = 0;
    for (const [sessionId, counter] of this.counters) {
      const kept = left.get(sessionId) ?? 0;
      if (kept >= counter) continue;
      this.losses.set(sessionId, Math.min(kept, this.losses.get(sessionId) ?? kept));
      lost += counter - kept;
    }
    this.counters = left;
    this.writes = this.writes.filter(({ atMs }) => atMs <= untilMs);
    this.offset -= lost * WRITE_BYTES;
    this.replicationId = this.newReplicationId();
    this.kernel.note('store', `fails over; ${lost} acknowledged writes are lost`);
  }

  /** Replicas that the primary has a connection to. */
  private connected(nowMs: number): Replica[] {
    return this.replicas.filter(
      ({ stalledAtMs, absentUntilMs }) => nowMs >= absentUntilMs && (stalledAtMs === undefined || nowMs - stalledAtMs < REPLICA_TIMEOUT_MS),
    );
  }

  private newReplicationId(): string {
    return Array.from({ length: 40 }, () => this.random.whole(0, 15).toString(16)).join('');
  }
}

const isLoaded = ({ loadedAtMs }: Replica, nowMs: number): boolean => nowMs >= loadedAtMs;

/** Until when a replica has the writes; one that is being loaded has none. */
const appliedUntil = (replica: Replica, nowMs: number): number =>
  isLoaded(replica, nowMs) ? (replica.stalledAtMs ?? nowMs) - replica.lagMs : 0;
