/** An incident as a page that one hands to a colleague: sentences, commands and a timeline. Text, Markdown and the console show the same page. */

import { capital } from '../../shared/capital.ts';
import { nounFor } from '../../shared/counted.ts';
import { documentationAddress, runbookAddress } from '../../shared/runbook.ts';
import { dateTimeText, durationFor } from '../../shared/times.ts';
import { asEver } from '../classify/classify.ts';
import { judgeRow } from '../classify/judge-row.ts';
import type { JudgedRow } from '../classify/row.ts';
import { ROWS } from '../classify/table.ts';
import type { Reason, Runbook } from '../contract/causes.ts';
import { type Evidence, NO_FLEET, SOURCE_NAMES, type Source } from '../contract/evidence.ts';
import { type IncidentRecord, isFlapping } from '../contract/incident.ts';
import { affectedBy } from './affected.ts';
import { calmFacts } from './calm.ts';
import { CAUSE_NAMES } from './cause-names.ts';
import { headlineOf, othersOf, whyOf } from './describe-finding.ts';
import { describeMitigations, summaryOf } from './describe-mitigation.ts';
import type { IncidentPage, Line, Place, ReportInput } from './incident-page.ts';
import { aboutText } from './incident-row.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { newLinesOf } from './new-lines.ts';
import { nextSteps } from './next-steps.ts';
import { plain } from './plain.ts';
import { besideOf, CANARY_FAILS, canaryFails, NOT_INSTALLED, searchedOf } from './searched.ts';
import { placeText, titleOf } from './subject.ts';
import { timelineOf } from './timeline.ts';
import { unusual } from './unusual.ts';
import { peopleOf, type Urgency, urgencyOf } from './urgency.ts';
import { elseText } from './what-else.ts';

/** What the runbook does now; nothing once it has ended. */
const STAGES: Readonly<Partial<Record<IncidentRecord['stage'], string>>> = {
  collecting: 'the runbook is collecting evidence',
  classifying: 'the runbook is looking for the cause in the evidence',
  deciding: 'the runbook is deciding what to do',
  acting: 'the runbook is carrying out a mitigation',
  verifying: 'the runbook is checking what a mitigation changed',
  reporting: 'the runbook is writing its report',
};

const MINUTE_MS = 60_000;

export function pageOf({ incident, evidence, place, nowMs, facts = [] }: ReportInput): IncidentPage {
  const { incidentId, runbook, finding, closedAtMs, openedAtMs, report } = incident;
  const urgency = urgencyOf(incident, evidence);
  const because = finding?.verdict === 'unknown' ? (finding.shown ?? []) : (finding?.because ?? []);
  const otherwise = !finding ? [] : finding.verdict === 'cause' ? finding.wouldRefute : finding.missing;
  const ruledOut = otherwise.filter((reason) => wasLookedAt(reason, evidence));
  const done = describeMitigations(incident);
  const gaps = gapsOf(evidence);
  const newLines = finding === undefined ? undefined : newLinesOf(evidence);
  return {
    incidentId,
    runbook,
    about: aboutText(incident),
    verdict: finding?.verdict ?? 'pending',
    ...(finding?.verdict === 'cause' && { cause: finding.cause, confidence: finding.confidence }),
    headline: headlineOf(incident, evidence, urgency),
    why: [whyOf(incident, evidence), ...elseText(finding, evidence), ...besideOf(incident, evidence)].join(' '),
    severity: urgency.severity,
    place: placeText(place),
    title: titleOf(incident, evidence),
    state: stateOf(incident, nowMs, urgency),
    open: closedAtMs === undefined,
    openedAtMs,
    ...(closedAtMs !== undefined && { closedAtMs }),
    urgency: urgency.text,
    affected: [...affectedBy({ incident, evidence, fleets: place.fleets, people: peopleOf(urgency) }), ...facts.map(plain)],
    because: because.map(lineOf),
    ruledOut:
      finding?.verdict === 'unknown' && evidence
        ? testedCauses(evidence, runbook)
        : ruledOut.map((reason) => ruledOutOf(reason, reason.ruledOut ?? '')),
    notKnown: otherwise.filter((reason) => !ruledOut.includes(reason)).map(lineOf),
    facts: [
      ...(finding?.verdict === 'cause' && finding.cause === 'store-full' ? [] : othersOf(finding)),
      ...canaryFails(evidence),
      ...(finding?.verdict === 'unknown' ? unusual(evidence) : []),
      ...(evidence && finding?.verdict === 'unknown'
        ? asEver(evidence, runbook).map((cause) => `As ever, so that it did not begin this: ${CAUSE_NAMES[cause]}.`)
        : []),
      ...(finding?.verdict === 'nothing' ? calmFacts(evidence, runbook) : []),
      ...replacedServers(evidence),
      ...(incident.troubles ?? []).map((trouble) => `In the runbook itself: ${plain(trouble)}`),
    ],
    ...(newLines && { newLines }),
    searched: finding === undefined || finding.verdict === 'nothing' ? [] : searchedOf(incident, evidence),
    doneSummary: summaryOf(done, finding?.verdict ?? 'pending'),
    done,
    next: nextSteps(incident, evidence, place, nowMs),
    timeline: timelineOf(incident, evidence, nowMs),
    gaps: gaps.filter(({ isUsual }) => !isUsual).map(({ text }) => text),
    usualGaps: gaps.filter(({ isUsual }) => isUsual).map(({ text }) => text),
    links: linksOf(incident, place),
    ...(report && { report: { markdownKey: report.markdownKey, evidenceKey: report.evidenceKey, evidenceSha256: report.evidenceSha256 } }),
  };
}

