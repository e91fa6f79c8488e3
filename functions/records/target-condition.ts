import type { Phase } from './types.ts';

/** Conditions under which a target's record is changed, so that a step which comes late or twice does not undo a later one. */
export interface TargetCondition {
  /** The execution that rolls it. */
  readonly executionName?: string | undefined;
  /** Its phase is one of these. */
  readonly phases?: readonly Phase[] | undefined;
  /** The roll by this execution has not begun yet: another one is on record, or none, or this one waits. */
  readonly notBegun?: string | undefined;
  /** No execution was ever to roll it. */
  readonly neverRolled?: true | undefined;
}
