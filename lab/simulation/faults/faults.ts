/** What goes wrong: asked at each place where something can. Whoever carries a fault out counts it by `took`, since only then it had an effect. */
import type { Call, CallingState, Invocation } from '../seam/call.ts';

/** What becomes of one attempt of a call. */
export type CallFault =
  /** The service answers with an error, without any effect. */
  | { readonly kind: 'refused'; readonly code: string; readonly status: number }
  /** The request never arrives: the client's time-out passes. */
  | { readonly kind: 'requestLost' }
  /** The effect happens, the answer never arrives. */
  | { readonly kind: 'answerLost' }
  /** Both legs take this much longer; below the client's time-out. */
  | { readonly kind: 'late'; readonly requestMs: number; readonly answerMs: number }
  /** A read answers as it did at an earlier time. */
  | { readonly kind: 'stale' };

/** What becomes of one invocation. */
export type InvocationFault =
  /** Lambda does not start it. `error`: the name that Step Functions sees, `Lambda.TooManyRequestsException`. */
  | { readonly kind: 'notStarted'; readonly error: string }
  /** The environment ends at its nth call, before or after that call's effect, or at its end when it makes fewer: `Runtime.ExitError`. */
  | { readonly kind: 'crash'; readonly atCall: number; readonly after: boolean }
  /** It hangs at its nth call until Lambda ends it: `Sandbox.Timedout`. */
  | { readonly kind: 'overrun'; readonly atCall: number }
  /** Runs to its end, and its answer is replaced by this error. */
  | { readonly kind: 'answerReplaced'; readonly error: string }
  /** Runs a second time, this much later; the first answer counts. */
  | { readonly kind: 'twice'; readonly afterMs: number };

/** What becomes of an event on its way to a rule's target. */
export type EventFault =
  | { readonly kind: 'lost' }
  | { readonly kind: 'twice' }
  | { readonly kind: 'late'; readonly ms: number }
  /** Step Functions refuses the start of its execution for this long, and EventBridge tries again. */
  | { readonly kind: 'refused'; readonly ms: number };

/** What becomes of an execution that enters a state. */
export type StateFault =
  /** As by StopExecution. */
  | { readonly kind: 'stopped' }
  /** As by the machine's own time-out. */
  | { readonly kind: 'timedOut' };

/** The start of a child execution fails. */
export interface ChildStartFault {
  /** By Step Functions' name: `StepFunctions.ExecutionLimitExceeded`. */
  readonly error: string;
  /** Whether it begins, and only the answer is lost. @default half of the time, where the error allows for it */
  readonly takesEffect?: boolean;
}

export interface Faults {
  /** Whether nothing goes wrong any more. */
  readonly healed: boolean;
  /** @param attempt 1 is the first */
  call(call: Call, attempt: number): CallFault | undefined;
  invocation(invocation: Invocation): InvocationFault | undefined;
  childStart(caller: CallingState): ChildStartFault | undefined;
  /** @param rule `deployEnded`, `launching`, `terminating` */
  event(rule: string): EventFault | undefined;
  /** Whether the reconciler's schedule misses a turn. */
  scheduleSkipped(): boolean;
  /** @param visit 1 is the execution's first time in this state */
  state(entered: CallingState, visit: number): StateFault | undefined;
  /** Counts a fault that took effect. @param kind `call.refused`, `server.dead`, … */
  took(kind: string): void;
}

export const NO_FAULTS: Faults = {
  healed: true,
  call: () => undefined,
  invocation: () => undefined,
  childStart: () => undefined,
  event: () => undefined,
  scheduleSkipped: () => false,
  state: () => undefined,
  took: () => {},
};
