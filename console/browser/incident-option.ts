/** Chart options of an incident's timeline: a row per kind of event, all on one axis of time. Pure. */
import type { EChartsCoreOption } from 'echarts/core';
import { LANES, type Lane, type Timeline, type TimelineEvent } from '../../functions/incidents/report/incident-page.ts';
import { escapeMarkup } from '../../functions/shared/escape-markup.ts';
import { clockText, dateTimeText } from '../../functions/shared/texts.ts';
import { type RenderApi, rowsHeight, rowsOption } from './graph-option.ts';
import type { Theme } from './theme.ts';

const BAR_PX = 14;
const POINT_PX = 7;
const MOST_HOURS_MS = 24 * 3_600_000;
/** A tooltip's line. */
const MAX_TEXT = 90;

const rowsOf = ({ events }: Timeline): Lane[] => LANES.filter((lane) => events.some((event) => event.lane === lane));

export const incidentHeight = (timeline: Timeline): number => rowsHeight(rowsOf(timeline).length);

/** `bad`, `good` and `neutral` as colors. */
export const toneColor = (tone: TimelineEvent['tone'], theme: Theme): string =>
  tone === 'bad' ? theme.bad : tone === 'good' ? (theme.series[2] ?? theme.text) : (theme.series[0] ?? theme.text);

/** A timeline of days has days at its axis. */
const axisTime = (value: number, { fromMs, untilMs }: Timeline): string =>
  untilMs - fromMs > MOST_HOURS_MS ? dateTimeText(value).slice(5, 16) : clockText(value);

/** What lasted is a bar; a moment is a diamond, since color alone is not accessible. */
export function incidentOption(timeline: Timeline, theme: Theme): EChartsCoreOption {
  const rows = rowsOf(timeline);
  const { events, fromMs, untilMs: endMs } = timeline;
  return rowsOption(
    theme,
    { names: rows, fromMs, untilMs: endMs, right: 24, timeText: (value) => axisTime(value, timeline) },
    {
      data: events.map(({ lane, atMs, untilMs = atMs }) => [rows.indexOf(lane), atMs, untilMs]),
      tooltip: { confine: true, formatter: ({ dataIndex }: { dataIndex: number }) => tooltipOf(events[dataIndex] as TimelineEvent) },
      renderItem: ({ dataIndex }, api) => shapeOf(events[dataIndex] as TimelineEvent, api, theme),
    },
  );
}

function shapeOf({ untilMs, tone }: TimelineEvent, api: RenderApi, theme: Theme) {
  const [x, y] = api.coord([api.value(1), api.value(0)]);
  const [end] = api.coord([api.value(2), api.value(0)]);
  const style = { fill: toneColor(tone, theme) };
  if (untilMs !== undefined)
    return { type: 'rect', shape: { x, y: y - BAR_PX / 2, width: Math.max(3, end - x), height: BAR_PX, r: 2 }, style };
  const points = [
    [x, y - POINT_PX],
    [x + POINT_PX, y],
    [x, y + POINT_PX],
    [x - POINT_PX, y],
  ];
  // A moment is seen on what lasted.
  return { type: 'polygon', shape: { points }, style, z2: 1 };
}

/** A tooltip is HTML. */
export function tooltipOf({ atMs, untilMs, lasts, text }: TimelineEvent): string {
  const short = text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT - 1)}…` : text;
  const until = lasts ? ', still going on' : untilMs === undefined ? '' : ` to ${clockText(untilMs)}`;
  return `${escapeMarkup(short)}<br>${clockText(atMs)}${until} UTC`;
}
