/** When faults of the world were in effect, for predicates that ask whether one explains what they see. */
export interface LoggedFault {
  readonly kind: string;
  /** Absent of faults that are not one server's. */
  readonly instanceId?: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

export class FaultLog {
  private readonly all: LoggedFault[] = [];

  add(fault: LoggedFault): void {
    this.all.push(fault);
  }

  /** Whether a fault of this server, or of any, was in effect within the last `ms`. */
  onServer(nowMs: number, ms: number, instanceId?: string): boolean {
    return this.all.some(
      (fault) =>
        fault.instanceId !== undefined &&
        (instanceId === undefined || fault.instanceId === instanceId) &&
        fault.fromMs <= nowMs &&
        nowMs - fault.untilMs <= ms,
    );
  }

  onStore(nowMs: number, ms: number): boolean {
    return this.all.some(({ kind, fromMs, untilMs }) => kind.startsWith('store.') && fromMs <= nowMs && nowMs - untilMs <= ms);
  }

  /** Whether one of this kind has been in effect at any time. */
  ever(kind: string): boolean {
    return this.all.some((fault) => fault.kind === kind);
  }

  get isEmpty(): boolean {
    return this.all.length === 0;
  }
}
