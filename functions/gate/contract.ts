/** What a session gate finds out about two releases. */

/**
 * `incompatible`: users would be logged out by a roll or by a rollback. `not checked`: something got in the way, which is never a pass.
 */
export type GateVerdict = 'compatible' | 'not checked' | 'incompatible';

/** `forward`: a session of the old release on the new one. `back`: the other way round. */
export type GateCheck = 'forward' | 'back' | 'cart' | 'cookies' | 'log-out';

export interface GateFinding {
  readonly check: GateCheck;
  readonly what: string;
  /** What it means for users while servers are rolled, and after a rollback. */
  readonly roll: string;
  readonly rollback: string;
}

export interface GateResult {
  readonly verdict: GateVerdict;
  /** Why nothing is known; of `not checked` alone. */
  readonly reason?: string;
  readonly findings: readonly GateFinding[];
  /** What logs nobody out, and what the recipe left open. */
  readonly notes: readonly string[];
  readonly sent: { readonly requests: number; readonly logins: number };
}

/** Of one gate, on both releases together. */
export const GATE_LIMITS = { seconds: 60, requests: 80 } as const;
