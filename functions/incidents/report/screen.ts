/** What of a page is where: on the screen, in the rest, in its timeline; in text, Markdown and the console alike. Pure, and imports no more than types. */
import type { IncidentPage, Lane, Line, Timeline, TimelineEvent } from './incident-page.ts';

/** On the screen; a mitigation that a person can have carried out is among them. */
export const SHOWN_STEPS = 3;

export type Part = { readonly title: string; readonly lines: readonly string[] };

const lineText = ({ text, source }: Line): string => (source ? `${text} (${source})` : text);

/** What is on the screen before the steps, from top to bottom; one without lines is left out. */
export const screenOf = ({ people, changes, notKnownBefore, newLines, reach, why }: IncidentPage): readonly Part[] =>
  [
    { title: 'Users', lines: people },
    { title: 'Changed before', lines: [...changes.slice(0, 2), ...(notKnownBefore === undefined ? [] : [notKnownBefore])] },
    { title: 'New log lines', lines: newLines?.lines.slice(0, 3) ?? [] },
    { title: 'The store', lines: reach === undefined ? [] : [reach] },
    { title: 'Cause', lines: [why] },
  ].filter(({ lines }) => lines.length > 0);

export const restOf = (page: IncidentPage): readonly Part[] =>
  [
    { title: 'What shows it', lines: page.because.map(lineText) },
    { title: 'New log lines, as well', lines: page.newLines?.lines.slice(3) ?? [] },
    { title: 'Changed before, as well', lines: page.changes.slice(2) },
    { title: 'Ruled out', lines: page.ruledOut.map(lineText) },
    { title: page.verdict === 'cause' ? 'Not known, and could show otherwise' : 'What is missing', lines: page.notKnown.map(lineText) },
    { title: 'Also', lines: page.facts },
    { title: 'Not read', lines: page.gaps },
    { title: 'Read more', lines: page.links },
  ].filter(({ lines }) => lines.length > 0);

export interface EventRow {
  readonly atMs: number;
  readonly lane: Lane;
  readonly text: string;
  readonly tone: TimelineEvent['tone'];
  readonly kind?: string | undefined;
}

export const eventRows = ({ events }: Timeline): EventRow[] =>
  events
    .flatMap(({ atMs, untilMs, lane, text, endText, tone, kind }): EventRow[] => [
      { atMs, lane, text, tone, kind },
      ...(untilMs !== undefined && endText !== undefined ? [{ atMs: untilMs, lane, text: endText, tone: 'neutral' as const }] : []),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);

/** Changes of one kind with nothing else between them are one row, at the time of the first: a deployment of the stacks makes dozens. */
export function shortRows(rows: readonly EventRow[]): EventRow[] {
  const folded: { readonly row: EventRow; more: number }[] = [];
  for (const row of rows) {
    const between = folded.slice(folded.findLastIndex((one) => one.row.lane !== row.lane) + 1);
    const same = row.kind === undefined ? undefined : between.find((one) => one.row.kind === row.kind);
    if (same) same.more += 1;
    else folded.push({ row, more: 0 });
  }
  return folded.map(({ row, more }) => (more === 0 ? row : { ...row, text: `${row.text}, and ${more} more like it` }));
}
