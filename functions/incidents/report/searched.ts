/** What was searched, what stands next to the trouble, and what the canary met, where readers would miss it: in sentences. Pure. */
import { counted } from '../../shared/counted.ts';
import { clockText, minuteText } from '../../shared/times.ts';
import { CHANGES_COME_LATER, type Evidence, type Facts, factsOf, LATEST_MINUTE, NO_FLEET, SOURCE_NAMES } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { beganMs } from '../trouble/changes.ts';
import { failoversOf } from '../trouble/failovers.ts';
import { cameBackWith } from '../trouble/store-away.ts';
import { plain } from './plain.ts';

/** The gap of a source that an installation does not have. */
export const NOT_INSTALLED = 'this installation has no such source';

/** How a canary's gap begins whose log-in or page fails: users meet the same. */
export const CANARY_FAILS = 'the canary does not work: ';

export function canaryFails(evidence: Evidence | undefined): string[] {
  const canary = evidence?.sources.canary;
  const gaps = canary && 'gaps' in canary ? (canary.gaps ?? []) : [];
  return gaps.flatMap((gap) =>
    gap.startsWith(CANARY_FAILS) ? [`The canary, which logs in from outside, fails: ${plain(gap.slice(CANARY_FAILS.length))}.`] : [],
  );
}

const MINUTE_MS = 60_000;
/** Onsets are whole minutes, and events are reported late. */
const APART_MS = 3 * MINUTE_MS;
/** What ended so shortly before can have begun it. */
const BEFORE_MS = 15 * MINUTE_MS;

/** The one that began the trouble, and the one that ended it. */
const MOST_DEPLOYS = 2;

/** What decides where to look first: what ended shortly before the trouble, or had not ended, and what of its minutes is not known. */
export function besideOf({ finding }: Pick<IncidentRecord, 'finding'>, evidence: Evidence | undefined): string[] {
  if (evidence === undefined || finding === undefined || finding.verdict === 'nothing') return [];
  const began = beganMs(evidence);
  const times = [began, evidence.firstSignMs, ...(finding.verdict === 'cause' ? [finding.sinceMs] : [])];
  const isNear = (fromMs: number, untilMs: number) => times.some((atMs) => atMs >= fromMs - APART_MS && atMs <= untilMs + BEFORE_MS);
  const deploys = (factsOf(evidence, 'deploys')?.deploys ?? []).filter(
    ({ startedAtMs, finishedAtMs = evidence.toMs }) => isNear(startedAtMs, finishedAtMs) || startedAtMs > began,
  );
  const all = failoversOf(evidence);
  const failovers = all.some((atMs) => isNear(atMs, atMs)) ? all : [];
  const left = cameBackWith(evidence);
  const isOpen = finding.verdict === 'unknown' || finding.confidence !== 'certain';
  const { changes } = evidence.sources;
  const completeMs = changes && 'facts' in changes ? changes.facts.completeUntilMs : began;
  return [
    ...deploys.slice(0, MOST_DEPLOYS).toReversed().map(deployText),
    ...(failovers.length > 0 ? [`The store failed over at ${failovers.map(clockText).join(' and ')} UTC.`] : []),
    ...(left === undefined ? [] : [`It came back without its data, with ${left} sessions: users log in once more.`]),
    ...(isOpen && completeMs < began && foundOf(evidence).length === 0 ? [notKnownYet(completeMs, evidence)] : []),
    ...notRead(evidence),
  ];
}

const ENDED: Readonly<Record<string, string>> = { FAILED: 'failed', ABORTED: 'was aborted', TIMED_OUT: 'timed out' };

function deployText({ from, to, restart, status, startedAtMs, finishedAtMs }: Facts['deploys']['deploys'][number]): string {
  const what = restart === undefined ? `deploy from ${from} to ${to}` : `restart of ${restart}`;
  const when =
    finishedAtMs === undefined ? `runs since ${minuteText(startedAtMs)}` : `${ENDED[status] ?? 'ended'} at ${minuteText(finishedAtMs)}`;
  return plain(`The ${what} ${when}.`);
}

