/** Sweeps as lines and tables. Pure. */
import { counted, durationText, nounFor, spanText } from '../../functions/shared/texts.ts';
import {
  type JudgedDialect,
  type ReportOnlyDialect,
  SWEEP_REASONS,
  type SweepRecord,
  type SweepSummary,
  type UnconfirmedDialect,
  type UnknownGrowth,
} from '../../functions/sweep/contract/record.ts';
import { type LivesTally, REMAINS, UNREPAIRED_REASONS } from '../../functions/sweep/contract/tally.ts';
import type { DialectReport, SweepReport, UnitReport } from '../../functions/sweep/report/make-report.ts';
import { REMAINS_TEXT, sizeClassText, UNREPAIRED_TEXT } from '../../functions/sweep/report/shown-texts.ts';
import { ageText, table } from '../output.ts';
import { minuteOf, shapeLines } from './shape-lines.ts';

const count = (value: number): string => value.toLocaleString('en-US');

export const progressLine = ({ keys, withoutTtl, repaired, deleted }: SweepSummary): string =>
  `  ${count(keys)} ${nounFor(keys, 'key')}, ${count(withoutTtl)} without TTL, ${count(repaired)} repaired${deleted > 0 ? `, ${count(deleted)} deleted` : ''}`;

export const summaryLines = (summary: SweepSummary, dryRun: boolean): string[] => [
  ...countLines(summary, dryRun),
  ...(summary.dialects ?? []).flatMap(dialectLines),
  ...(summary.unconfirmed ?? []).flatMap(unconfirmedLines),
  ...(summary.reportOnly ?? []).flatMap(reportOnlyLines),
  ...(summary.withoutKeys ? withoutKeysLines(summary.withoutKeys) : []),
];

/** What a dialect of the configuration takes of the store's sample. */
const dialectLines = ({ dialect, sampled, taken, ofType, stated, unread, result, because }: JudgedDialect): string[] => [
  `dialect      ${dialect}: its pattern takes ${count(taken)} of ${count(sampled)} sampled ${nounFor(sampled, 'key')}; ${count(ofType)} of its type, ${count(stated)} with what it states${unread > 0 ? `, ${count(unread)} not read` : ''}`,
  ...(because === undefined ? [] : [`             ${result === 'ok' ? '' : `${result}: `}${because}`]),
];

/** What somebody has to decide. */
const unconfirmedLines = ({ dialect, sessions, withoutTtl, setting }: UnconfirmedDialect): string[] => [
  `decide       ${dialect}: ${count(withoutTtl)} of ${count(sessions)} sessions have no TTL, as where an application turns it off on purpose (disableTTL). None of them was changed`,
  `             set ${setting} to "expire" to have sweeps repair them, or to "report" to keep them as they are`,
];

const reportOnlyLines = ({ dialect, keys, setting }: ReportOnlyDialect): string[] => [
  `report       ${dialect}: policy "report" leaves ${count(keys)} without TTL; "expire" would give them one`,
  setting === 'sweep.policy'
    ? '             for that set sweep.policy to "expire", and deploy'
    : `             for that set ${setting} to "expire", and deploy: nearly all of its sessions have no TTL, so sweep.policy alone repairs none`,
];

const withoutKeysLines = (prefixes: readonly string[]): string[] => [
  `decide       no key is a session below ${prefixes.map((prefix) => `"${prefix}"`).join(' or ')}, as store.sessions has it`,
  '             sweep --learn prints what the keys begin with',
];

function countLines(summary: SweepSummary, dryRun: boolean): string[] {
  const { keys, withoutTtl, structural, repaired, deleted, unknown, reconciled, notJudged = 0 } = summary;
  const { leftOnPurpose, seconds, keysPerSecond, storeP99Ms } = summary;
  if (summary.outcome)
    return [
      `${summary.outcome}: of ${count(keys)} keys, none has lost its TTL since the last full sweep (${durationText(seconds * 1000)}); --full reads every key`,
      `on purpose   ${count(leftOnPurpose)} without TTL, ${count(structural)} of them by design`,
    ];
  const would = dryRun ? 'would be ' : '';
  const read = `${count(keys)} ${nounFor(keys, 'key')} in ${durationText(seconds * 1000)}, ${count(keysPerSecond)} per second; response time of the store ${storeP99Ms} ms (P99)`;
  if (summary.lives) return [read, ...pausedLines(summary), ...livesLines(summary.lives, would)];
  return [
    read,
    `without TTL  ${count(withoutTtl)}: ${count(repaired)} ${would}repaired, ${count(deleted)} ${would}deleted, ${count(withoutTtl - repaired - deleted)} unrepaired`,
    `by design    ${count(structural)} without TTL, never changed`,
    `unknown      ${count(unknown)} without TTL, never changed`,
    ...growthLines(summary.unknownGrowth),
    ...pausedLines(summary),
    ...(reconciled === undefined
      ? []
      : [
          `index sets   ${count(reconciled)} ${nounFor(reconciled, 'member')} without a session ${would}removed, ${count(notJudged)} not judged: no live session with such an id was met`,
        ]),
  ];
}

