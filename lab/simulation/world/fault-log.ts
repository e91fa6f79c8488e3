/** When faults of the world were in effect, for predicates that ask whether one explains what they see. */
export interface LoggedFault {
  readonly kind: string;
  /** Absent of faults that are not one server's. */
  readonly instanceId?: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Faults by which a server stops answering, for a while or for good; the others concern commands and installs. */
const OUTAGES: ReadonlySet<string> = new Set([
  'server.dead',
  'server.hanging',
  'server.restarting',
  'instance.terminated',
  'instance.reclaimed',
  'group.standby',
]);
/** Faults of the store by which requests fail; a replica behind is none. */
const STORE_OUTAGES: ReadonlySet<string> = new Set(['store.failover', 'store.outage']);

export class FaultLog {
  private readonly all: LoggedFault[] = [];

  add(fault: LoggedFault): void {
    this.all.push(fault);
  }

  /** Whether this server, or any, was away within the last `ms` because of a fault. */
  onServer(nowMs: number, ms: number, instanceId?: string): boolean {
    return this.all.some(
      (fault) =>
        OUTAGES.has(fault.kind) &&
        fault.instanceId !== undefined &&
        (instanceId === undefined || fault.instanceId === instanceId) &&
        fault.fromMs <= nowMs &&
        nowMs - fault.untilMs <= ms,
    );
  }

  onStore(nowMs: number, ms: number): boolean {
    return this.all.some(({ kind, fromMs, untilMs }) => STORE_OUTAGES.has(kind) && fromMs <= nowMs && nowMs - untilMs <= ms);
  }

  /** Whether one of this kind has been in effect at any time. */
  ever(kind: string): boolean {
    return this.all.some((fault) => fault.kind === kind);
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }
}
