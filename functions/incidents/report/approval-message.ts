/** What people get when mitigations wait for them: why, what it sends, until when, and how to decide. Pure. */

import { holdfast } from '../../shared/command-options.ts';
import { dateTimeWithZone } from '../../shared/times.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { Decision } from '../contract/mitigations.ts';
import { optionsFor } from './commands.ts';
import { headlineOf, whyOf } from './describe-finding.ts';
import { callText } from './describe-mitigation.ts';
import type { Place } from './incident-page.ts';
import { aboutText } from './incident-row.ts';
import { plain } from './plain.ts';
import type { ShortMessage } from './short-message.ts';
import { placeText, subjectOf } from './subject.ts';
import { urgencyOf } from './urgency.ts';

type Waiting = Pick<Decision, 'key' | 'target' | 'reason'>;

/** @param untilMs when the wait ends, which is a no */
export function approvalMessageOf(
  incident: IncidentRecord,
  waiting: readonly Waiting[],
  { place, untilMs }: { readonly place: Place; readonly untilMs: number },
): ShortMessage {
  const { incidentId } = incident;
  const urgency = urgencyOf(incident, undefined);
  const optionsOf = ({ target }: Waiting) => optionsFor(place, target.fleet ?? place.fleets[0] ?? '');
  const [first] = waiting;
  const message = [
    headlineOf(incident, undefined, urgency),
    whyOf(incident, undefined),
    ...waiting.flatMap((one) => questionOf(incident, one, untilMs)),
    '',
    'The facts, and what would show otherwise.',
    ...(first === undefined ? [] : [holdfast(`incidents show ${incidentId} ${optionsOf(first)}`)]),
    ...(waiting.length > 1 ? ['What is approved is carried out one at a time, and what only bridges the outage at the same time.'] : []),
    'Decide by one of these.',
    ...waiting.flatMap((one) =>
      ['approve', 'deny'].map((word) => holdfast(`incidents ${word} ${incidentId} ${one.key} ${optionsOf(one)}`)),
    ),
  ].join('\n');
  const keys = waiting.map(({ key }) => key).join(', ');
  return { subject: subjectOf(`Approval needed (${urgency.severity})`, placeText(place), aboutText(incident), keys), message };
}

function questionOf({ mitigations }: IncidentRecord, { key, reason }: Waiting, untilMs: number): string[] {
  const { effect, calls = [] } = mitigations[key] ?? {};
  return [
    '',
    `${key} waits for approval until ${dateTimeWithZone(untilMs)}; without an answer it is not carried out. It waits because ${plain(reason)}.`,
    ...(effect === undefined ? [] : [`Its effect would be: ${plain(effect)}`]),
    '',
    'It would send this.',
    ...calls.map((call) => `  ${callText(call)}`),
  ];
}
