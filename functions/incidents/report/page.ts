/** An incident as a page that one hands to a colleague: one screen, and the rest. Text, Markdown, the message and the console show the same page. */

import { documentationAddress, runbookAddress } from '../../shared/runbook.ts';
import { capital, dateTimeText, dateTimeWithZone, durationFor, spanText } from '../../shared/texts.ts';
import { asEver } from '../classify/classify.ts';
import { loginRefused } from '../classify/facts/reach.ts';
import type { Reason, Runbook } from '../contract/causes.ts';
import { type Evidence, factsOf, NO_FLEET, SOURCE_NAMES, type Source } from '../contract/evidence.ts';
import { type IncidentRecord, isFlapping } from '../contract/incident.ts';
import { isTroubled } from '../trouble/channels.ts';
import { latestReading, nodesOf, servesWrites } from '../trouble/store-health.ts';
import { troubleOf } from '../trouble/trouble.ts';
import { changesBefore } from './changes-before.ts';
import { describeMitigations, mitigationsOf, summaryOf } from './describe-mitigations.ts';
import type { IncidentPage, Line, Place, ReportInput } from './incident-page.ts';
import { aboutText, placeText, titleOf } from './incident-row.ts';
import { newLinesOf } from './new-lines.ts';
import { nextSteps, rowOfLine } from './next-steps.ts';
import { plain } from './plain.ts';
import { causeList, SAYS } from './says.ts';
import { noConnections } from './step-facts.ts';
import { timelineOf } from './timeline.ts';
import { firstSign, headlineOf, isAskedByPerson, NOBODY_SEEN, peopleOf, type Urgency, urgencyOf } from './urgency.ts';

export function pageOf({ incident, evidence, place, nowMs, facts = [] }: ReportInput): IncidentPage {
  const { incidentId, runbook, finding, closedAtMs, openedAtMs, report } = incident;
  const urgency = urgencyOf(incident, evidence);
  const because = finding?.verdict === 'unknown' ? (finding.shown ?? []) : (finding?.because ?? []);
  const otherwise = !finding ? [] : finding.verdict === 'cause' ? finding.wouldRefute : finding.missing;
  const ruledOut = otherwise.filter((reason) => wasRead(reason, evidence));
  const done = describeMitigations(incident);
  const newLines = finding === undefined ? undefined : newLinesOf(evidence);
  const reach = finding === undefined || evidence === undefined ? undefined : reachText(evidence, runbook);
  return {
    incidentId,
    runbook,
    about: aboutText(incident),
    verdict: finding?.verdict ?? 'pending',
    ...(finding?.verdict === 'cause' && { cause: finding.cause, confidence: finding.confidence }),
    severity: urgency.severity,
    place: placeText(place),
    title: titleOf(incident, evidence),
    open: closedAtMs === undefined,
    openedAtMs,
    ...(closedAtMs !== undefined && { closedAtMs }),
    urgency: urgency.text,
    headline: headlineOf(incident, evidence, urgency),
    state: stateOf(incident, nowMs, urgency),
    people: facts.map(plain),
    ...changesBefore(finding, evidence),
    ...(newLines && { newLines }),
    ...(reach !== undefined && { reach }),
    why: causeText(incident, evidence),
    next: nextSteps(incident, evidence, place, nowMs),
    doneSummary: summaryOf(done, finding?.verdict ?? 'pending'),
    done,
    because: because.map(lineOf),
    ruledOut: ruledOut.map(({ text, ruledOut: noun = '' }) => ({ text: `${plain(noun)}: ${plain(text)}` })),
    notKnown: otherwise.filter((reason) => !ruledOut.includes(reason)).map(lineOf),
    facts: alsoOf(incident, evidence),
    timeline: timelineOf(incident, evidence, nowMs),
    gaps: gapsOf(evidence),
    links: linksOf(incident, place),
    ...(report && { report: { markdownKey: report.markdownKey, evidenceKey: report.evidenceKey, evidenceSha256: report.evidenceSha256 } }),
  };
}

/** What rules something out was read: a source that gave nothing rules out nothing, and neither does none of none. */
function wasRead({ ruledOut, source, text }: Reason, evidence: Evidence | undefined): boolean {
  const collected = evidence?.sources[source as Source];
  return ruledOut !== undefined && !(collected !== undefined && 'gap' in collected) && !/\b0 of 0\b/.test(text);
}

/** What the runbook does now; nothing once it has ended. */
const STAGES: Readonly<Partial<Record<IncidentRecord['stage'], string>>> = {
  collecting: 'the runbook is collecting evidence',
  classifying: 'the runbook is looking for the cause in the evidence',
  deciding: 'the runbook is deciding what to do',
  acting: 'the runbook is carrying out a mitigation',
  verifying: 'the runbook is checking what a mitigation changed',
  reporting: 'the runbook is writing its report',
};
const WHEN_TO_ACT = { high: 'Act now.', medium: 'Watch it.', low: 'It can wait until the morning.' } as const;
const MINUTE_MS = 60_000;

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

