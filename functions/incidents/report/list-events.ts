/** The events of a timeline as rows by time, the ends of what took time included. Pure. */
import type { Lane, Timeline, TimelineEvent } from './timeline.ts';

export interface EventRow {
  readonly atMs: number;
  readonly lane: Lane;
  readonly text: string;
  readonly tone: TimelineEvent['tone'];
  readonly kind?: string | undefined;
}

/** The most rows of a page in a terminal. */
const MAX_ROWS = 60;

export const eventRows = ({ events }: Timeline): EventRow[] =>
  events
    .flatMap(({ atMs, untilMs, lane, text, endText, tone, kind }): EventRow[] => [
      { atMs, lane, text, tone, kind },
      ...(untilMs !== undefined && endText !== undefined ? [{ atMs: untilMs, lane, text: endText, tone: 'neutral' as const }] : []),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);

/**
 * Rows of a page in a terminal: changes of one kind with nothing else between them are one row, at the time of the first. Of too many,
 * changes are left out first, the earliest of them first, and then the latest events, since the beginning shows the cause.
 */
export function shortRows(rows: readonly EventRow[]): EventRow[] {
  const folded: { readonly row: EventRow; more: number }[] = [];
  for (const row of rows) {
    const between = folded.slice(folded.findLastIndex((one) => one.row.lane !== row.lane) + 1);
    const same = row.kind === undefined ? undefined : between.find((one) => one.row.kind === row.kind);
    if (same) same.more += 1;
    else folded.push({ row, more: 0 });
  }
  const changes = folded.filter(({ row }) => row.lane === 'changes');
  const left = new Set(changes.slice(0, Math.max(0, folded.length - MAX_ROWS)));
  return folded
    .filter((one) => !left.has(one))
    .slice(0, MAX_ROWS)
    .map(({ row, more }) => (more === 0 ? row : { ...row, text: `${row.text}, and ${more} more like it` }));
}