/** Lines of a summary; the report has the rest. */
const MOST_GROWN = 5;

/** `grown        +500 Session:userId:* (integer), since the full sweep of 2026-11-25T03:00Z` */
function growthLines(growth: UnknownGrowth | undefined): string[] {
  if (growth === undefined) return [];
  const { shapes } = growth;
  const what = shapes
    .slice(0, MOST_GROWN)
    .map(({ shape, type, grown }) => `+${count(grown)} ${shape}${type === 'any' ? '' : ` (${type})`}`);
  const rest = shapes.length > MOST_GROWN ? [`and ${counted(shapes.length - MOST_GROWN, 'more shape')}`] : [];
  return [...what, ...rest].map((text, at) =>
    at === 0 ? `grown        ${text}, since the full sweep of ${minuteOf(growth)}` : `             ${text}`,
  );
}

/** How far it came, where its time was over. */
const pausedLines = ({ paused, keys }: SweepSummary): string[] => {
  if (paused === undefined) return [];
  const far = `${count(keys)}${paused.ofKeys === undefined ? '' : ` of about ${count(paused.ofKeys)}`} keys are read`;
  return [`paused       ${far}${paused.goesOn ? '; the next sweep goes on from here' : ', its time is over'}`];
};

const livesLines = ({ changed, kept, notPermitted, overLimit }: LivesTally, would: string): string[] => [
  `sessions     ${count(changed)} ${would}changed, ${count(kept)} as they should be or used meanwhile`,
  ...(notPermitted > 0 ? [`refused      ${count(notPermitted)}: the sweep's user is not allowed to change them`] : []),
  ...(overLimit > 0 ? [`over limit   ${count(overLimit)}: start it again to go on`] : []),
];

/** `SUCCEEDED, clean by counters`, `FAILED, dry run` */
export const outcomeText = ({ status, dryRun, summary }: Pick<SweepRecord, 'status' | 'dryRun' | 'summary'>): string =>
  [status, ...(summary?.outcome ? [summary.outcome] : []), ...(dryRun ? ['dry run'] : [])].join(', ');

const HEAD = ['STARTED', 'AGE', 'DURATION', 'KEYS', 'WITHOUT TTL', 'REPAIRED', 'DELETED', 'OUTCOME', 'BY', 'ID'];

/** One line per sweep, in the given order. */
export function sweepsTable(sweeps: readonly SweepRecord[], nowMs: number): string {
  const row = ({ sweepId, startedAtMs, finishedAtMs = nowMs, status, dryRun, requestedBy, summary }: SweepRecord) => {
    const number = (part: 'keys' | 'withoutTtl') => (summary ? count(summary[part]) : '');
    const done = (part: 'repaired' | 'deleted') =>
      summary ? `${dryRun && summary[part] > 0 ? 'would be ' : ''}${count(summary[part])}` : '';
    return [
      new Date(startedAtMs).toISOString(),
      ageText(nowMs - startedAtMs),
      durationText(finishedAtMs - startedAtMs),
      ...[number('keys'), number('withoutTtl'), done('repaired'), done('deleted')],
      outcomeText({ status, dryRun, summary }),
      requestedBy,
      sweepId,
    ];
  };
  return table([HEAD, ...sweeps.map(row)]);
}

export function sweepLines(record: SweepRecord, report: SweepReport | undefined, nowMs: number): string[] {
  const { sweepId, startedAtMs, finishedAtMs, status, dryRun, requestedBy, summary, error } = record;
  return [
    `sweep    ${sweepId}${dryRun ? ', dry run' : ''}`,
    `outcome  ${outcomeText({ status, dryRun: false, summary })}`,
    ...(record.because ? [`read     every key: ${SWEEP_REASONS[record.because]}`] : []),
    `by       ${requestedBy}`,
    `started  ${new Date(startedAtMs).toISOString()}, ${finishedAtMs === undefined ? 'for' : 'took'} ${durationText((finishedAtMs ?? nowMs) - startedAtMs)}`,
    ...(error ? [`error    ${error.Error}: ${error.Cause}`] : []),
    ...(summary ? ['', ...summaryLines(summary, dryRun)] : []),
    ...(report && !report.summary.outcome ? reportLines(report) : []),
  ];
}

/** Added to a report when the store did not let the sweep run scripts. */
const WITHOUT_SCRIPTS =
  'the store runs no scripts for the sweep’s user: no session was deleted, those past their life got a TTL of some minutes; on ElastiCache Serverless, idle times and sizes are unknown';

