import type { Counts, Coverage } from '../coverage/coverage.ts';
import type { TimelineEntry } from '../kernel/timeline.ts';
import type { Violation } from '../predicates/predicate.ts';

/** What one seed's run showed. */
export interface SeedResult {
  readonly seed: number;
  /** `calm`, `brief`, `bad release`, `abort`, `chaos`. */
  readonly kind: string;
  /** How the run was drawn: fleet, releases, faults; one short line each. */
  readonly plan: readonly string[];
  readonly violations: readonly Violation[];
  readonly coverage: Coverage;
  /** Faults that took effect, by kind. */
  readonly faults: Counts;
  /** Hash of everything that happened, in order. */
  readonly hash: string;
  /** How the deploys ended: `SUCCEEDED`, `FAILED BakeFailed rolled back`. */
  readonly endings: readonly string[];
  readonly virtualSeconds: number;
  /** Only where it was asked for. */
  readonly timeline?: readonly TimelineEntry[];
}
