import { EPOCH_MS, type Kernel } from '../kernel/kernel.ts';
import type { Random } from '../kernel/random.ts';
import type { CallingState, Invocation } from '../seam/call.ts';
import type { FaultPlan, Moment, PersistentFault, WorldFault } from './fault-plan.ts';
import type { CallFault, ChildStartFault, EventFault, Faults, InvocationFault, StateFault } from './faults.ts';

const LOST_ANSWER = 'StepFunctions.SdkClientException';
const START_ERRORS = ['StepFunctions.ExecutionLimitExceeded', 'StepFunctions.ThrottlingException', LOST_ANSWER];

/** Carries a plan out: answers who asks, and tells when the world's faults are due. */
export class PlannedFaults implements Faults {
  /** Faults that took effect, by kind. */
  readonly taken = new Map<string, number>();
  private readonly kernel: Kernel;
  private readonly plan: FaultPlan;
  private readonly random: Random;
  private readonly strike: (fault: WorldFault, executionArn: string) => void;
  private readonly begun = new Map<PersistentFault, number>();
  private isOver = false;
  private childStartsFromMs: number | undefined;
  /** How often executions have entered each state. */
  private readonly visits = new Map<string, number>();

  private readonly counted: (kind: string) => void;

  /** @param strike makes a fault of the world happen, at a moment of this execution @param counted called with each that took effect */
  constructor(
    kernel: Kernel,
    plan: FaultPlan,
    strike: (fault: WorldFault, executionArn: string) => void,
    counted: (kind: string) => void = () => {},
  ) {
    this.counted = counted;
    this.kernel = kernel;
    this.plan = plan;
    this.random = kernel.random('faults');
    this.strike = strike;
  }

  took(kind: string): void {
    this.taken.set(kind, (this.taken.get(kind) ?? 0) + 1);
    this.kernel.note('fault', kind);
    this.counted(kind);
  }

  /** Whether nothing goes wrong any more. */
  get healed(): boolean {
    return this.isOver || this.elapsedMs >= this.plan.healAtMs;
  }

  /** Nothing goes wrong from now on. */
  heal(): void {
    this.isOver = true;
  }

  call(): CallFault | undefined {
    if (this.healed) return undefined;
    const { calls, burstMs } = this.plan;
    const factor = this.burstFactor(burstMs);
    const kind = this.draw(calls, factor);
    if (kind !== undefined && factor > 1) this.took('call.burst');
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

  invocation(invocation: Invocation): InvocationFault | undefined {
    if (this.healed) return undefined;
    for (const fault of this.plan.persistent) {
      if (!isAt(fault, invocation) || this.elapsedMs < fault.fromMs) continue;
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

  childStart({ machine }: CallingState): ChildStartFault | undefined {
    const { childStarts } = this.plan;
    if (this.healed || !childStarts || this.elapsedMs < childStarts.fromMs) return undefined;
    if (childStarts.machine !== undefined && childStarts.machine !== machine) return undefined;
    const isFirst = this.childStartsFromMs === undefined;
    this.childStartsFromMs ??= this.elapsedMs;
    if (isFirst && childStarts.firstTakesEffect) return { error: LOST_ANSWER, takesEffect: true };
    if (this.elapsedMs - this.childStartsFromMs > childStarts.lastsMs) return undefined;
    return { error: this.random.pick(START_ERRORS) };
  }

  event(): EventFault | undefined {
    if (this.healed) return undefined;
    const kind = this.draw(this.plan.events, 1);
    if (kind === 'late' || kind === 'refused') return { kind, ms: this.random.whole(1_000, 300_000) };
    return kind && { kind };
  }

  scheduleSkipped(): boolean {
    return !this.healed && this.random.chance(this.plan.skippedSchedules);
  }

  state(entered: CallingState): StateFault | undefined {
    const key = `${entered.machine}/${entered.state}`;
    const visit = (this.visits.get(key) ?? 0) + 1;
    this.visits.set(key, visit);
    if (this.healed) return undefined;
    const isNow = (when: Moment) => when.machine === entered.machine && when.state === entered.state && when.visit === visit;
    for (const fault of this.plan.world) {
      if (isNow(fault.when)) {
        this.kernel.after(fault.when.delayMs, () => this.healed || this.strike(fault, entered.executionArn));
      }
    }
    const stop = this.plan.stops.find(isNow);
    return stop && { kind: stop.how };
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

function isAt({ place, ofNewcomers }: PersistentFault, { functionName, step, caller, payload }: Invocation): boolean {
  const isPlace =
    'step' in place
      ? place.functionName === functionName && place.step === step
      : place.machine === caller?.machine && place.state === caller.state;
  return isPlace && (!ofNewcomers || isLaunched(payload));
}

/** Whether a step is about an instance that the group launched in the run: those of its beginning have numbers. */
function isLaunched(payload: unknown): boolean {
  const { roll, launch } = payload as { readonly [key in 'roll' | 'launch']?: { readonly instanceId: string } };
  const { instanceId } = roll ?? launch ?? {};
  return instanceId !== undefined && !instanceId.startsWith('i-000000000000');
}
