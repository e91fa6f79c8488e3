/** The first lines of a report: what is wrong since when, and how sure that is. Pure. */

import { dateTimeText } from '../../shared/times.ts';
import type { Finding, Runbook } from '../contract/causes.ts';
import { type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { sentenceOf } from '../trouble/sentences.ts';
import { hurtingChannels, troubleOf } from '../trouble/trouble.ts';
import { plain } from './plain.ts';

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
  if (finding?.verdict === 'cause') return `${plain(finding.sentence)}.`;
  const since = dateTimeText(firstSign(incident, evidence));
  if (finding?.verdict === 'nothing') {
    const first = signs.find(({ state }) => state === 'ALARM')?.from;
    const began = first === undefined || first === 'person' ? 'A person started the runbook' : `Alarm ${plain(first)} fired`;
    return `${began} at ${since} UTC; the evidence shows no trouble.`;
  }
  const why = finding ? 'the evidence does not decide why' : 'the cause is not known yet';
  const [worst] = evidence ? hurtingChannels(troubleOf(evidence)) : [];
  if (finding && worst) {
    const shown = sentenceOf(worst.name, worst.channel, factsOf(evidence, 'servers')?.servers.length ?? 0);
    return `${fleet === undefined ? 'Every fleet' : `Fleet ${plain(fleet)}`}: ${plain(shown)}; ${why}.`;
  }
  return `${SYMPTOMS[runbook](fleet)} since ${since} UTC; ${why}.`;
}

/** How sure that is, in as few words as can be. */
export function certaintyOf(finding: Finding | undefined): string {
  if (!finding) return 'Not known yet: the runbook has not finished reading the evidence.';
  if (finding.verdict === 'nothing') return finding.missing.length === 0 ? 'Certain.' : `Likely: ${countOf(finding.missing)} not known.`;
  if (finding.verdict === 'unknown')
    return finding.candidates.length === 0
      ? 'Unknown: the evidence supports no cause that the runbook knows.'
      : `Unknown: it can still be ${finding.candidates.join(', ')}.`;
  if (finding.confidence === 'certain') return 'Certain.';
  const open = finding.wouldRefute.filter(({ ruledOut }) => ruledOut === undefined);
  return open.length === 0 ? 'Likely: what shows it does not prove it.' : `Likely: ${countOf(open)} not known.`;
}

const countOf = ({ length }: readonly unknown[]): string => (length === 1 ? '1 fact is' : `${length} facts are`);

/** Causes that the evidence supports as well. */
export const othersOf = (finding: Finding | undefined): string[] =>
  finding?.verdict === 'cause' && finding.also.length > 0
    ? [`The evidence supports these causes as well: ${finding.also.join(', ')}.`]
    : [];
