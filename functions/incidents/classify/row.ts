import type { Cause, Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { MitigationName } from '../contract/mitigations.ts';
import type { Explains } from './explains.ts';
import type { Judge, Judged } from './judged.ts';

type About = NonNullable<Extract<Finding, { verdict: 'cause' }>['about']>;

/** A judgement about the evidence, and how the documentation names it. */
export interface Condition {
  /** What it asks, as a sentence, for the documentation. */
  readonly asks: string;
  readonly judge: Judge;
  /** Of a condition that refutes a cause: what the page says is ruled out while it is false. @default what it asks, without its explanation */
  readonly ruledOut?: string;
  /** A server's words about itself, or words that no server can have alone: one is enough. @default false: see judge-row.ts */
  readonly byOneServer?: true;
}

/** One row of the table: a cause, and the evidence for and against it. */
export interface Row {
  readonly cause: Cause;
  readonly runbook: Runbook;
  /** Another runbook that finds it as well: an alarm of its own shows it. */
  readonly alsoFor?: Runbook;
  /** What is wrong, as the beginning of a sentence; the time is added. */
  readonly sentence: (evidence: Evidence) => string;
  /** What is wrong, for the documentation, which has no evidence. */
  readonly title: string;
  /** Which part of the trouble it can explain. */
  readonly explains: Explains;
  /** All of them must be true. */
  readonly needs: readonly Condition[];
  /** Any of them that is true refutes the cause. */
  readonly refutedBy: readonly Condition[];
  /** Further facts that support it; they decide nothing. */
  readonly supportedBy?: readonly Condition[];
  /** Causes that explain the same better: while one of them holds, this one is only named next to it. */
  readonly yieldsTo: readonly Cause[];
  /** What a finding is about, where the evidence shows one. */
  readonly about?: { readonly [What in keyof About]?: (evidence: Evidence) => string | undefined };
  /** Strongest first. */
  readonly mitigations: readonly MitigationName[];
  /** Another runbook's causes that may be behind this one: they are named as well when they hold. */
  readonly behind?: readonly Cause[];
}

/** A row as its table has it: the runbook is the table's, and what is empty is left out. */
export type TableRow = Omit<Row, 'runbook' | 'sentence' | Emptied> &
  Partial<Pick<Row, Emptied>> & { readonly sentence: string | Row['sentence'] };
type Emptied = 'refutedBy' | 'yieldsTo' | 'mitigations';

export const tableOf = (runbook: Runbook, rows: readonly TableRow[]): readonly Row[] =>
  rows.map(({ sentence, ...row }) => ({
    ...{ runbook, refutedBy: [], yieldsTo: [], mitigations: [] },
    ...{ ...row, sentence: typeof sentence === 'string' ? () => sentence : sentence },
  }));

/** `holds`: proved. `likely`: a fact that would refute it is unknown. `open`: the evidence does not decide it. `out`: refuted, or never shown. */
export interface JudgedRow {
  readonly row: Row;
  readonly state: 'holds' | 'likely' | 'open' | 'out';
  /** No missing piece can bring it back. */
  readonly firmlyOut: boolean;
  readonly needs: readonly Judged[];
  readonly refuters: readonly Judged[];
}
