/** What people get when a re-check shows something else while a run is under way. Pure. */
import type { Finding } from '../contract/causes.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { optionsFor } from './commands.ts';
import type { Place } from './incident-page.ts';
import { aboutText } from './incident-row.ts';
import { plain } from './plain.ts';
import { ascii, type ShortMessage, SUBJECT_CHARACTERS } from './short-message.ts';

export function changeMessageOf(incident: IncidentRecord, seen: Finding, place: Place): ShortMessage {
  const { incidentId, finding: known, fleet, runs } = incident;
  const options = optionsFor(place, fleet ?? place.fleets[0] ?? '');
  const title = seen.verdict === 'cause' ? seen.cause : 'no trouble found';
  const before = known?.verdict === 'cause' ? known.cause : known?.verdict === 'nothing' ? 'no trouble found' : 'cause unknown';
  const message = [
    `The evidence of the last hour shows something else than run ${runs}, which is still under way: ${before} before, ${title} now.`,
    ...(seen.verdict === 'cause' ? [`${plain(seen.sentence)}.`] : []),
    `Run ${runs} goes on as it has begun. When it has ended, the next re-check begins a run with the new finding.`,
    '',
    `All of it: npx holdfast incidents show ${incidentId} ${options}`,
  ].join('\n');
  return { subject: ascii(`Incident changed: ${title}, ${aboutText(incident)}`).slice(0, SUBJECT_CHARACTERS), message };
}
