/** The first lines of a report: what is wrong since when, and how sure that is. Pure. */
import type { Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { plain } from './plain.ts';
import { dateTimeText } from './times.ts';

/** What people notice. */
const SYMPTOMS: Readonly<Record<Runbook, (fleet: string | undefined) => string>> = {
  'logged-out': (fleet) => `Users${fleet === undefined ? '' : ` of fleet ${fleet}`} may be getting logged out`,
  'store-failure': () => 'The session store may be failing',
  'session-explosion': () => 'Sessions may be filling the session store',
};

const firstSign = ({ signs, openedAtMs }: IncidentRecord, evidence: Evidence | undefined): number =>
  evidence?.firstSignMs ?? Math.min(openedAtMs, ...signs.filter(({ state }) => state === 'ALARM').map(({ atMs }) => atMs));

export function headlineOf(incident: IncidentRecord, evidence: Evidence | undefined): string {
  const { finding, runbook, fleet, signs } = incident;
  if (finding?.verdict === 'cause') return plain(finding.sentence);
  const since = dateTimeText(firstSign(incident, evidence));
  if (finding?.verdict === 'nothing') {
    const first = signs.find(({ state }) => state === 'ALARM')?.from;
    const began = first === undefined || first === 'person' ? 'A person started the runbook' : `Alarm ${plain(first)} fired`;
    return `${began} at ${since} UTC; the evidence shows no trouble.`;
  }
  const why = finding ? 'the evidence does not decide why' : 'the cause is not known yet';
  return `${SYMPTOMS[runbook](fleet)} since ${since} UTC; ${why}.`;
}

export function certaintyOf(finding: Finding | undefined): string {
  if (!finding) return 'Not known yet: the runbook has not finished reading the evidence.';
  if (finding.verdict === 'nothing')
    return finding.missing.length === 0
      ? 'Certain: everything that would show trouble was read.'
      : 'Likely: some of the evidence is missing, and could show trouble.';
  if (finding.verdict === 'unknown')
    return finding.candidates.length === 0
      ? 'Unknown: the evidence supports no cause that the runbook knows.'
      : `Unknown: the evidence rules out every cause but ${finding.candidates.join(', ')}.`;
  return finding.confidence === 'certain'
    ? 'Certain: every fact that could show otherwise is known, and none does.'
    : 'Likely: the evidence shows it, but does not rule out everything that could show otherwise.';
}

/** Causes that the evidence supports as well. */
export const othersOf = (finding: Finding | undefined): string[] =>
  finding?.verdict === 'cause' && finding.also.length > 0
    ? [`The evidence supports these causes as well: ${finding.also.join(', ')}.`]
    : [];
