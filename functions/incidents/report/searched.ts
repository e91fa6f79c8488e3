/** What was searched, and what the canary met, where readers would miss it: in sentences. Pure. */
import { counted } from '../../shared/counted.ts';
import { clockText, minuteText } from '../../shared/times.ts';
import { CHANGES_COME_LATER, type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
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

/** What changed, and what was deployed, or that nothing was: from when until when that was searched. */
export const searchedOf = (
  incident: Pick<IncidentRecord, 'looked' | 'quietSinceMs' | 'closedAtMs'>,
  evidence: Evidence | undefined,
): string[] => (evidence === undefined ? [] : [...changesSearched(incident, evidence), ...deploysSearched(evidence)]);

function changesSearched(incident: Parameters<typeof searchedOf>[0], { sources: { changes }, fromMs, toMs }: Evidence): string[] {
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
  const between = `from ${clockText(searchedFromMs).slice(0, 5)} until ${minuteText(toMs)} (complete until ${clockText(completeUntilMs).slice(0, 5)})`;
  const found = changes.facts.changes.filter(({ kind }) => kind !== undefined && kind !== 'other');
  const latest = found.toSorted((one, other) => other.atMs - one.atMs)[0];
  const what =
    latest === undefined
      ? 'none that can cut users or servers off'
      : `${counted(found.length, 'change')}, the latest at ${minuteText(latest.atMs)}`;
  return [`Changes searched in CloudTrail ${between}: ${what}.`];
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