/** What rules something out was read: a source that gave nothing rules out nothing, and neither does none of none. */
function wasLookedAt({ ruledOut, source, text }: Reason, evidence: Evidence | undefined): boolean {
  const collected = evidence?.sources[source as Source];
  return ruledOut !== undefined && !(collected !== undefined && 'gap' in collected) && !/\b0 of 0\b/.test(text);
}

const WHEN_TO_ACT = { high: 'Act now.', medium: 'Watch it.', low: 'It can wait until the morning.' } as const;

function stateOf(incident: IncidentRecord, nowMs: number, urgency: Urgency): string {
  const { stage, openedAtMs, closedAtMs, dryRun, unsent, finding, alarms } = incident;
  const isAsked = closedAtMs === undefined && finding !== undefined && finding.verdict !== 'nothing';
  const on = Object.entries(alarms).flatMap(([name, { state }]) => (state === 'ALARM' && name !== 'person' ? [plain(name)] : []));
  const stageText = STAGES[stage];
  // Right after it opened, for how long it has been open says nothing.
  const open = nowMs - openedAtMs < MINUTE_MS ? [] : [`open for ${durationFor(openedAtMs, nowMs)}`];
  const parts =
    closedAtMs === undefined
      ? [...open, ...(stageText ? [stageText] : [])]
      : [`closed at ${dateTimeText(closedAtMs)} UTC, after ${durationFor(openedAtMs, closedAtMs)}`];
  return [
    ...(isAsked ? [WHEN_TO_ACT[urgency.severity]] : []),
    // An alarm is OK some minutes after what it is about.
    ...(isAsked && peopleOf(urgency) === 'before' && on.length > 0 ? [`Still in ALARM: ${on.join(', ')}.`] : []),
    ...(parts.length === 0 ? [] : [`${capital(parts.join('; '))}.`]),
    ...(isFlapping(incident, nowMs) ? ['Its alarms go on and off: the runbook runs no more than once per cool-down.'] : []),
    ...(dryRun ? ['Dry run: nothing is changed.'] : []),
    ...(unsent ? [`The report of this run is not sent yet (${plain(unsent.reason)}); it is sent later.`] : []),
  ].join(' ');
}

/** Auto Scaling is fast: what it replaced before the runbook could keep it is named. */
function replacedServers(evidence: Evidence | undefined): string[] {
  const scaling = evidence?.sources.scaling;
  if (!scaling || 'gap' in scaling || scaling.facts.replacedUnhealthy === 0) return [];
  const { replacedUnhealthy: count, firstTerminationMs } = scaling.facts;
  const since = firstTerminationMs ? `, the first server that it ended at ${dateTimeText(firstTerminationMs)} UTC` : '';
  return [`Auto Scaling replaced ${count} unhealthy ${nounFor(count, 'server')} in the hour before${since}.`];
}

/** A line of the page. It names the source, in the words of people, unless its text begins with that name. */
function lineOf({ text, source }: Line): Line {
  const name = source && nameOf(source);
  return { text: plain(text), ...(name && !startsWith(text, name) && { source: name }) };
}

/** The fact without its source, which the noun names. */
const ruledOutOf = ({ text }: Line, noun: string): Line => ({ text: `${plain(noun)}: ${plain(text)}` });

