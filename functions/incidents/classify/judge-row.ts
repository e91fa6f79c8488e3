/** Rows, and rows against the evidence, each by itself: precedence between causes is another matter (classify.ts). Pure. */

import type { Cause, Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { MitigationName } from '../contract/mitigations.ts';
import type { Explains } from './explains.ts';
import { type Judge, type Judged, shaky } from './judged.ts';

export function judgeRow(row: Row, evidence: Evidence): JudgedRow {
  const needs = row.needs.map((condition) => judgeCondition(condition, evidence));
  const refuters = row.not.map((condition) => judgeCondition(condition, evidence));
  const missed = needs.filter(({ truth }) => truth === false);
  const refuted = refuters.filter(({ truth }) => truth === true);
  const firmlyOut = [...missed, ...refuted].some(({ firm }) => firm);
  const state = () => {
    if (missed.length + refuted.length > 0) return 'out';
    if (needs.some(({ truth }) => truth === null)) return 'open';
    return needs.every(({ firm }) => firm) && refuters.every(({ truth, firm }) => truth === false && firm) ? 'holds' : 'likely';
  };
  return { row, state: state(), firmlyOut, needs, refuters };
}

/** A row asks for them in each of its conditions. */
const WITHOUT_ONE = new WeakMap<Evidence, readonly Evidence[]>();

/**
 * A condition's judgement, firm only if it would be the same, and firm, without the words of any one server. What one says alone makes
 * nothing certain about a fleet of several: somebody may have taken it over, or it may be wrong. Of itself it can be certain.
 */
function judgeCondition({ judge, byOneServer }: Condition, evidence: Evidence): Judged {
  const judged = judge(evidence);
  return byOneServer || judged.truth === null || !judged.firm || isSameWithoutOne(judge, judged, evidence) ? judged : shaky(judged);
}

const isSameWithoutOne = (judge: Judge, { truth }: Judged, evidence: Evidence): boolean =>
  withoutOne(evidence).every((less) => {
    const other = judge(less);
    return other.truth === truth && other.firm;
  });

/** The evidence as the others give it, for each server; none where there is one server alone. */
function withoutOne(evidence: Evidence): readonly Evidence[] {
  const known = WITHOUT_ONE.get(evidence);
  if (known) return known;
  const collected = evidence.sources.servers;
  const servers = collected && 'facts' in collected ? collected.facts.servers : [];
  const each =
    servers.length > 1
      ? servers.map((_, index) => {
          const others = { ...collected, facts: { servers: servers.filter((_server, at) => at !== index) } };
          return { ...evidence, sources: { ...evidence.sources, servers: others } } as Evidence;
        })
      : [];
  WITHOUT_ONE.set(evidence, each);
  return each;
}

type About = NonNullable<Extract<Finding, { verdict: 'cause' }>['about']>;

/** A judgement about the evidence, and how page and documentation name it. */
export interface Condition {
  /** What is so if it is true, as a clause or a noun. */
  readonly name: string;
  readonly judge: Judge;
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
  readonly not: readonly Condition[];
  /** Causes that explain the same better: while one of them holds, this one is only named next to it. */
  readonly yieldsTo: readonly Cause[];
  /** What a finding is about, where the evidence shows one. */
  readonly about?: { readonly [What in keyof About]?: (evidence: Evidence) => string | undefined };
  /** Strongest first. */
  readonly mitigations: readonly MitigationName[];
}

/** The runbook is the table's, and what is empty is left out. */
export type TableRow = Omit<Row, 'runbook' | 'sentence' | Emptied> &
  Partial<Pick<Row, Emptied>> & { readonly sentence: string | Row['sentence'] };
type Emptied = 'explains' | 'not' | 'yieldsTo' | 'mitigations';

export const tableOf = (runbook: Runbook, rows: readonly TableRow[]): readonly Row[] =>
  rows.map(({ sentence, ...row }) => ({
    ...{ runbook, explains: { in: [] }, not: [], yieldsTo: [], mitigations: [] },
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
