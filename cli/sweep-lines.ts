/** Sweeps as lines and tables. Pure. */
import { durationText } from '../functions/shared/duration-text.ts';
import type { SweepRecord, SweepSummary } from '../functions/sweep/contract.ts';
import type { DialectReport, SweepReport } from '../functions/sweep/make-report.ts';
import { sizeClassText } from '../functions/sweep/size-class-text.ts';
import { table } from './output.ts';

const count = (value: number): string => value.toLocaleString('en-US');

export const progressLine = ({ keys, withoutTtl, mended, deleted }: SweepSummary): string =>
  `  ${count(keys)} keys, ${count(withoutTtl)} without TTL, ${count(mended)} mended${deleted > 0 ? `, ${count(deleted)} deleted` : ''}`;

export function summaryLines(summary: SweepSummary, dryRun: boolean): string[] {
  const { keys, withoutTtl, structural, mended, deleted, unknown, seconds, keysPerSecond, storeP99Ms } = summary;
  const would = dryRun ? 'would be ' : '';
  return [
    `${count(keys)} keys in ${durationText(seconds * 1000)}, ${count(keysPerSecond)} a second; the store answered within ${storeP99Ms} ms (P99)`,
    `without TTL  ${count(withoutTtl)}: ${count(mended)} ${would}mended, ${count(deleted)} ${would}deleted, ${count(withoutTtl - mended - deleted)} left`,
    `by design    ${count(structural)}, never touched`,
    `unknown      ${count(unknown)} without TTL, never touched`,
  ];
}

const HEAD = ['STARTED', 'DURATION', 'KEYS', 'WITHOUT TTL', 'MENDED', 'DELETED', 'OUTCOME', 'BY', 'ID'];

/** A line a sweep, as they come. */
export function sweepsTable(sweeps: readonly SweepRecord[], nowMs: number): string {
  const row = ({ sweepId, startedAtMs, finishedAtMs = nowMs, status, dryRun, requestedBy, summary }: SweepRecord) => {
    const number = (part: 'keys' | 'withoutTtl' | 'mended' | 'deleted') => (summary ? count(summary[part]) : '');
    return [
      new Date(startedAtMs).toISOString(),
      durationText(finishedAtMs - startedAtMs),
      ...[number('keys'), number('withoutTtl'), number('mended'), number('deleted')],
      `${status}${dryRun ? ', dry' : ''}`,
      requestedBy,
      sweepId,
    ];
  };
  return table([HEAD, ...sweeps.map(row)]);
}

/** A sweep in full. */
export function sweepLines(record: SweepRecord, report: SweepReport | undefined, nowMs: number): string[] {
  const { sweepId, startedAtMs, finishedAtMs, status, dryRun, requestedBy, summary, error } = record;
  return [
    `sweep    ${sweepId}${dryRun ? ', dry' : ''}`,
    `outcome  ${status}`,
    `by       ${requestedBy}`,
    `started  ${new Date(startedAtMs).toISOString()}, ${finishedAtMs === undefined ? 'for' : 'took'} ${durationText((finishedAtMs ?? nowMs) - startedAtMs)}`,
    ...(error ? [`error    ${error.Error}: ${error.Cause}`] : []),
    ...(summary ? ['', ...summaryLines(summary, dryRun)] : []),
    ...(report ? reportLines(report) : []),
  ];
}

function reportLines({ byDialect, sizes, large, largeOneIn, offenders, sampledOneIn, summary }: SweepReport): string[] {
  const dialects = Object.entries(byDialect).map(([name, dialect]) => dialectRow(name, dialect));
  const found = summary.withoutTtl + summary.unknown;
  return [
    '',
    table([['DIALECT', 'POLICY', 'SESSIONS', 'BY DESIGN', 'WITHOUT TTL', 'MENDED', 'DELETED', 'LEFT'], ...dialects]),
    '',
    `sizes (every key without TTL, of the others one in ${sampledOneIn})`,
    table(Object.entries(sizes).map(([name, keys]) => [`  ${sizeClassText(name)}`, count(keys)])),
    ...(large.length === 0
      ? []
      : [
          '',
          largeOneIn > 1 ? `largest sessions, of one in ${largeOneIn}` : 'largest sessions, of all',
          table(large.map(({ id, dialect, bytes }) => [`  ${id}`, dialect, `${count(bytes)} B`])),
        ]),
    ...(offenders.length === 0 ? [] : ['', `keys without TTL, the first ${count(offenders.length)} of ${count(found)}`]),
    ...(offenders.length === 0 ? [] : [table(offenders.map(({ id, dialect, type, done }) => [`  ${id}`, dialect, type, done]))]),
  ];
}

function dialectRow(name: string, { policy, sessions, structural, withoutTtl, mended, deleted, left }: DialectReport): string[] {
  const reasons = Object.entries(left).map(([reason, keys]) => `${count(keys)} ${reason}`);
  return [name, policy, count(sessions), count(structural), count(withoutTtl), count(mended), count(deleted), reasons.join(', ')];
}
