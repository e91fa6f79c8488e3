/** How results come together on record. Pure. */
import type { Outcome } from '../findings/result.ts';
import { topicOf } from '../kept/judge-kept.ts';
import type { Recipe } from '../recipe/recipe.ts';
import { makeReport } from '../report/make-report.ts';
import type { CanaryRecord, StoredLine, TimeOutLine } from './canary-records.ts';

const TIME_OUTS = 'time-outs';

/** Makes a report's lines for the record, without the texts that the catalogue of findings supplies. */
export function storedLines(recipe: Recipe, outcomes: readonly Outcome[]): readonly StoredLine[] {
  const { lines } = makeReport({ url: '', recipe, sent: { requests: 0, logins: 0 } }, outcomes);
  return lines.map(({ check, result, severity, what, finding, accepted }) => ({
    ...{ check, result, severity, what },
    ...(finding !== undefined && { finding }),
    ...(accepted !== undefined && { accepted }),
  }));
}

/**
 * The results of all checks. A finding stays where something got in the way of a part of its check this time: otherwise a site that is
 * down for a minute would end the alarm.
 */
export function afterRun(before: readonly StoredLine[], now: readonly StoredLine[]): readonly StoredLine[] {
  const concluded = now.filter(({ check }) => check !== TIME_OUTS);
  const isOpen = ({ check, finding }: StoredLine) =>
    concluded.some((line) => line.check === check && line.severity === 'unknown') && !concluded.some((line) => line.finding === finding);
  return [...concluded, ...before.filter((line) => line.finding !== undefined && isOpen(line))];
}

/**
 * The record with what kept sessions showed in a turn: of each topic the latest result, until it is `oldMs` old. The browser's end of a
 * cookie, for one, shows again with every session that is kept, or has been repaired.
 */
export function afterTurn(
  record: CanaryRecord,
  now: readonly StoredLine[],
  { atMs, oldMs }: { readonly atMs: number; readonly oldMs: number },
): CanaryRecord {
  const isCurrent = (line: TimeOutLine) => atMs - line.atMs < oldMs && !now.some((one) => topicOf(one) === topicOf(line));
  return { ...record, timeOuts: [...record.timeOuts.filter(isCurrent), ...now.map((line) => ({ ...line, atMs }))] };
}
