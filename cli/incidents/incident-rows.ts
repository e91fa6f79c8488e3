/** Incidents as a table. Pure. */
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { mitigationsOf } from '../../functions/incidents/report/mitigations-of.ts';
import { plain } from '../../functions/incidents/report/plain.ts';
import { durationText } from '../../functions/shared/duration-text.ts';
import { table } from '../output.ts';

const HEAD = ['OPENED', 'DURATION', 'STATE', 'RUNBOOK', 'FLEET', 'FINDING', 'ID'];

/** `open`, `waits for approval`, `closed`, with `dry run`. */
export function incidentState(incident: IncidentRecord): string {
  const { closedAtMs, dryRun } = incident;
  const waits = mitigationsOf(incident).some(([, { state }]) => state === 'waitingForApproval');
  const state = closedAtMs !== undefined ? 'closed' : waits ? 'waits for approval' : 'open';
  return dryRun ? `${state}, dry run` : state;
}

/** `stickiness-off (certain)`, `unknown`, `no trouble`, or `…` while the runbook works. */
export function findingText({ finding }: Pick<IncidentRecord, 'finding'>): string {
  if (!finding) return '…';
  if (finding.verdict === 'cause') return `${finding.cause} (${finding.confidence})`;
  return finding.verdict === 'nothing' ? 'no trouble' : 'unknown';
}

/** One line per incident, in the given order. */
export const incidentsTable = (incidents: readonly IncidentRecord[], nowMs: number): string =>
  table([
    HEAD,
    ...incidents.map((incident) => [
      new Date(incident.openedAtMs).toISOString(),
      durationText((incident.closedAtMs ?? nowMs) - incident.openedAtMs),
      incidentState(incident),
      incident.runbook,
      plain(incident.fleet ?? 'all'),
      findingText(incident),
      incident.incidentId,
    ]),
  ]);
