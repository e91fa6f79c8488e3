import type { Cause, Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { MitigationName } from '../contract/mitigations.ts';
import type { Judge, Judged } from './judged.ts';

export type About = NonNullable<Extract<Finding, { verdict: 'cause' }>['about']>;

/** A judgement about the evidence, and how the documentation names it. */
export interface Condition {
  /** In the documentation: what it asks, as a sentence. */
  readonly asks: string;
  readonly judge: Judge;
}

/** Where a finding's commands are to work. */
export interface Place {
  readonly region: string;
  readonly installation: string;
  readonly local: boolean;
  /** Absent for the store of several fleets. */
  readonly fleet?: string;
  /** As a person calls it; absent where the store is no replication group of ElastiCache. */
  readonly replicationGroupId?: string;
}

/** One row of the table: a cause, and the evidence for and against it. */
export interface Row {
  readonly cause: Cause;
  readonly runbook: Runbook;
  /** What is wrong, as the beginning of a sentence; the time is added. */
  readonly sentence: (evidence: Evidence) => string;
  /** In the documentation: the same without evidence. */
  readonly title: string;
  /** All of them must be true. */
  readonly needs: readonly Condition[];
  /** Any of them that is true refutes the cause. */
  readonly refutedBy: readonly Condition[];
  /** Further facts that support it; they decide nothing. */
  readonly supportedBy?: readonly Condition[];
  /** Causes that explain the same better: while one of them holds, this one is only named beside it. */
  readonly yieldsTo: readonly Cause[];
  readonly about?: (evidence: Evidence) => About | undefined;
  /** Strongest first. */
  readonly mitigations: readonly MitigationName[];
  /** What a person does now, in sentences; a command stands in backticks, and works as printed. */
  readonly now: (place: Place, about: About, options: string) => readonly string[];
  /** Another runbook's causes that may be behind this one: they are named beside it when they hold. */
  readonly behind?: readonly Cause[];
}

/** `holds`: proved. `likely`: a fact that would refute it is unknown. `open`: it can't be told. `out`: refuted, or never shown. */
export interface JudgedRow {
  readonly row: Row;
  readonly state: 'holds' | 'likely' | 'open' | 'out';
  /** No missing piece can bring it back. */
  readonly firmlyOut: boolean;
  readonly needs: readonly Judged[];
  readonly refuters: readonly Judged[];
}
