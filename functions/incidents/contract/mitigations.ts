/** What a runbook can do about a cause. What each does is in mitigate/NAME.ts. */

export const MITIGATIONS = [
  'restore-stickiness',
  'restart-target',
  'stop-deploy',
  'raise-ttl',
  'keep-servers',
  'promote-replica',
  're-login-page',
  'sweep-now',
  'shorten-anonymous',
  'scale-store',
  'volatile-eviction',
] as const;
export type MitigationName = (typeof MITIGATIONS)[number];

/** `observe`: it is only named in the report. `approve`: it waits for a person. `auto`: it is carried out. */
export const MODES = ['observe', 'approve', 'auto'] as const;
export type Mode = (typeof MODES)[number];

/** `auto` is refused for those that nothing can undo. */
export const UNDOABLE: Readonly<Record<MitigationName, boolean>> = {
  'restore-stickiness': true,
  'restart-target': false,
  'stop-deploy': false,
  'raise-ttl': false,
  'keep-servers': true,
  'promote-replica': false,
  're-login-page': true,
  'sweep-now': false,
  'shorten-anonymous': false,
  'scale-store': false,
  'volatile-eviction': true,
};

/** A call as it is sent, for the report and --dry-run: no secret is a parameter of any. */
export interface ApiCall {
  readonly service: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
}

/** What a mitigation would do, before it does it. `refused`: a pre-condition does not hold, in a sentence. */
export type Plan =
  | {
      readonly calls: readonly ApiCall[] /** In a sentence, with what it costs. */;
      readonly effect: string /** What `undo` needs. */;
      readonly undo: unknown;
    }
  | { readonly refused: string };

/** `DONE`: the post-condition holds. `WAIT`: not yet. `FAILED`: it does not, and the mitigation is undone. */
export interface Verified {
  readonly verdict: 'DONE' | 'WAIT' | 'FAILED';
  readonly detail: string;
}

/** On what a mitigation works. */
export interface MitigationTarget {
  readonly incidentId: string;
  readonly fleet?: string;
  readonly instanceId?: string;
  readonly deployId?: string;
  /** Of the runbook's execution, for the lock's record. */
  readonly executionArn?: string;
}

/** Undone when the incident is over: they bridge the time until then. */
export const TEMPORARY: readonly MitigationName[] = ['keep-servers', 're-login-page'];

/** `NAME`, or `NAME@FLEET` where an incident concerns several fleets. */
export type MitigationKey = MitigationName | `${MitigationName}@${string}`;

/** What follows from a finding: one mitigation, on what, and how far it may go. */
export interface Decision {
  readonly key: MitigationKey;
  readonly name: MitigationName;
  readonly mode: Mode;
  readonly target: MitigationTarget;
  /** Why it follows from the finding, in a sentence. */
  readonly reason: string;
}

/** One mitigation. Every method can be called twice: `act` after a lost answer finds its own work done. */
export interface Mitigation {
  /** Reads; changes nothing. */
  plan(target: MitigationTarget): Promise<Plan>;
  /** Sends the calls of the plan. */
  act(target: MitigationTarget, plan: Extract<Plan, { calls: unknown }>): Promise<void>;
  verify(target: MitigationTarget, plan: Extract<Plan, { calls: unknown }>): Promise<Verified>;
  /** Only those of {@link UNDOABLE}. */
  undo?(target: MitigationTarget, plan: Extract<Plan, { calls: unknown }>): Promise<void>;
  /** Of the {@link TEMPORARY}: false when what it bridges is over, so that it is undone at once. @default until the incident closes */
  needed?(target: MitigationTarget, plan: Extract<Plan, { calls: unknown }>): Promise<boolean>;
  /** With `needed`: how long what it bridges has to be over before it is undone. @default 0 */
  readonly settlesMs?: number;
}