export function causeText(incident: IncidentRecord, evidence: Evidence | undefined): string {
  const { finding, signs } = incident;
  if (finding === undefined) return 'The cause is not known yet: the evidence is being read.';
  if (finding.verdict === 'cause') {
    const sure = finding.confidence === 'certain' ? 'Certain' : 'Likely, not certain';
    const now = urgencyOf(incident, evidence);
    const isDenied =
      /^users\b/i.test(finding.sentence) && (now.severity === 'low' || now.text.includes(NOBODY_SEEN)) && peopleOf(now) !== 'before';
    return [
      // What the head denies, no sentence of the cause says.
      `${sure}: ${isDenied ? SAYS[finding.cause].name : plain(finding.sentence)}.`,
      ...(incident.runbook === 'session-explosion' || finding.cause === 'store-full' ? memoryText(evidence) : []),
      ...(finding.confidence === 'likely' && finding.also.length > 0 ? [`The evidence supports as well: ${causeList(finding.also)}.`] : []),
    ].join(' ');
  }
  if (finding.verdict === 'unknown') {
    const full = noConnections(evidence);
    if (rowOfLine(evidence) !== undefined) return 'What the new lines of the logs say; no other cause is known.';
    return [
      'The cause is not known.',
      ...(full === undefined ? [] : [`The store answers, and takes no more connections (${full}).`]),
      ...(finding.candidates.length === 0 ? [] : [`Not ruled out: ${causeList(finding.candidates)}.`]),
    ].join(' ');
  }
  if (isAskedByPerson(incident)) return 'The cause is not known: the evidence shows no trouble.';
  const first = signs.find(({ state }) => state === 'ALARM')?.from;
  const began = first === undefined || first === 'person' ? 'A person started the runbook' : `Alarm ${plain(first)} fired`;
  const [missing] = finding.missing;
  const sure = missing === undefined ? 'Certain' : `Likely, not known: ${plain(missing.text)}`;
  return `${began} at ${dateTimeWithZone(firstSign(incident, evidence))}; the evidence shows no trouble. ${sure}.`;
}

/** `The store has 100 % of 100 MB in use, policy noeviction.`, of the fullest node that was read. */
function memoryText(evidence: Evidence | undefined): readonly string[] {
  const shares = ((evidence && nodesOf(evidence)) ?? []).flatMap(({ memoryUsedBytes, memoryMaxBytes, policy }) =>
    memoryUsedBytes !== undefined && memoryMaxBytes ? [{ part: memoryUsedBytes / memoryMaxBytes, memoryMaxBytes, policy }] : [],
  );
  const [fullest] = shares.toSorted((one, other) => other.part - one.part);
  if (fullest === undefined) return [];
  const policy = fullest.policy === undefined ? '' : `, policy ${plain(fullest.policy)}`;
  const megabytes = Math.max(1, Math.round(fullest.memoryMaxBytes / 2 ** 20)).toLocaleString('en');
  const left = (evidence && latestReading(evidence)?.secondsUntilFull) ?? undefined;
  const forecast = left === undefined ? '' : `; at this growth it is full in ${spanText(left)}`;
  return [`The store has ${Math.round(fullest.part * 100)} % of ${megabytes} MB in use${policy}${forecast}.`];
}

const MOST_OF_ERROR = 60;

const OF_STORE = ['nodes', 'reach', 'storeErrors', 'refusedWrites'] as const;

/** Who reaches the store: each by its own view, since a time-out of an observer is a fact about the observer. */
function reachText(evidence: Evidence, runbook: Runbook): string | undefined {
  const { channels } = troubleOf(evidence);
  if (runbook !== 'store-failure' && !OF_STORE.some((name) => isTroubled(channels[name]))) return undefined;
  const nodes = nodesOf(evidence);
  const primary = nodes.find(servesWrites);
  const [failed] = nodes.filter(({ state }) => state !== 'ok');
  const of = failed === undefined ? '' : ` (${plain(failed.error ?? failed.unreachableReason ?? failed.state).slice(0, MOST_OF_ERROR)})`;
  const asked = (factsOf(evidence, 'servers')?.servers ?? []).filter(({ store }) => store !== undefined);
  const refused = asked.filter(loginRefused).length;
  const reaching = asked.filter(({ store }) => store?.reachable === true && store.error === undefined);
  const notReady = reaching.filter(({ ready }) => ready === false).length;
  const group = factsOf(evidence, 'storeGroup');
  const parts = [
    ...(nodes.length === 0
      ? []
      : [primary === undefined ? `the collector reaches no primary${of}` : `the collector reaches a primary${pingOf(primary.pingMs)}`]),
    ...(factsOf(evidence, 'witness')?.fleets ?? []).map(
      ({ fleet, state, tookMs }) => `the witness of ${plain(fleet)}: ${state}${pingOf(tookMs)}`,
    ),
    ...(asked.length === 0
      ? []
      : [
          `${reaching.length} of ${asked.length} servers reach it${refused > 0 ? `, and ${refused} are refused their login` : ''}${notReady > 0 ? `, of which ${notReady} are not ready` : ''}`,
        ]),
    ...(group === undefined ? [] : [`ElastiCache says ${plain(group.status)}`]),
  ];
  return parts.length === 0 ? undefined : `${capital(parts.join('; '))}.`;
}

