/** What people get when a mitigation waits for them: why, what it sends, until when, and how to decide. Pure. */
import type { IncidentRecord } from '../contract/incident.ts';
import type { Decision } from '../contract/mitigations.ts';
import { optionsFor } from './commands.ts';
import { certaintyOf, headlineOf } from './describe-finding.ts';
import { callText } from './describe-mitigation.ts';
import type { Place } from './incident-page.ts';
import { aboutText } from './incident-row.ts';
import { plain } from './plain.ts';
import { ascii, type ShortMessage, SUBJECT_CHARACTERS } from './short-message.ts';
import { dateTimeWithZone } from './times.ts';

/** @param untilMs when the wait ends, which is a no */
export function approvalMessageOf(
  incident: IncidentRecord,
  { key, target, reason }: Pick<Decision, 'key' | 'target' | 'reason'>,
  { place, untilMs }: { readonly place: Place; readonly untilMs: number },
): ShortMessage {
  const { incidentId, finding, mitigations } = incident;
  const { effect, calls = [] } = mitigations[key] ?? {};
  const options = optionsFor(place, target.fleet ?? place.fleets[0] ?? '');
  const message = [
    `${headlineOf(incident, undefined)} ${certaintyOf(finding)}`,
    '',
    `${key} waits for approval until ${dateTimeWithZone(untilMs)}; without an answer it is not carried out. It waits because ${plain(reason)}.`,
    ...(effect === undefined ? [] : [`Its effect would be: ${plain(effect)}`]),
    '',
    'It would send:',
    ...calls.map((call) => `  ${callText(call)}`),
    '',
    'The facts, and what would show otherwise:',
    `npx holdfast incidents show ${incidentId} ${options}`,
    'Decide:',
    `npx holdfast incidents approve ${incidentId} ${key} ${options}`,
    `npx holdfast incidents deny ${incidentId} ${key} ${options}`,
  ].join('\n');
  return { subject: ascii(`Approval needed: ${key}, ${aboutText(incident)}`).slice(0, SUBJECT_CHARACTERS), message };
}
