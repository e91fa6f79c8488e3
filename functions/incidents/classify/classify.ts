import { capital } from '../../shared/capital.ts';
import type { Cause, Finding, Reason, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { someLogUndated } from './facts/application-logs.ts';
import { judgeRow } from './judge-row.ts';
import { factsOf, type Judged } from './judged.ts';
import type { Condition, JudgedRow, Row } from './row.ts';
import { SYMPTOMS } from './symptoms.ts';
import { ROWS, rowOf } from './table.ts';

const isFound = ({ state }: JudgedRow): boolean => state === 'holds' || state === 'likely';

/**
 * What is wrong, by the evidence that there is. A cause is `certain` only if no missing piece could refute it, or put another cause
 * before it; without a cause that the evidence shows, the finding says what is missing. Pure.
 * @param rows every cause, in the order in which they are named
 */
export function classify(evidence: Evidence, runbook: Runbook, rows: readonly Row[] = ROWS): Finding {
  const judged = rows.filter((row) => row.runbook === runbook || row.alsoFor === runbook).map((row) => judgeRow(row, evidence));
  const byCause = new Map(judged.map((one) => [one.row.cause, one]));
  const before = ({ row }: JudgedRow) => row.yieldsTo.flatMap((cause) => byCause.get(cause) ?? []);
  const found = judged.filter(isFound);
  // What is only likely does not come before what the evidence shows: lines of a log that anybody can fill would hide a cause.
  const givesWay = (one: JudgedRow) => before(one).some(({ state }) => state === 'holds' || (state === 'likely' && one.state !== 'holds'));
  const first = found.filter((one) => !givesWay(one));
  const isCertain = (one: JudgedRow) => one.state === 'holds' && before(one).every(({ firmlyOut }) => firmlyOut);
  const chosen = first.find(isCertain) ?? first.find(({ state }) => state === 'holds') ?? first[0];
  if (chosen) return causeOf(chosen, isCertain(chosen) ? 'certain' : 'likely', [...first, ...found], evidence);

  const symptoms = SYMPTOMS[runbook]
    .filter(({ onlyOf }) => onlyOf === undefined || factsOf(evidence, onlyOf) !== undefined)
    .map(({ judge }) => judge(evidence));
  const missing = symptoms.filter(({ truth }) => truth === null);
  // The finding `nothing` needs evidence that rules out every cause: a source that gave nothing can be the only one that shows it.
  const isClear = !symptoms.some(({ ambiguous }) => ambiguous) && (runbook === 'session-explosion' || !someLogUndated(evidence));
  const isRuledOut = judged.every(({ state }) => state === 'out');
  if (isClear && isRuledOut && symptoms.every(({ truth }) => truth !== true) && symptoms.some(({ truth }) => truth === false))
    return { verdict: 'nothing', because: reasons(symptoms.filter(({ truth }) => truth === false)), missing: reasons(missing) };
  const candidates = judged.filter(({ state }) => state === 'open');
  return {
    verdict: 'unknown',
    shown: reasons(symptoms.filter(({ truth }) => truth === true)),
    candidates: candidates.map(({ row }) => row.cause),
    missing: reasons([...candidates.flatMap(({ needs }) => needs).filter(({ truth }) => truth === null), ...missing]),
  };
}

function causeOf(
  { row, needs, refuters }: JudgedRow,
  confidence: 'certain' | 'likely',
  found: readonly JudgedRow[],
  evidence: Evidence,
): Finding {
  const supporting = (row.supportedBy ?? []).map(({ judge }) => judge(evidence)).filter(({ truth }) => truth === true);
  const because = [...needs, ...supporting];
  const since = needs.flatMap(({ sinceMs }) => (sinceMs === undefined ? [] : [sinceMs]));
  const sinceMs = since.length > 0 ? Math.min(...since) : evidence.firstSignMs;
  const behind = (row.behind ?? []).filter((cause) => {
    const other = rowOf(cause);
    return other !== undefined && isFound(judgeRow(other, evidence));
  });
  const also = [...found.map((one) => one.row.cause).filter((cause) => cause !== row.cause), ...behind];
  const about = row.about?.(evidence);
  return {
    verdict: 'cause',
    cause: row.cause,
    confidence,
    sentence: sentenceSince(row.sentence(evidence), sinceMs),
    sinceMs,
    because: reasons(because),
    // What is not known first: it is what could still show otherwise.
    wouldRefute: row.refutedBy
      .map((condition, index) => wouldRefute(condition, refuters[index] as Judged))
      .toSorted((one, other) => Number('ruledOut' in one) - Number('ruledOut' in other)),
    ...(about && { about }),
    also: [...new Set<Cause>(also)],
  };
}

/** A fact that would say otherwise: what it rules out, or that it is not known. */
function wouldRefute({ asks, ruledOut }: Condition, { truth, text, source }: Judged): Reason {
  const what = ruledOut ?? clauseOf(asks);
  return truth === null ? { text: `${what} (${text})`, source } : { text, source, ruledOut: what };
}

/** `Stickiness is off: that is the cause.` → `stickiness is off` */
const clauseOf = (asks: string): string => {
  const [clause = asks] = asks.replace(/\.$/, '').split(/: /, 1);
  return `${clause.charAt(0).toLowerCase()}${clause.slice(1)}`;
};

/** Each text once. */
const reasons = (judged: readonly Judged[]): readonly Reason[] => [
  ...new Map(judged.map(({ text, source }) => [text, { text, source }])).values(),
];

/** `Users are logged out because …, since 2026-11-22 03:12 UTC`: with the date, since it is read on other days too. Pure. */
const sentenceSince = (what: string, sinceMs: number): string =>
  `${capital(what)}, since ${new Date(sinceMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
