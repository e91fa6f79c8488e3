/** What is wrong now in words: those of status, and of the console's strip. Pure, without anything of Node: the browser has it too. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import { counted } from '../../../functions/shared/counted.ts';
import type { Attention } from './read-attention.ts';

/** One kind of trouble: `2 open incidents`, and what there is to name. */
export interface Trouble {
  readonly kind: 'incidents' | 'alarms' | 'store';
  readonly title: string;
  /** The first few. `about` is more of a line's words than a strip has room for. */
  readonly named: readonly { readonly id: string; readonly text: string; readonly about?: string }[];
  /** The number of those that are not named. */
  readonly more: number;
}

const MOST_NAMED = 3;
const timeText = (atMs: number): string => new Date(atMs).toISOString();

export function troublesOf({ incidents, alarms, storeUnreachable }: Attention): Trouble[] {
  const trouble = (kind: Trouble['kind'], title: string, all: Trouble['named']): Trouble[] =>
    all.length === 0 ? [] : [{ kind, title, named: all.slice(0, MOST_NAMED), more: Math.max(0, all.length - MOST_NAMED) }];
  return [
    ...trouble(
      'incidents',
      counted(incidents.length, 'open incident'),
      incidents.map(({ incidentId: id, about, finding, openedAtMs }) => ({
        ...{ id, text: `${id} (${about})`, about: `${finding}, since ${timeText(openedAtMs)}` },
      })),
    ),
    ...trouble(
      'alarms',
      `${counted(alarms.length, 'alarm')} in ALARM`,
      alarms.map(({ name }) => ({ id: name, text: name })),
    ),
    ...(storeUnreachable ? trouble('store', 'store unreachable', [{ id: '', text: `since ${timeText(storeUnreachable.sinceMs)}` }]) : []),
  ];
}

/** A line for each kind of trouble, with the command that shows more. @param options of a command for the fleet */
export function attentionLines(attention: Attention, options: string): string[] {
  const lines = troublesOf(attention).map((trouble) => {
    const named = trouble.named.map(({ text, about }) => (about === undefined ? text : `${text} ${about}`));
    const more = trouble.more > 0 ? [`${trouble.more} more`] : [];
    return `! ${trouble.title}: ${[...named, ...more].join('; ')}. Next: ${nextOf(trouble, options)}`;
  });
  return [...lines, ...(attention.unread ?? []).map((sentence) => `! ${sentence}`)];
}

function nextOf({ kind, named, more }: Trouble, options: string): string {
  if (kind === 'store') return holdfast(`store ${options}`);
  if (kind === 'alarms') return holdfast(`doctor ${options}`);
  return named.length + more === 1 ? holdfast(`incidents show ${named[0]?.id} ${options}`) : holdfast(`incidents ${options}`);
}