const pingOf = (ms: number | undefined): string => (ms === undefined ? '' : ` (${Math.round(ms)} ms)`);

/** How a canary's gap begins whose log-in or page fails: users meet the same. */
const CANARY_FAILS = 'the canary does not work: ';

/** What else the evidence has, and what the runbook met itself. */
function alsoOf({ finding, runbook, troubles = [] }: IncidentRecord, evidence: Evidence | undefined): readonly string[] {
  const canary = evidence?.sources.canary;
  const failing = canary && 'gaps' in canary ? (canary.gaps ?? []).filter((gap) => gap.startsWith(CANARY_FAILS)) : [];
  const all = factsOf(evidence, 'balancer')?.targets ?? [];
  const targets = all.filter(({ state }) => state !== 'healthy');
  const reasons = [...new Set(targets.map(({ state, reason }) => reason ?? state))].join(', ');
  return [
    ...failing.map((gap) => `The canary, which logs in from outside, fails: ${plain(gap.slice(CANARY_FAILS.length))}.`),
    ...(targets.length === 0 ? [] : [plain(`${targets.length} of ${all.length} targets are not healthy (${reasons}).`)]),
    ...(finding?.verdict === 'unknown' && evidence ? asEver(evidence, runbook) : []).map(
      (cause) => `As ever, so that it did not begin this: ${SAYS[cause].name}.`,
    ),
    ...(finding?.verdict === 'nothing' && runbook === 'session-explosion' ? memoryText(evidence) : []),
    ...troubles.map((trouble) => `In the runbook itself: ${plain(trouble)}`),
  ];
}

/** A line of the page. It names the source, in the words of people, unless its text begins with that name. */
function lineOf({ text, source }: Line): Line {
  const name = source && nameOf(source);
  return { text: plain(text), ...(name && !startsWith(text, name) && { source: name }) };
}

const nameOf = (source: string): string => SOURCE_NAMES[source] ?? plain(source);
const startsWith = (text: string, name: string): boolean => text.toLowerCase().startsWith(name.toLowerCase());
const gapText = (source: string, gap: string): string =>
  startsWith(gap, nameOf(source)) ? plain(gap) : `${nameOf(source)}: ${plain(gap)}`;

/** What is missing for want of a fleet is said once; what the canary meets is what users meet. */
const gapsOf = (evidence: Evidence | undefined): readonly string[] => [
  ...new Set(
    Object.entries(evidence?.sources ?? {}).flatMap(([source, collected]) => {
      if (!('gap' in collected))
        return (collected.gaps ?? []).filter((gap) => !gap.startsWith(CANARY_FAILS)).map((gap) => gapText(source, gap));
      return collected.gap === NO_FLEET ? [plain(capital(NO_FLEET))] : [gapText(source, collected.gap)];
    }),
  ),
];

function linksOf(incident: IncidentRecord, place: Place): string[] {
  const { signs, finding, fleet } = incident;
  const { installation, fleets, documentation } = place;
  const prefixes = [...(fleet ? [fleet] : fleets), 'store'].map((part) => `${installation}-${part}-`);
  const headings = signs.flatMap(({ from }) => prefixes.flatMap((prefix) => (from.startsWith(prefix) ? [from.slice(prefix.length)] : [])));
  const known = [...new Set(headings)].filter((heading) => /^[a-z0-9-]+$/.test(heading));
  const cause = finding?.verdict === 'cause' ? [finding.cause] : [];
  // What a mode is, and how to set another one for the next time.
  const isObserved = mitigationsOf(incident).some(([, { state }]) => state === 'observed');
  return [
    ...known.map((heading) => inConsole(heading, place) ?? runbookAddress(heading, documentation)),
    ...cause.map((name) => inConsole(name, place) ?? documentationAddress(`incidents.md#${name}`, documentation)),
    ...(isObserved ? [documentationAddress('mitigations.md', documentation)] : []),
  ];
}

/** The local console has the runbook's headings and the causes; it is used where the configuration has no address of the documentation. */
const inConsole = (name: string, { documentation, console }: Place): string | undefined =>
  documentation === undefined && console !== undefined ? `${console}#/runbook/${name}` : undefined;
