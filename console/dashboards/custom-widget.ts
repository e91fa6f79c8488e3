/**
 * The event that a custom widget's function receives, and what its reply means. Pure.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
import type { CustomDrawing } from './drawing.ts';
import type { TimeRange } from './queries.ts';

/** The page that shows the widget. */
export interface Viewer {
  readonly theme: 'light' | 'dark';
  /** In CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly locale: string;
  readonly timeZone: string;
  /** East of UTC. */
  readonly offsetMinutes: number;
}

export interface ShownWidget {
  readonly dashboardName: string;
  /** Position in the body, from 0. */
  readonly index: number;
  readonly title: string;
  readonly accountId: string;
  readonly drawing: CustomDrawing;
}

/** What CloudWatch sends when the graphs set their own periods. */
const PERIOD_SECONDS = 300;

/** The widget's parameters, plus CloudWatch's context. */
export function widgetEvent(widget: ShownWidget, viewer: Viewer, { startMs, endMs }: TimeRange): Record<string, unknown> {
  const { params } = widget.drawing;
  return {
    ...params,
    widgetContext: {
      dashboardName: widget.dashboardName,
      widgetId: `widget-${widget.index + 1}`,
      accountId: widget.accountId,
      locale: viewer.locale,
      timezone: { label: viewer.timeZone, offsetISO: offsetIso(viewer.offsetMinutes), offsetInMinutes: viewer.offsetMinutes },
      period: PERIOD_SECONDS,
      isAutoPeriod: true,
      timeRange: { mode: 'relative', start: startMs, end: endMs, relativeStart: endMs - startMs, zoom: { start: startMs, end: endMs } },
      theme: viewer.theme,
      linkCharts: true,
      title: widget.title,
      forms: { all: {} },
      params,
      width: viewer.width,
      height: viewer.height,
    },
  };
}

/** `+05:30` */
function offsetIso(minutes: number): string {
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}

export interface WidgetReply {
  readonly format: 'html' | 'markdown' | 'json';
  readonly text: string;
}

/** A string is HTML, an object with only `markdown` is Markdown, and everything else is shown as JSON. */
export function readReply(payload: unknown): WidgetReply {
  if (typeof payload === 'string') return { format: 'html', text: payload };
  const { markdown, ...more } = (typeof payload === 'object' && payload !== null ? payload : {}) as Record<string, unknown>;
  if (typeof markdown === 'string' && Object.keys(more).length === 0) return { format: 'markdown', text: markdown };
  return { format: 'json', text: JSON.stringify(payload, null, 2) ?? 'null' };
}
