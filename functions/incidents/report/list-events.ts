/** The events of a timeline as rows by time, the ends of what took time included. Pure. */
import type { Lane, Timeline, TimelineEvent } from './timeline.ts';

export interface EventRow {
  readonly atMs: number;
  readonly lane: Lane;
  readonly text: string;
  readonly tone: TimelineEvent['tone'];
}

/** The most rows of a report; the latest are left out first, since the beginning shows the cause. */
export const MAX_ROWS = 60;

export const eventRows = ({ events }: Timeline): EventRow[] =>
  events
    .flatMap(({ atMs, untilMs, lane, text, endText, tone }): EventRow[] => [
      { atMs, lane, text, tone },
      ...(untilMs !== undefined && endText !== undefined ? [{ atMs: untilMs, lane, text: endText, tone: 'neutral' as const }] : []),
    ])
    .toSorted((a, b) => a.atMs - b.atMs);