function reportLines(report: SweepReport): string[] {
  const { byDialect, sizes, large, largeSampledOneIn, persistentKeys, sampledOneIn, summary, shards } = report;
  const dialects = Object.entries(byDialect).map(([name, dialect]) => dialectRow(name, dialect));
  const found = summary.withoutTtl + summary.unknown;
  return [
    '',
    table([['DIALECT', 'POLICY', 'SESSIONS', 'BY DESIGN', 'WITHOUT TTL', 'REPAIRED', 'DELETED', 'UNREPAIRED'], ...dialects]),
    ...reasonLines(Object.values(byDialect)),
    ...liveLines(byDialect),
    ...shapeLines(report),
    ...remainsLines(report),
    ...(shards.some(({ method }) => method === 'pipeline') ? ['', WITHOUT_SCRIPTS] : []),
    ...unitLines(shards),
    '',
    sampledOneIn === 1 ? 'sizes of all keys' : `sizes (those without TTL counted, the others by one in ${sampledOneIn})`,
    table(Object.entries(sizes).map(([name, keys]) => [`  ${sizeClassText(name)}`, count(keys)])),
    ...(large.length === 0
      ? []
      : [
          '',
          largeSampledOneIn > 1 ? `largest sessions, of one in ${largeSampledOneIn}` : 'largest sessions, of all',
          table(large.map(({ id, dialect, bytes }) => [`  ${id}`, dialect, `${count(bytes)} B`])),
        ]),
    ...(persistentKeys.length === 0 ? [] : ['', `keys without TTL, the first ${count(persistentKeys.length)} of ${count(found)}`]),
    ...(persistentKeys.length === 0 ? [] : [table(persistentKeys.map(({ id, dialect, type, done }) => [`  ${id}`, dialect, type, done]))]),
  ];
}

/** `  connect-redis  24 hours  365 days  declared by the session` */
function liveLines(byDialect: SweepReport['byDialect']): string[] {
  const known = Object.entries(byDialect).flatMap(([name, { lives }]) => (lives ? [{ name, ...lives }] : []));
  if (known.length === 0) return [];
  const row = ({ name, medianSeconds, p90Seconds, isDeclared }: (typeof known)[number]) => [
    `  ${name}`,
    ...[medianSeconds, p90Seconds].map(spanText),
    isDeclared ? 'declared by the session' : 'left of the TTL: they live longer',
  ];
  return [
    '',
    'how long sessions live, by some of them',
    table([['  DIALECT', 'HALF, UP TO', 'NINE IN TEN, UP TO', 'BY WHAT'], ...known.map(row)]),
  ];
}

/** Where the keys were read. */
function unitLines(units: readonly UnitReport[]): string[] {
  if (units.length === 0) return [];
  const row = ({ name, readFrom, keys, seconds, restarts }: UnitReport) => [
    `  ${name}`,
    `from ${readFrom === 'replica' ? 'a replica' : 'the primary'}`,
    `${count(keys)} ${nounFor(keys, 'key')}`,
    durationText(seconds * 1000),
    restarts === 0 ? '' : counted(restarts, 'restart'),
  ];
  return ['', 'read', table(units.map(row))];
}

function dialectRow(name: string, { policy, sessions, structural, withoutTtl, repaired, deleted, unrepaired }: DialectReport): string[] {
  const reasons = Object.entries(unrepaired).map(([reason, keys]) => `${count(keys)} ${reason}`);
  return [name, policy, count(sessions), count(structural), count(withoutTtl), count(repaired), count(deleted), reasons.join(', ')];
}

/** The meaning of each reason in the table above. */
function reasonLines(dialects: readonly DialectReport[]): string[] {
  const met = dialects.flatMap(({ unrepaired }) => Object.keys(unrepaired));
  return UNREPAIRED_REASONS.filter((reason) => met.includes(reason)).map((reason) => `  ${reason}: ${UNREPAIRED_TEXT[reason]}`);
}

/** What is left of sessions that are over: by kind, and the first keys. */
function remainsLines({ byDialect, remains: notes = [], sampledOneIn }: SweepReport): string[] {
  const found = Object.entries(byDialect).flatMap(([dialect, { remains = {} }]) =>
    REMAINS.filter((kind) => remains[kind] !== undefined).map((kind) => [dialect, kind, remains[kind] ?? 0] as const),
  );
  if (found.length === 0) return [];
  return [
    '',
    `left of sessions that are over${sampledOneIn > 1 ? `, by a sample of one in ${sampledOneIn}` : ''}`,
    table(found.map(([dialect, kind, keys]) => [`  ${dialect}`, kind, count(keys), REMAINS_TEXT[kind]])),
    table(notes.map(({ id, dialect, remains, hasTtl }) => [`  ${id}`, dialect, remains, hasTtl ? 'with TTL' : 'without TTL'])),
  ];
}
