/** What a session gate finds out about two releases. */

/** `incompatible`: users would be logged out by a roll or by a rollback. `not checked`: something got in the way, which is never a pass. */
export type GateVerdict = 'compatible' | 'not checked' | 'incompatible';

/** `forward`: a session of the old release on the new one. `back`: the other way round. */
export type GateCheck = 'forward' | 'back' | 'cart' | 'cookies' | 'log-out';

/** `roll`: what it means for users while servers are rolled, and after a rollback. */
export type GateFinding = { readonly check: GateCheck; readonly what: string; readonly roll: string; readonly rollback: string };

export interface GateResult {
  readonly verdict: GateVerdict;
  /** Why nothing is known; of `not checked` alone. */
  readonly reason?: string;
  readonly findings: readonly GateFinding[];
  /** What logs nobody out, and what the recipe left open. */
  readonly notes: readonly string[];
  readonly sent: { readonly requests: number; readonly logins: number };
}

/** A result in an installation's records. */
export interface GateRecord extends GateResult {
  readonly gate: string;
  /** ARN or id; absent where who asked gave none. */
  readonly deployment?: string;
  readonly endedAtMs: number;
}

/** Of one gate, on both releases together. */
export const GATE_LIMITS = { seconds: 60, requests: 80 } as const;

/** Environment of the function of a hook; its leases and verdicts are in a table like that of records. */
export const GATE_ENV = {
  /** Addresses of both releases and the headers that choose them, as JSON of {@link GateAddresses}. */
  addresses: 'HOLDFAST_GATE_ADDRESSES',
  recipe: 'HOLDFAST_GATE_RECIPE',
  notChecked: 'HOLDFAST_GATE_NOT_CHECKED',
  /** Name of an installation's records table, which has the verdicts too. Absent without one. */
  installation: 'HOLDFAST_GATE_INSTALLATION',
} as const;

export interface GateAddresses {
  readonly old: string;
  readonly new: string;
  readonly oldHeaders?: Readonly<Record<string, string>>;
  readonly newHeaders?: Readonly<Record<string, string>>;
}

/** Of one gate of a deploy, with all that comes before it: this much longer the deploy takes at most. */
export const DEPLOY_GATE_SECONDS = 75;

/** Of the function, above a gate's own. */
export const GATE_HOOK_SECONDS = 120;
