/** What people read on a telephone: the message to the topic, in at most 2,000 characters. Pure. */
import { type IncidentPage, SHOWN_FACTS, type Step } from './incident-page.ts';

/** SNS takes 100 printable ASCII characters as a subject. */
export const SUBJECT_CHARACTERS = 100;
const MESSAGE_CHARACTERS = 2_000;
const FACT_CHARACTERS = 240;
const MESSAGE_STEPS = 2;

export interface ShortMessage {
  readonly subject: string;
  readonly message: string;
}

/** @param showCommand shows the whole page: `npx holdfast incidents show ID …` */
export function shortMessageOf(page: IncidentPage, showCommand: string): ShortMessage {
  const { headline, certainty, state, because, otherwise, done, doneSummary, next, open, about, cause, verdict } = page;
  const title = cause ?? (verdict === 'nothing' ? 'no trouble found' : verdict === 'unknown' ? 'cause unknown' : 'collecting evidence');
  const approvals = next.flatMap(({ commands }) => commands).filter((command) => / incidents (approve|deny) /.test(command));
  const facts = because.slice(0, SHOWN_FACTS).map(({ text }) => `- ${cut(text, FACT_CHARACTERS)}`);
  const [word, count] = verdict === 'cause' ? (['would show otherwise', 1] as const) : (['missing', SHOWN_FACTS] as const);
  const against = otherwise.slice(0, count).map(({ text }) => `- ${word}: ${cut(text, FACT_CHARACTERS)}`);
  const now = stepsToTake(page).flatMap(({ text, commands }) => [`- ${cut(text, FACT_CHARACTERS)}`, ...commands]);
  const doneText = [...doneSummary, ...done.map(({ text }) => `- ${cut(text, FACT_CHARACTERS)}`)].join('\n');
  // By importance: what does not fit is left out from the end, and the whole page is one command away.
  const parts = [
    [cut(headline, 400), certainty, state].join('\n'),
    ...(approvals.length > 0 ? [['Decide:', ...approvals].join('\n')] : []),
    // What was changed comes before why.
    ...(doneSummary.length === 0 ? [doneText] : []),
    ...(facts.length + against.length > 0 ? [[...facts, ...against].join('\n')] : []),
    ...(now.length > 0 ? [['Now:', ...now].join('\n')] : []),
    ...(doneSummary.length === 0 || verdict === 'pending' ? [] : [doneText]),
  ];
  return {
    subject: ascii(`${open ? 'Incident' : 'Closed'}: ${title}, ${about}`).slice(0, SUBJECT_CHARACTERS),
    message: fitting(parts, `All of it: ${showCommand}`),
  };
}

/** The first steps that are commands of Holdfast, without the decisions: calls of AWS are too long for a telephone. */
const stepsToTake = ({ next, open }: IncidentPage): Step[] =>
  open ? next.filter(({ commands }) => commands.length > 0 && commands.every(isShort)).slice(0, MESSAGE_STEPS) : [];
const isShort = (command: string): boolean => /^npx holdfast (?!incidents )/.test(command);

function fitting(parts: readonly string[], last: string): string {
  for (let count = parts.length; count > 0; count -= 1) {
    const message = [...parts.slice(0, count), last].join('\n\n');
    if (message.length <= MESSAGE_CHARACTERS) return message;
  }
  return `${cut(parts[0] ?? '', MESSAGE_CHARACTERS - last.length - 2)}\n\n${last}`;
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);
export const ascii = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?');
