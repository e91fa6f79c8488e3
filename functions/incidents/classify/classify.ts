import { leastOf } from '../../shared/arithmetic.ts';
import { capital, dateTimeText } from '../../shared/texts.ts';
import type { Cause, Finding, Reason, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import { type ChannelName, isTroubled } from '../trouble/channels.ts';
import { missingOf, shownOf, usualOf } from '../trouble/sentences.ts';
import { DECISIVE, hurtingChannels, isEarlier, troubleOf } from '../trouble/trouble.ts';
import { someLogUndated } from './facts/in-trouble.ts';
import { memoryGrows, moreSessions, sessionsWithoutTtl } from './facts/memory.ts';
import { type Condition, type Judge, type Judged, type JudgedRow, judgeRow, type Row } from './judged.ts';
import { ROWS } from './rows.ts';
import { explainsErrors, reachOf } from './share.ts';

const isFound = ({ state }: JudgedRow): boolean => state === 'holds' || state === 'likely';

/** What is wrong, by the evidence that there is. @param rows every cause, in the order in which they are named */
export function classify(given: Evidence, runbook: Runbook, rows: readonly Row[] = ROWS): Finding {
  const evidence = sinceOnset(given);
  const judged = rows.filter((row) => row.runbook === runbook || row.alsoFor === runbook).map((row) => judgeRow(row, evidence));
  const byCause = new Map(judged.map((one) => [one.row.cause, one]));
  const before = ({ row }: JudgedRow) => row.yieldsTo.flatMap((cause) => byCause.get(cause) ?? []);
  const reaches = new Map(judged.filter(isFound).map((one) => [one, reachOf(one, evidence)]));
  const found = [...reaches].flatMap(([one, reach]) => (reach === 'none' ? [] : [one]));
  const isSure = (one: JudgedRow) => one.state === 'holds' && reaches.get(one) === 'certain';
  const explains = (one: JudgedRow) => reaches.get(one) === 'certain' || reaches.get(one) === 'likely';
  // What is only likely does not come before what the evidence shows: lines of a log that anybody can fill would hide a cause.
  const givesWay = (one: JudgedRow) => before(one).some((other) => isSure(other) || (explains(other) && !isSure(one)));
  const first = found.filter((one) => !givesWay(one));
  const isCertain = (one: JudgedRow) => isSure(one) && before(one).every(({ firmlyOut }) => firmlyOut);
  const explaining = first.filter((one) => reaches.get(one) !== 'part');
  const chosen = explaining.find(isCertain) ?? explaining.find(({ state }) => state === 'holds') ?? explaining[0];
  if (chosen) return causeOf(chosen, isCertain(chosen) ? 'certain' : 'likely', [...explaining, ...first, ...found], evidence);
  return withoutCause(runbook, judged, first, evidence);
}

const SINCE_ONSET = new WeakMap<Evidence, Evidence>();

/** A cause begins with the trouble, which an alarm sees minutes later. What is known of evidence is kept by its identity. */
function sinceOnset(evidence: Evidence): Evidence {
  const known = SINCE_ONSET.get(evidence);
  if (known) return known;
  const onsets = hurtingChannels(troubleOf(evidence)).flatMap(({ channel }) =>
    typeof channel.onset === 'number' && !isEarlier(channel, evidence.firstSignMs) ? channel.onset : [],
  );
  const firstSignMs = Math.min(evidence.firstSignMs, ...onsets);
  const since = firstSignMs === evidence.firstSignMs ? evidence : { ...evidence, firstSignMs };
  SINCE_ONSET.set(evidence, since);
  return since;
}

const isAsEver = ({ explains }: Row, evidence: Evidence): boolean => explains.time?.(evidence) === 'before';

/** What can hurt people, and is as old as what was looked at, while they are hurt by what began: a check by day, and not the cause. */
export const asEver = (evidence: Evidence, runbook: Runbook): readonly Cause[] =>
  ROWS.filter((row) => row.runbook === runbook && isAsEver(row, evidence))
    .map((row) => judgeRow(row, evidence))
    .filter((one) => isFound(one) && reachOf(one, evidence) === 'part')
    .map(({ row }) => row.cause);

/** What has to be read, and be as usual, before a runbook says that nothing is wrong. */
const TO_READ: Readonly<Record<Runbook, readonly ChannelName[]>> = {
  'logged-out': DECISIVE,
  'store-failure': ['nodes', 'reach', 'refusedWrites', 'storeErrors', ...DECISIVE],
  'session-explosion': ['memory', 'evictions', 'refusedWrites'],
};

/** What fills a store shows in its content, also while it has room. */
const GROWTH: readonly Judge[] = [memoryGrows, sessionsWithoutTtl, moreSessions];

function withoutCause(runbook: Runbook, judged: readonly JudgedRow[], parts: readonly JudgedRow[], evidence: Evidence): Finding {
  const trouble = troubleOf(evidence);
  const growth = runbook === 'session-explosion' ? GROWTH.map((judge) => judge(evidence)) : [];
  const grows = growth.filter(({ truth }) => truth === true);
  const shown = [...grows, ...shownOf(trouble, evidence)];
  const decisive = TO_READ[runbook];
  const missing = [...growth.filter(({ truth }) => truth === null), ...missingOf(trouble, decisive)];
  const isQuiet = grows.length === 0 && decisive.every((name) => !isTroubled(trouble.channels[name]));
  // The finding `nothing` needs evidence that rules out every cause: a source that gave nothing can be the only one that shows it.
  const isRuledOut = judged.every(({ state }) => state === 'out');
  const isReadable = runbook === 'session-explosion' || !someLogUndated(evidence);
  if (isQuiet && isRuledOut && isReadable && trouble.kind === 'none')
    return { verdict: 'nothing', because: reasons(usualOf(trouble, decisive)), missing: reasons(missing) };
  const candidates = judged.filter(({ state }) => state === 'open');
  const possible = parts.filter(({ row }) => !isAsEver(row, evidence));
  return {
    verdict: 'unknown',
    shown: reasons(shown),
    candidates: [...new Set([...possible, ...candidates].map(({ row }) => row.cause))],
    missing: reasons([...candidates.flatMap(({ needs }) => needs).filter(({ truth }) => truth === null), ...missing]),
  };
}

function causeOf(
  { row, needs, refuters }: JudgedRow,
  confidence: 'certain' | 'likely',
  found: readonly JudgedRow[],
  evidence: Evidence,
): Finding {
  // What fills a store begins long before anybody is hurt.
  const { onset } = row.runbook === 'session-explosion' ? { onset: null } : troubleOf(evidence);
  const sinceMs = leastOf(needs.flatMap(({ sinceMs: atMs }) => atMs ?? [])) ?? (typeof onset === 'number' ? onset : undefined);
  const also = found.map((one) => one.row.cause).filter((cause) => cause !== row.cause);
  const about = Object.entries(row.about ?? {})
    .map(([what, idOf]) => [what, idOf(evidence)] as const)
    .filter(([, id]) => id !== undefined);
  return {
    verdict: 'cause',
    cause: row.cause,
    confidence,
    sentence: sentenceSince(asUsersMeetIt(row, evidence), sinceMs, evidence),
    sinceMs: sinceMs ?? evidence.firstSignMs,
    because: reasons(needs),
    // What is not known first: it is what could still show otherwise.
    wouldRefute: row.not
      .map((condition, index) => wouldRefute(condition, refuters[index] as Judged))
      .toSorted((one, other) => Number('ruledOut' in one) - Number('ruledOut' in other)),
    ...(about.length > 0 && { about: Object.fromEntries(about) }),
    also: [...new Set<Cause>(also)],
  };
}

const wouldRefute = ({ name }: Condition, { truth, text, source }: Judged): Reason =>
  truth === null ? { text: `${name} (${text})`, source } : { text, source, ruledOut: name };

const reasons = (judged: readonly Pick<Judged, 'text' | 'source'>[]): readonly Reason[] => [
  ...new Map(judged.map(({ text, source }) => [text, { text, source }])).values(),
];

function asUsersMeetIt(row: Row, evidence: Evidence): string {
  const isLost = isTroubled(troubleOf(evidence).channels.lost);
  if (!explainsErrors(row, evidence)) return row.sentence(evidence);
  return row
    .sentence(evidence)
    .replace(/(are|were) logged out/, (all, are) => `${are === 'are' ? 'get' : 'got'} errors${isLost ? ` or ${all}` : ''}`);
}

/** `Users are logged out because …, since 2026-11-22 03:12 UTC`: with the date, since it is read on other days too. */
const sentenceSince = (what: string, sinceMs: number | undefined, { firstSignMs }: Evidence): string =>
  `${capital(what)}, ${sinceMs === undefined ? 'seen since' : 'since'} ${dateTimeText(sinceMs ?? firstSignMs).slice(0, 16)} UTC`;
