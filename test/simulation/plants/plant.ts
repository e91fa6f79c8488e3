import type { PredicateId } from '../predicates/predicate.ts';
import type { RunKind } from '../run/draw-run.ts';

/** A fault of the engine that the simulation has to find: one line of a file, changed while the file is loaded. */
export interface Plant {
  /** What is wrong then. */
  readonly name: string;
  /** From the repository's root. One in `infra/` changes what CDK synthesizes. */
  readonly file: string;
  /** Part of a line, or a whole one; it is in the file exactly once. */
  readonly text: string;
  readonly becomes: string;
  /** What has to find it. */
  readonly caughtBy: PredicateId;
  /** Kinds or aims of the runs in which it shows; others are skipped. Absent: any run. */
  readonly in?: readonly (RunKind | (string & {}))[];
}
