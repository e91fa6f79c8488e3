/** Incidents as a table. Pure. */
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { findingText, incidentState } from '../../functions/incidents/report/incident-row.ts';
import { plain } from '../../functions/incidents/report/plain.ts';
import { durationText } from '../../functions/shared/duration-text.ts';
import { ageText, table } from '../output.ts';

const HEAD = ['OPENED', 'AGE', 'DURATION', 'STATE', 'RUNBOOK', 'FLEET', 'FINDING', 'ID'];

/** One line per incident, in the given order. */
export const incidentsTable = (incidents: readonly IncidentRecord[], nowMs: number): string =>
  table([
    HEAD,
    ...incidents.map((incident) => [
      new Date(incident.openedAtMs).toISOString(),
      ageText(nowMs - incident.openedAtMs),
      durationText((incident.closedAtMs ?? nowMs) - incident.openedAtMs),
      incidentState(incident),
      incident.runbook,
      plain(incident.fleet ?? 'all'),
      findingText(incident),
      incident.incidentId,
    ]),
  ]);
