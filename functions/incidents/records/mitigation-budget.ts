/** A mitigation that wants to act. */
export interface BudgetClaim {
  readonly claim: string;
  /** Name of its fleet; absent: it works on the store. Each has a budget of its own. */
  readonly of?: string;
}

/** One item: when which claim took its place in the last hour. */
export interface BudgetRecord {
  /** Grows with each write: a write that has seen an older one is refused. */
  readonly version: number;
  readonly taken: readonly (BudgetClaim & { readonly atMs: number })[];
}

const HOUR_MS = 3_600_000;

/** `keeps`: the claim has its place already. `full`: the budget is spent. */
export type BudgetDecision = 'keeps' | 'full' | { readonly put: BudgetRecord };

/** Pure. @param most in any 60 minutes */
export function decideBudget(known: BudgetRecord | undefined, wanted: BudgetClaim, most: number, nowMs: number): BudgetDecision {
  // A time in the future counts: clocks of functions differ by milliseconds, and a budget errs on the side of less.
  const taken = (known?.taken ?? []).filter(({ atMs }) => nowMs - atMs < HOUR_MS);
  if (taken.some((one) => one.claim === wanted.claim)) return 'keeps';
  if (taken.filter((one) => one.of === wanted.of).length >= most) return 'full';
  return { put: { version: (known?.version ?? 0) + 1, taken: [...taken, { ...wanted, atMs: nowMs }] } };
}

/** Undefined where the claim has no place. Pure. */
export function withoutClaim(known: BudgetRecord | undefined, claim: string): BudgetRecord | undefined {
  const taken = known?.taken.filter((one) => one.claim !== claim);
  return known === undefined || taken === undefined || taken.length === known.taken.length
    ? undefined
    : { version: known.version + 1, taken };
}
