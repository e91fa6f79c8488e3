/** Rows against the evidence, each by itself: precedence between causes is another matter (classify.ts). Pure. */
import type { Evidence } from '../contract/evidence.ts';
import { type Judge, type Judged, shaky } from './judged.ts';
import type { Condition, JudgedRow, Row } from './row.ts';

export function judgeRow(row: Row, evidence: Evidence): JudgedRow {
  const needs = row.needs.map((condition) => judgeCondition(condition, evidence));
  const refuters = row.refutedBy.map((condition) => judgeCondition(condition, evidence));
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
