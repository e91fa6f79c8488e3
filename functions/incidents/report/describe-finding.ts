/** The first lines of a report: who is hurt, how, since when and how sure that is; then why. Pure. */

import { capital } from '../../shared/capital.ts';
import { clockText, dateTimeText } from '../../shared/times.ts';
import type { Cause, Finding, Reason } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { Users } from '../trouble/users.ts';
import { memoryText } from './affected.ts';
import { causeList } from './cause-names.ts';
import { sentenceWithTimes } from './hurt-before.ts';
import { plain } from './plain.ts';
import { noConnections } from './step-facts.ts';
import { isAskedByPerson, type Urgency, urgencyOf } from './urgency.ts';

const firstSign = ({ signs, openedAtMs }: Pick<IncidentRecord, 'signs' | 'openedAtMs'>, evidence: Evidence | undefined): number =>
  evidence?.firstSignMs ?? Math.min(openedAtMs, ...signs.filter(({ state }) => state === 'ALARM').map(({ atMs }) => atMs));

/** Who is hurt, how, since when, and how sure the cause is. */
export function headlineOf(
  incident: IncidentRecord,
  evidence: Evidence | undefined,
  { text, isTimed, users }: Urgency = urgencyOf(incident, evidence),
): string {
  const { fleet, finding } = incident;
  const of = fleet === undefined ? '' : ` of fleet ${plain(fleet)}`;
  const who = text.replace(/^Users\b/, `${usersText(users)}${of}`).replace(/^Nobody\b/, of === '' ? 'Nobody' : `No user${of}`);
  const sinceMs = finding?.verdict === 'cause' ? finding.sinceMs : firstSign(incident, evidence);
  const looked =
    finding?.verdict === 'nothing' && evidence ? `read from ${clockText(evidence.fromMs)} until ${clockText(evidence.toMs)}` : undefined;
  const timed = isTimed ? who : `${who.replace(/\.$/, '')}; ${looked ?? `first seen at ${dateTimeText(sinceMs)}`} UTC.`;
  return `${timed} ${finding?.verdict === 'nothing' && isAskedByPerson(incident) ? 'The cause is not known.' : sureness(finding)}`;
}

/** `At least 120 users`; of one or none it says nothing. */
function usersText({ least, most }: Users = { least: 0, most: null }): string {
  const count = (number: number) => number.toLocaleString('en');
  const parts = [...(least > 1 ? [`at least ${count(least)}`] : []), ...(most !== null && most > 1 ? [`at most ${count(most)}`] : [])];
  return parts.length === 0 ? 'Users' : `${capital(parts.join(' and '))} users`;
}

function sureness(finding: Finding | undefined): string {
  if (finding === undefined) return 'The cause is not known yet.';
  if (finding.verdict === 'nothing') return certaintyOf(finding);
  if (finding.verdict === 'unknown') return 'The cause is not known.';
  return finding.confidence === 'certain' ? 'The cause is certain.' : 'The cause is likely, not certain.';
}

/** Their pages have the memory's figure. */
const OF_MEMORY: readonly Cause[] = ['store-full', 'evictions', 'not-sessions', 'missing-expiry', 'large-sessions'];

/** Why, and what is open about that. */
export function whyOf({ finding, signs, openedAtMs }: IncidentRecord, evidence: Evidence | undefined): string {
  if (finding?.verdict === 'cause') {
    const memory = OF_MEMORY.includes(finding.cause) ? memoryText(evidence) : undefined;
    return [
      `${plain(sentenceWithTimes(finding, evidence))}.`,
      ...(memory === undefined ? [] : [`The store has ${memory}.`]),
      // What else the evidence supports can be the reason for it.
      ...(finding.cause === 'store-full' ? othersOf(finding) : []),
      ...(finding.confidence === 'certain' ? [] : [certaintyOf(finding)]),
    ].join(' ');
  }
  const nodes = noConnections(evidence);
  if (finding?.verdict === 'unknown' && nodes !== undefined)
    return `The store answers, and takes no more connections (${nodes}). ${certaintyOf(finding)}`;
  if (finding?.verdict !== 'nothing') return certaintyOf(finding);
  const first = signs.find(({ state }) => state === 'ALARM')?.from;
  const began = first === undefined || first === 'person' ? 'A person started the runbook' : `Alarm ${plain(first)} fired`;
  return `${began} at ${dateTimeText(firstSign({ signs, openedAtMs }, evidence))} UTC; the evidence shows no trouble.`;
}

/** How sure that is, in as few words as can be. */
function certaintyOf(finding: Finding | undefined): string {
  if (!finding) return 'The runbook has not finished reading the evidence.';
  if (finding.verdict === 'nothing') return finding.missing.length === 0 ? 'Certain.' : `Likely; ${notKnown(finding.missing)}.`;
  if (finding.verdict === 'unknown')
    return finding.candidates.length === 0
      ? 'No cause that the runbook knows explains it.'
      : `It can still be one of these, and what would show it is missing: ${causeList(finding.candidates)}.`;
  const open = finding.wouldRefute.filter(({ ruledOut }) => ruledOut === undefined);
  return open.length === 0 ? 'What shows it does not prove it.' : `What could show otherwise is ${notKnown(open)}.`;
}

/** `not known: a failover is about to happen (and 2 more)` */
const notKnown = ([first, ...others]: readonly Reason[]): string =>
  `not known: ${plain(first?.text ?? '')}${others.length === 0 ? '' : ` (and ${others.length} more)`}`;

/** Causes that the evidence supports as well. */
export const othersOf = (finding: Finding | undefined): string[] =>
  finding?.verdict === 'cause' && finding.also.length > 0
    ? [`The evidence supports these causes as well: ${causeList(finding.also)}.`]
    : [];
