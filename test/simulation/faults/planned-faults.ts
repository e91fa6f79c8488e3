import { EPOCH_MS, type Kernel } from '../kernel/kernel.ts';
import type { Random } from '../kernel/random.ts';
import type { FaultPlan, Moment, PersistentFault, WorldFault } from './fault-plan.ts';
import type { CallFault, EventFault, Faults, InvocationFault } from './faults.ts';

/** Carries a plan out: answers who asks, and tells when the world's faults are due. */
export class PlannedFaults implements Faults {
  /** Faults that took effect, by kind. */
  readonly taken = new Map<string, number>();
  private readonly kernel: Kernel;
  private readonly plan: FaultPlan;
  private readonly random: Random;
  private readonly strike: (fault: WorldFault) => void;
  private readonly begun = new Map<PersistentFault, number>();
  private childStartsFromMs: number | undefined;
  private readonly met = new Set<Moment>();

  /** @param strike makes a fault of the world happen */
  constructor(kernel: Kernel, plan: FaultPlan, strike: (fault: WorldFault) => void) {
    this.kernel = kernel;
    this.plan = plan;
    this.random = kernel.random('faults');
    this.strike = strike;
  }

  took(kind: string): void {
    this.taken.set(kind, (this.taken.get(kind) ?? 0) + 1);
    this.kernel.note('fault', kind);
  }

  /** Whether nothing goes wrong any more. */
  get healed(): boolean {
    return this.elapsedMs >= this.plan.healAtMs;
  }

  call(): CallFault | undefined {
    if (this.healed) return undefined;
    const { calls, burstMs } = this.plan;
    const kind = this.draw(calls, this.burstFactor(burstMs));
    switch (kind) {
      case undefined:
        return undefined;
      case 'refused':
        return this.random.pick<CallFault>([
          { kind, code: 'ThrottlingException', status: 400 },
          { kind, code: 'ServiceUnavailable', status: 503 },
          { kind, code: 'InternalServerError', status: 500 },
        ]);
      case 'late':
        return { kind, requestMs: this.random.whole(0, 8_000), answerMs: this.random.whole(0, 1_500) };
      default:
        return { kind };
    }
  }

  invocation({ functionName, step }: { readonly functionName: string; readonly step: string }): InvocationFault | undefined {
    if (this.healed) return undefined;
    for (const fault of this.plan.persistent) {
      if (fault.functionName !== functionName || fault.step !== step || this.elapsedMs < fault.fromMs) continue;
      const sinceMs = this.begun.get(fault) ?? this.elapsedMs;
      this.begun.set(fault, sinceMs);
      if (this.elapsedMs - sinceMs <= fault.lastsMs) return fault.how;
    }
    const kind = this.draw(this.plan.invocations, 1);
    const { random } = this;
    switch (kind) {
      case undefined:
        return undefined;
      case 'notStarted':
        return { kind, error: random.pick(['Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.Unknown']) };
      case 'crash':
        return { kind, atCall: random.whole(1, 6), after: random.chance(0.5) };
      case 'overrun':
        return { kind, atCall: random.whole(1, 6) };
      case 'answerReplaced':
        return { kind, error: random.pick(['Runtime.ExitError', 'Sandbox.Timedout', 'Lambda.Unknown', 'Error']) };
      case 'twice':
        return { kind, afterMs: random.whole(0, 5_000) };
    }
  }

  childStart(): string | undefined {
    const { childStarts } = this.plan;
    if (this.healed || !childStarts || this.elapsedMs < childStarts.fromMs) return undefined;
    this.childStartsFromMs ??= this.elapsedMs;
    if (this.elapsedMs - this.childStartsFromMs > childStarts.lastsMs) return undefined;
    return this.random.pick([
      'StepFunctions.ExecutionLimitExceeded',
      'StepFunctions.ThrottlingException',
      'StepFunctions.SdkClientException',
    ]);
  }

  event(): EventFault | undefined {
    if (this.healed) return undefined;
    const kind = this.draw(this.plan.events, 1);
    return kind === 'late' ? { kind, ms: this.random.whole(1_000, 300_000) } : kind && { kind };
  }

  scheduleSkipped(): boolean {
    return !this.healed && this.random.chance(this.plan.skippedSchedules);
  }

  state(
    entered: { readonly machine: string; readonly state: string },
    visit: number,
  ): { readonly kind: 'stopped' | 'timedOut' } | undefined {
    if (this.healed) return undefined;
    for (const fault of this.plan.world) {
      if (this.meets(fault.when, entered, visit)) this.kernel.after(fault.when.delayMs, () => this.healed || this.strike(fault));
    }
    const stop = this.plan.stops.find((one) => this.meets(one, entered, visit));
    return stop && { kind: stop.how };
  }

  private meets(when: Moment, { machine, state }: { readonly machine: string; readonly state: string }, visit: number): boolean {
    if (when.machine !== machine || when.state !== state || when.visit !== visit || this.met.has(when)) return false;
    this.met.add(when);
    return true;
  }

  private get elapsedMs(): number {
    return this.kernel.now() - EPOCH_MS;
  }

  private burstFactor(burstMs: number): number {
    if (burstMs === 0) return 1;
    return Math.floor(this.elapsedMs / burstMs) % 10 === 0 ? 10 : 0;
  }

  private draw<Kind extends string>(rates: Readonly<Partial<Record<Kind, number>>>, factor: number): Kind | undefined {
    let left = this.random.fraction();
    for (const [kind, rate] of Object.entries(rates) as [Kind, number][]) {
      left -= rate * factor;
      if (left < 0) return kind;
    }
    return undefined;
  }
}
