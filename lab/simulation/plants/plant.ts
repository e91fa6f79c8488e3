import type { PredicateId } from '../predicates/predicate.ts';
import type { RunKind } from '../run/draw-run.ts';

/** A change of one line of a file, made while the file is loaded. */
export interface Change {
  /** From the repository's root. One in `infra/` changes what CDK synthesizes. */
  readonly file: string;
  /** Part of a line, or a whole one; it is in the file exactly once. */
  readonly text: string;
  readonly becomes: string;
}

/** A fault of the engine that the simulation has to find. */
export interface Plant extends Change {
  /** What is wrong then. */
  readonly name: string;
  /** What would prevent the fault as well, gone with it. */
  readonly also?: Change;
  /** What has to find it. */
  readonly caughtBy: PredicateId;
  /**
   * Kinds or aims of the runs in which it shows, where their release is bad, or `addresses`, `bundles` and `adoption` for those that have them;
   * others are skipped. Absent: any run.
   */
  readonly in?: readonly (RunKind | (string & {}))[];
}
