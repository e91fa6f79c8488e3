/** An incident in a few words, for the rows of tables. Pure. */
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import { plain } from './plain.ts';

/** `leftBehind` → `left behind`; of what is only named nothing was done. */
export function stateText(state: MitigationState): string {
  if (state === 'observed') return 'not carried out (observe)';
  return state.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

/** `open`, `closed`, with `dry run`. */
export function incidentState(incident: Pick<IncidentRecord, 'closedAtMs' | 'dryRun'>): string {
  const { closedAtMs, dryRun } = incident;
  const state = closedAtMs !== undefined ? 'closed' : 'open';
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
