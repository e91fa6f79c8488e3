/** What people get when a re-check shows something else while a run is under way. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import type { Finding } from '../contract/causes.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { optionsFor } from './commands.ts';
import type { Place } from './incident-page.ts';
import { aboutText } from './incident-row.ts';
import { plain } from './plain.ts';
import type { ShortMessage } from './short-message.ts';
import { nameOf, placeText, subjectOf } from './subject.ts';
import { urgencyOf } from './urgency.ts';

export function changeMessageOf(incident: IncidentRecord, seen: Finding, place: Place): ShortMessage {
  const { incidentId, finding: known, fleet, runs } = incident;
  const { severity } = urgencyOf({ ...incident, finding: seen }, undefined);
  const options = optionsFor(place, fleet ?? place.fleets[0] ?? '');
  const title = nameOf(seen);
  const before = known === undefined ? 'cause not known' : nameOf(known);
  const message = [
    `The evidence of the last hour shows something else than run ${runs}, which is still under way: ${before} before, ${title} now.`,
    ...(seen.verdict === 'cause' ? [`${plain(seen.sentence)}.`] : []),
    `Run ${runs} goes on as it has begun. When it has ended, the next re-check begins a run with the new finding.`,
    '',
    `All of it: ${holdfast(`incidents show ${incidentId} ${options}`)}`,
  ].join('\n');
  return { subject: subjectOf(`Incident changed (${severity})`, placeText(place), aboutText(incident), title), message };
}
