/** An incident in a few words, for the rows of tables. Pure. */
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import { mitigationsOf } from './mitigations-of.ts';
import { plain } from './plain.ts';

/** A mitigation of it waits for a person. */
export const isWaiting = (incident: Pick<IncidentRecord, 'mitigations'>): boolean =>
  mitigationsOf(incident).some(([, { state }]) => state === 'waitingForApproval');

/** `leftBehind` → `left behind`; what waits does so for a person, and of what is only named nothing was done. */
export function stateText(state: MitigationState): string {
  if (state === 'waitingForApproval') return 'waits for approval';
  if (state === 'observed') return 'not carried out (observe)';
  return state.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `open`, `waits for approval`, `closed`, with `dry run`. */
export function incidentState(incident: Pick<IncidentRecord, 'closedAtMs' | 'dryRun' | 'mitigations'>): string {
  const { closedAtMs, dryRun } = incident;
  const state = closedAtMs !== undefined ? 'closed' : isWaiting(incident) ? 'waits for approval' : 'open';
  return dryRun ? `${state}, dry run` : state;
}

/** `stickiness-off (certain)`, `unknown`, `no trouble`, or `being investigated` while the runbook works. */
export function findingText({ finding }: Pick<IncidentRecord, 'finding'>): string {
  if (!finding) return 'being investigated';
  if (finding.verdict === 'cause') return `${finding.cause} (${finding.confidence})`;
  return finding.verdict === 'nothing' ? 'no trouble' : 'unknown';
}

/** `fleet web`; of an incident that concerns every fleet, `the session store`, or `every fleet` where users of any are logged out. */
export function aboutText({ fleet, runbook }: Pick<IncidentRecord, 'fleet' | 'runbook'>): string {
  if (fleet !== undefined) return `fleet ${plain(fleet)}`;
  return runbook === 'logged-out' ? 'every fleet' : 'the session store';
}