const nameOf = (source: string): string => SOURCE_NAMES[source] ?? plain(source);
const startsWith = (text: string, name: string): boolean => text.toLowerCase().startsWith(name.toLowerCase());
const gapText = (source: string, gap: string): string =>
  startsWith(gap, nameOf(source)) ? plain(gap) : `${nameOf(source)}: ${plain(gap)}`;

/** `gap`: it gave nothing. What is missing for want of a fleet is said once. */
const gapsOf = (evidence: Evidence | undefined) => {
  const all = Object.entries(evidence?.sources ?? {});
  const lacksFleet = (collected: object) => 'gap' in collected && collected.gap === NO_FLEET;
  return [
    ...(all.some(([, collected]) => lacksFleet(collected)) ? [{ text: plain(capital(NO_FLEET)), isUsual: false }] : []),
    ...otherGapsOf(all.filter(([, collected]) => !lacksFleet(collected))),
  ];
};

const otherGapsOf = (sources: readonly [string, Evidence['sources'][Source] & object][]) =>
  sources.flatMap(([source, collected]) =>
    'gap' in collected
      ? [{ text: gapText(source, collected.gap), isUsual: source === 'canary' || source === 'changes' || collected.gap === NOT_INSTALLED }]
      : (collected.gaps ?? [])
          // What the canary meets is what users meet.
          .filter((gap) => !gap.startsWith(CANARY_FAILS))
          .map((gap) => ({ text: gapText(source, gap), isUsual: source === 'changes' })),
  );

/** Candidates of an unknown cause that are linked: more of them are a table. */
const MOST_CAUSES = 3;

function linksOf({ signs, finding, fleet, mitigations }: IncidentRecord, place: Place): string[] {
  const { installation, fleets, documentation } = place;
  const prefixes = [...(fleet ? [fleet] : fleets), 'store'].map((part) => `${installation}-${part}-`);
  const headings = signs.flatMap(({ from }) =>
    prefixes.filter((prefix) => from.startsWith(prefix)).map((prefix) => from.slice(prefix.length)),
  );
  const causes =
    finding?.verdict === 'cause' ? [finding.cause] : finding?.verdict === 'unknown' ? finding.candidates.slice(0, MOST_CAUSES) : [];
  // What a mode is, and how to set another one for the next time.
  const isObserved = mitigationsOf({ mitigations }).some(([, { state }]) => state === 'observed');
  return [
    ...[...new Set(headings)].filter((heading) => /^[a-z0-9-]+$/.test(heading)).map((heading) => headingAddress(heading, place)),
    ...causes.map((cause) => inConsole(cause, place) ?? documentationAddress(`incidents.md#${cause}`, documentation)),
    ...(isObserved ? [documentationAddress('mitigations.md', documentation)] : []),
  ];
}

const headingAddress = (heading: string, place: Place): string => inConsole(heading, place) ?? runbookAddress(heading, place.documentation);

/** The local console has the runbook's headings and the causes; it is used where the configuration has no address of the documentation. */
const inConsole = (name: string, { documentation, console }: Place): string | undefined =>
  documentation === undefined && console !== undefined ? `${console}#/runbook/${name}` : undefined;

/** Causes that the same fact speaks against are one line; lines with the most causes come first. */
function testedCauses(evidence: Evidence, runbook: Runbook): readonly Line[] {
  const out = ROWS.filter((row) => row.runbook === runbook || row.alsoFor === runbook)
    .map((row) => judgeRow(row, evidence))
    .flatMap((judged) => {
      const against = againstOf(judged);
      return against === undefined ? [] : [{ cause: judged.row.cause, ...against }];
    });
  return [...Map.groupBy(out, ({ text }) => text)]
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([text, group]) => ({ text: capital(`${group.map(({ cause }) => CAUSE_NAMES[cause]).join('; ')}: ${shortened(plain(text))}`) }));
}

/** A line of a list; the evidence has all of it. */
const MOST_CHARACTERS = 160;
const shortened = (text: string): string => (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS - 1)}…` : text);

/** What is firm before what a missing piece could change, and only what was looked at. */
function againstOf({ state, needs, refuters }: JudgedRow): { readonly text: string } | undefined {
  if (state !== 'out') return undefined;
  const against = [...needs.filter(({ truth }) => truth === false), ...refuters.filter(({ truth }) => truth === true)];
  return against.find(({ firm }) => firm) ?? against[0];
}
