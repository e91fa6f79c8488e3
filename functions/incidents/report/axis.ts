/** The timeline as lines of characters: one row per kind of event, all on one axis. Pure. */

import { clockText } from '../../shared/times.ts';
import { LANES, type Timeline, type TimelineEvent } from './timeline.ts';

const COLUMNS = 62;
const NAME_COLUMNS = 9;
const TICKS = 5;
/** `03:12`, and `03:12:05` on an axis so short that ticks would have the same minute. */
const MINUTE_COLUMNS = 5;
const SECOND_COLUMNS = 8;
const SHORT_MS = 10 * 60_000;

/** `=` what took time, `!` what is bad, `+` what is good, `*` another event. The worse of two in a column is shown. */
const MARKS: Readonly<Record<TimelineEvent['tone'], string>> = { bad: '!', good: '+', neutral: '*' };
const RANK = '.=+*!';

export const AXIS_LEGEND = '= lasted   ! trouble   + good   * other   times in UTC';

/** Rows without an event are left out. */
export function axisLines({ fromMs, untilMs, events }: Timeline): string[] {
  if (events.length === 0) return [];
  const columnOf = (atMs: number) => Math.min(COLUMNS - 1, Math.max(0, Math.floor(((atMs - fromMs) / (untilMs - fromMs)) * COLUMNS)));
  const rows = LANES.flatMap((lane) => {
    const own = events.filter((event) => event.lane === lane);
    if (own.length === 0) return [];
    const cells = Array.from({ length: COLUMNS }, () => '.');
    const mark = (column: number, character: string) => {
      if (RANK.indexOf(character) > RANK.indexOf(cells[column] ?? '.')) cells[column] = character;
    };
    for (const { atMs, untilMs: endMs, tone } of own) {
      if (endMs !== undefined) for (let column = columnOf(atMs); column <= columnOf(endMs); column += 1) mark(column, '=');
      mark(columnOf(atMs), MARKS[tone]);
    }
    return [`${lane.padEnd(NAME_COLUMNS)} ${cells.join('')}`];
  });
  return [tickLine(fromMs, untilMs), ...rows];
}

/** Clock times above the columns that they stand for. */
function tickLine(fromMs: number, untilMs: number): string {
  const width = untilMs - fromMs < SHORT_MS ? SECOND_COLUMNS : MINUTE_COLUMNS;
  const cells = Array.from({ length: COLUMNS + width }, () => ' ');
  for (let tick = 0; tick < TICKS; tick += 1) {
    const column = Math.floor((tick * (COLUMNS - width)) / (TICKS - 1));
    const clock = clockText(fromMs + ((untilMs - fromMs) * column) / COLUMNS).slice(0, width);
    for (const [at, character] of [...clock].entries()) cells[column + at] = character;
  }
  return `${' '.repeat(NAME_COLUMNS)} ${cells.join('')}`.trimEnd();
}