/** Of what shows people's trouble by the minute. */
function notRead({ sources }: Evidence): string[] {
  return (['traffic', 'servers'] as const).flatMap((source) => {
    const collected = sources[source];
    if (collected === undefined) return [];
    if ('gap' in collected)
      return [NOT_INSTALLED, NO_FLEET].includes(collected.gap) ? [] : [plain(`Not read: ${SOURCE_NAMES[source]} (${collected.gap}).`)];
    const lastMs = Date.parse((collected.gaps ?? []).find((gap) => gap.startsWith(LATEST_MINUTE))?.slice(LATEST_MINUTE.length) ?? '');
    return Number.isNaN(lastMs)
      ? []
      : [`CloudWatch has no minute of the load balancer after ${minuteText(lastMs)}: no request has come since, or its metrics are late.`];
  });
}

const notKnownYet = (completeMs: number, { toMs }: Evidence): string =>
  `Changes from ${clockText(completeMs).slice(0, 5)} until ${minuteText(toMs)} are not all known yet: look again at ${minuteText(toMs + (toMs - completeMs))}.`;

const foundOf = (evidence: Evidence) =>
  (factsOf(evidence, 'changes')?.changes ?? []).filter(({ kind }) => kind !== undefined && kind !== 'other');

/** What changed, and what was deployed, or that nothing was: from when until when that was searched. */
export const searchedOf = (
  incident: Pick<IncidentRecord, 'looked' | 'quietSinceMs' | 'closedAtMs'>,
  evidence: Evidence | undefined,
): string[] => (evidence === undefined ? [] : [...changesSearched(incident, evidence), ...deploysSearched(evidence)]);

function changesSearched(incident: Parameters<typeof searchedOf>[0], evidence: Evidence): string[] {
  const { fromMs, toMs } = evidence;
  const { changes } = evidence.sources;
  if (changes === undefined) return [];
  if ('gap' in changes && changes.gap.startsWith(CHANGES_COME_LATER)) {
    const { looked, quietSinceMs, closedAtMs } = incident;
    if (looked !== undefined && looked.atMs > toMs)
      return [`The re-check at ${minuteText(looked.atMs)} found no change that is new to the finding.`];
    return quietSinceMs !== undefined || closedAtMs !== undefined
      ? ['Changes were not read: no alarm was on any more when the re-check was due.']
      : [
          `Changes are not read yet, since CloudTrail is minutes late: the next re-check reads them, by ${changes.gap.slice(CHANGES_COME_LATER.length)}.`,
        ];
  }
  if ('gap' in changes) return changes.gap === NOT_INSTALLED ? [] : [`Changes were not read: ${plain(changes.gap)}.`];
  const { completeUntilMs, fromMs: searchedFromMs = fromMs } = changes.facts;
  const found = foundOf(evidence);
  const latest = found.toSorted((one, other) => other.atMs - one.atMs)[0];
  const what =
    latest === undefined
      ? 'none that can cut users or servers off (DNS and CloudFront are not searched)'
      : `${counted(found.length, 'change')}, the latest at ${minuteText(latest.atMs)}`;
  const untilMs = Math.max(Math.min(completeUntilMs, toMs), latest?.atMs ?? 0);
  return [
    `Changes searched in CloudTrail from ${clockText(searchedFromMs).slice(0, 5)} until ${minuteText(untilMs)}: ${what}.${completeUntilMs < toMs ? ` ${notKnownYet(completeUntilMs, evidence)}` : ''}`,
  ];
}

function deploysSearched(evidence: Evidence): string[] {
  const deploys = factsOf(evidence, 'deploys')?.deploys;
  if (deploys === undefined) return ['Deploys were not read.'];
  const between = `from ${clockText(evidence.fromMs).slice(0, 5)} until ${minuteText(evidence.toMs)}`;
  const [latest] = deploys;
  if (latest === undefined) return [`Deploys searched ${between}: none.`];
  const ended = latest.finishedAtMs === undefined ? ', which runs' : `, which ended at ${minuteText(latest.finishedAtMs)}`;
  return [
    plain(
      `Deploys searched ${between}: ${counted(deploys.length, 'deploy')}, the latest from ${latest.from} to ${latest.to}, begun at ${minuteText(latest.startedAtMs)}${ended}.`,
    ),
  ];
}
