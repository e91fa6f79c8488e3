import type { Evidence } from '../contract/evidence.ts';
import type { JudgedRow, Row } from './row.ts';
import { judgeCondition } from './witnesses.ts';

/** One row against the evidence, by itself: precedence between causes is another matter (classify.ts). Pure. */
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
