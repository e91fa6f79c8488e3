/** What people read on a telephone: the page's screen as a message to the topic. Pure. */
import { holdfast } from '../../shared/command-options.ts';
import type { Finding } from '../contract/causes.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import { onlyObserved } from './describe-mitigations.ts';
import type { IncidentPage, Place } from './incident-page.ts';
import { aboutText, nameOf, placeText } from './incident-row.ts';
import { plain } from './plain.ts';
import { SHOWN_STEPS } from './screen.ts';
import { optionsFor } from './step-facts.ts';
import { urgencyOf } from './urgency.ts';

/** SNS takes 100 printable ASCII characters as a subject. */
const SUBJECT_CHARACTERS = 100;
const MESSAGE_CHARACTERS = 2_000;
const LINE_CHARACTERS = 400;
/** What a person reads at once, commands included; the trouble, the nearest change, a new line, the cause and the first step are always there. */
const MESSAGE_WORDS = 100;

export type ShortMessage = { readonly subject: string; readonly message: string };

const NOT_KNOWN = 'The cause is not known.';

/** @param words the first come first where all of them are too long */
const subjectOf = (...words: readonly string[]): string =>
  words
    .join(': ')
    .replaceAll(/[^\x20-\x7e]/g, '?')
    .slice(0, SUBJECT_CHARACTERS);

/** @param showCommand shows the whole page: `holdfast incidents show ID …` */
export function shortMessageOf(page: IncidentPage, showCommand: string): ShortMessage {
  const { headline, state, changes, newLines, reach, why, next, done, doneSummary, open, about, verdict, severity, place, title } = page;
  const subject = subjectOf(open ? `Incident (${severity})` : 'Closed', place, about, title);
  const hasActed = doneSummary.length === 0;
  // Nothing to do is no message to read at night.
  if (verdict === 'nothing' && !hasActed && open) return { subject, message: [headline, why, `All of it: ${showCommand}`].join('\n') };
  const [change] = changes;
  const [first, ...others] = open ? next.slice(0, SHOWN_STEPS) : [];
  const stepOf = (step: typeof first, at: number) => (step === undefined ? [] : [[`${at}. ${step.text}`, ...step.commands].join('\n')]);
  const link = page.links.find((one) => one.startsWith('https://'));
  const always = [
    cut(headline),
    ...(state === '' ? [] : [state]),
    ...(change === undefined ? [] : [`Changed before: ${cut(change)}`]),
    ...(newLines?.first === undefined ? [] : [`New in the logs: ${cut(newLines.first)}`]),
    why.startsWith(NOT_KNOWN) ? NOT_KNOWN : cut(why),
    ...(hasActed && !onlyObserved(done) ? done.map(({ text }) => cut(text)) : []),
    ...stepOf(first, 1),
  ];
  const more = [...others.flatMap((step, at) => stepOf(step, at + 2)), ...(reach === undefined ? [] : [reach]), ...doneSummary];
  const last = [...(link === undefined ? [] : [link]), `All of it: ${showCommand}`].join('\n');
  const wordsOf = (parts: readonly string[]) => parts.join(' ').split(/\s+/).length;
  let used = wordsOf([...always, last]);
  const kept = more.filter((part) => {
    const words = wordsOf([part]);
    const fits = used + words <= MESSAGE_WORDS;
    used += fits ? words : 0;
    return fits;
  });
  const body = [...always, ...kept].join('\n\n');
  return { subject, message: `${cut(body, MESSAGE_CHARACTERS - last.length - 2)}\n\n${last}` };
}

const cut = (text: string, most = LINE_CHARACTERS): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

/** What people get when a re-check shows something else while a run is under way. */
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
