import type { IncidentRecord } from '../../incidents/contract/incident.ts';
import { mitigationsOf } from '../../incidents/report/describe-mitigations.ts';
import { aboutText, findingText, incidentState, stateText } from '../../incidents/report/incident-row.ts';
import { causeText } from '../../incidents/report/page.ts';
import { durationText } from '../../shared/duration-text.ts';
import type { Viewer } from '../contract.ts';
import { type Html, sentence, type Tone, table, timeText, toned, unbroken, zoneText } from '../html.ts';

const HEAD = ['Lasted', 'State', 'About', 'What is wrong', 'Finding', 'Mitigations', 'Incident'];

/** One row per incident, in the given order. The times in its sentence are in UTC, and are named so. */
export function renderIncidents(incidents: readonly IncidentRecord[], viewer: Viewer, nowMs: number): Html {
  if (incidents.length === 0) return sentence(viewer, 'no incident yet');
  const rows = incidents.map((incident) => [
    timeText(viewer, incident.openedAtMs),
    unbroken(durationText((incident.closedAtMs ?? nowMs) - incident.openedAtMs)),
    toned(viewer, toneOf(incident), incidentState(incident)),
    aboutText(incident),
    causeText(incident, undefined),
    findingText(incident),
    mitigationsText(incident),
    unbroken(toned(viewer, 'quiet', incident.incidentId)),
  ]);
  return table(viewer, [`Opened (${zoneText(viewer)})`, ...HEAD], rows);
}

/** An incident that only watches whether its alarms stay quiet is no news any more. */
function toneOf(incident: IncidentRecord): Tone {
  if (incident.closedAtMs !== undefined) return 'good';
  return incident.quietSinceMs === undefined ? 'bad' : 'busy';
}

/** `re-login-page done, sweep-now refused` */
const mitigationsText = (incident: IncidentRecord): string =>
  mitigationsOf(incident)
    .map(([key, { state }]) => `${key} ${stateText(state)}`)
    .join(', ');
