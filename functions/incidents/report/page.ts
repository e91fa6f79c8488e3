/** An incident as a page that one hands to a colleague: sentences, commands and a timeline. Text, Markdown and the console show the same page. */
import { NAMES } from '../classify/judged.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { certaintyOf, headlineOf, othersOf } from './describe-finding.ts';
import { describeMitigations, summaryOf } from './describe-mitigation.ts';
import type { IncidentPage, Line, ReportInput } from './incident-page.ts';
import { aboutText, isWaiting } from './incident-row.ts';
import { nextSteps } from './next-steps.ts';
import { plain } from './plain.ts';
import { timelineOf } from './timeline.ts';
import { dateTimeText, durationFor } from './times.ts';

const STAGES: Readonly<Record<IncidentRecord['stage'], string>> = {
  collecting: 'the runbook is collecting evidence',
  classifying: 'the runbook is looking for the cause in the evidence',
  deciding: 'the runbook is deciding what to do',
  acting: 'the runbook is carrying out a mitigation',
  verifying: 'the runbook is checking what a mitigation changed',
  reporting: 'the runbook is writing its report',
  watching: 'the runbook has ended, and the incident closes after a quiet period',
  closed: 'closed',
};

export function pageOf({ incident, evidence, place, nowMs, facts = [] }: ReportInput): IncidentPage {
  const { incidentId, runbook, finding, closedAtMs, openedAtMs, report } = incident;
  const lines = (reasons: readonly Line[]) => reasons.map(lineOf);
  const because = !finding || finding.verdict === 'unknown' ? [] : finding.because;
  const otherwise = !finding ? [] : finding.verdict === 'cause' ? finding.wouldRefute : finding.missing;
  const done = describeMitigations(incident);
  return {
    incidentId,
    runbook,
    about: aboutText(incident),
    verdict: finding?.verdict ?? 'pending',
    ...(finding?.verdict === 'cause' && { cause: finding.cause, confidence: finding.confidence }),
    headline: headlineOf(incident, evidence),
    state: stateOf(incident, nowMs),
    open: closedAtMs === undefined,
    openedAtMs,
    ...(closedAtMs !== undefined && { closedAtMs }),
    certainty: certaintyOf(finding),
    because: lines(because),
    otherwise: lines(otherwise),
    facts: [
      ...othersOf(finding),
      ...facts.map(plain),
      ...replacedServers(evidence),
      ...(incident.troubles ?? []).map((trouble) => `In the runbook itself: ${plain(trouble)}`),
    ],
    doneSummary: summaryOf(done, finding?.verdict ?? 'pending'),
    done,
    next: nextSteps(incident, evidence, place, nowMs),
    timeline: timelineOf(incident, evidence, nowMs),
    gaps: gapsOf(evidence),
    ...(report && { report: { markdownKey: report.markdownKey, evidenceKey: report.evidenceKey, evidenceSha256: report.evidenceSha256 } }),
  };
}

function stateOf(incident: IncidentRecord, nowMs: number): string {
  const { stage, openedAtMs, closedAtMs, signCount, flapping, dryRun, unsent } = incident;
  const stageText = isWaiting(incident) && stage !== 'closed' ? 'a mitigation waits for approval' : STAGES[stage];
  const state =
    closedAtMs === undefined
      ? `Open for ${durationFor(openedAtMs, nowMs)}; ${stageText}.`
      : `Closed at ${dateTimeText(closedAtMs)} UTC, after ${durationFor(openedAtMs, closedAtMs)}.`;
  return [
    state,
    ...(signCount > 1 ? [`${signCount} changes of alarms joined it.`] : []),
    ...(flapping ? ['Its alarms go on and off: the runbook runs no more than once per cool-down.'] : []),
    ...(dryRun ? ['Dry run: nothing is changed.'] : []),
    ...(unsent ? [`The report of this run is not sent yet (${plain(unsent.reason)}); it is sent later.`] : []),
  ].join(' ');
}

/** Auto Scaling is fast: what it replaced before the runbook could keep it is named. */
function replacedServers(evidence: Evidence | undefined): string[] {
  const scaling = evidence?.sources.scaling;
  if (!scaling || 'gap' in scaling || scaling.facts.replacedUnhealthy === 0) return [];
  const count = scaling.facts.replacedUnhealthy;
  return [`Auto Scaling replaced ${count} unhealthy ${count === 1 ? 'server' : 'servers'} in this time.`];
}

/** With the source as people call it, where the text does not begin with it. */
function lineOf({ text, source }: Line): Line {
  const name = source && nameOf(source);
  return { text: plain(text), ...(name && !startsWith(text, name) && { source: name }) };
}

const nameOf = (source: string): string => NAMES[source] ?? plain(source);
const startsWith = (text: string, name: string): boolean => text.toLowerCase().startsWith(name.toLowerCase());
const gapText = (source: string, gap: string): string =>
  startsWith(gap, nameOf(source)) ? plain(gap) : `${nameOf(source)}: ${plain(gap)}`;

const gapsOf = (evidence: Evidence | undefined): string[] =>
  Object.entries(evidence?.sources ?? {}).flatMap(([source, collected]) => {
    if ('gap' in collected) return [gapText(source, collected.gap)];
    return (collected.gaps ?? []).map((gap) => gapText(source, gap));
  });
