/** What people read on a telephone: the message to the topic, in at most 2,000 characters. Pure. */
import { onlyObserved } from './describe-mitigation.ts';
import { type IncidentPage, SHOWN_FACTS, type Step } from './incident-page.ts';
import { subjectOf } from './subject.ts';

const MESSAGE_CHARACTERS = 2_000;
const HEADLINE_CHARACTERS = 400;
const FACT_CHARACTERS = 240;
/** What shows it has to fit as well. */
const MESSAGE_STEPS = 2;

export interface ShortMessage {
  readonly subject: string;
  readonly message: string;
}

/** @param showCommand shows the whole page: `holdfast incidents show ID …` */
export function shortMessageOf(page: IncidentPage, showCommand: string): ShortMessage {
  const { headline, why, state, affected, because, notKnown, done, doneSummary, open, about, verdict, severity, place, title } = page;
  const list = (items: readonly string[]) => items.map((item) => `- ${cut(item, FACT_CHARACTERS)}`);
  const facts = list(because.slice(0, SHOWN_FACTS).map(({ text }) => text));
  const around = list(verdict === 'unknown' ? page.facts : []);
  const { newLines } = page;
  const inLogs = list(newLines?.first === undefined ? [] : [`new in the logs ${newLines.since}: ${newLines.first}`]);
  const missing = list((verdict === 'cause' ? [] : notKnown.slice(0, SHOWN_FACTS)).map(({ text }) => `missing: ${text}`));
  const now = stepsToTake(page).flatMap(({ text, commands }, at) => [`${at + 1}. ${text}`, ...commands]);
  const doneText = [...doneSummary, ...(onlyObserved(done) ? [] : list(done.map(({ text }) => text)))].join('\n');
  const hasActed = doneSummary.length === 0;
  // Nothing to do is no message to read at night.
  if (verdict === 'nothing' && !hasActed && open)
    return {
      subject: subjectOf(`Incident (${severity})`, place, about, title),
      message: [headline, why, `All of it: ${showCommand}`].join('\n'),
    };
  // The parts are in the order of their importance: what does not fit is left out from the end, and one command prints the whole page.
  const parts = [
    [cut(headline, HEADLINE_CHARACTERS), cut(why, HEADLINE_CHARACTERS), ...(state === '' ? [] : [state])].join('\n'),
    ...(now.length > 0 ? [['WHAT TO DO NOW', ...now].join('\n')] : []),
    // What was changed comes before why.
    ...(hasActed ? [doneText] : []),
    ...(affected.length > 0 ? [['WHO IS AFFECTED', ...list(affected)].join('\n')] : []),
    ...(facts.length + around.length + inLogs.length + missing.length > 0
      ? [['WHAT SHOWS IT', ...facts, ...around, ...inLogs, ...missing].join('\n')]
      : []),
    ...(hasActed || verdict === 'pending' ? [] : [doneText]),
  ];
  return {
    subject: subjectOf(open ? `Incident (${severity})` : 'Closed', place, about, title),
    message: fitting(
      parts,
      [...page.links.filter((link) => link.startsWith('https://')).slice(0, 1), `All of it: ${showCommand}`].join('\n'),
    ),
  };
}

/** The page's first ones. */
const stepsToTake = ({ next, open }: IncidentPage): readonly Step[] => (open ? next.slice(0, MESSAGE_STEPS) : []);

function fitting(parts: readonly string[], last: string): string {
  for (let count = parts.length; count > 0; count -= 1) {
    const message = [...parts.slice(0, count), last].join('\n\n');
    if (message.length <= MESSAGE_CHARACTERS) return message;
  }
  return `${cut(parts[0] ?? '', MESSAGE_CHARACTERS - last.length - 2)}\n\n${last}`;
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
