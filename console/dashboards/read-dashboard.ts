/** Reads a deployed dashboard with its data. */
import { CommandFailure, EXIT, toFailure } from '../../cli/failure.ts';
import { type AlarmView, alarmView } from '../alarms.ts';
import type { Backend } from '../backend.ts';
import type { BodyWidget, DashboardBody } from './body.ts';
import { type Drawing, drawingOf, type MetricsDrawing } from './drawing.ts';
import { type Place, placeWidgets } from './place-widgets.ts';
import { minutesOf, queriesOf, rangeOf, type Series, seriesOf, type TimeRange } from './queries.ts';

/** What a widget shows; `failed` when its data could not be read. */
export type Content =
  | (Omit<MetricsDrawing, 'lines'> & { readonly series: readonly Series[] })
  | { readonly kind: 'alarms'; readonly alarms: readonly AlarmView[]; readonly missing: readonly string[] }
  | Exclude<Drawing, { kind: 'metrics' | 'alarms' | 'custom' }>
  | { readonly kind: 'custom'; readonly functionName: string; readonly refresh: boolean }
  | { readonly kind: 'failed'; readonly code: string; readonly message: string };

export interface WidgetView {
  readonly index: number;
  readonly title: string;
  readonly place: Place;
  readonly content: Content;
}

export interface DashboardView {
  readonly name: string;
  readonly range: TimeRange;
  /** The body's initial time range. */
  readonly ownMinutes: number | undefined;
  /** Features of the body that the console ignores. */
  readonly ignored: readonly string[];
  readonly widgets: readonly WidgetView[];
}

/** @throws CommandFailure NoSuchDashboard, InvalidDashboard */
export async function readDashboard(backend: Backend, name: string, minutes: number, nowMs: number): Promise<DashboardView> {
  const body = await readBody(backend, name);
  const widgets = body.widgets ?? [];
  const places = placeWidgets(widgets);
  const range = rangeOf(minutes, nowMs);
  return {
    name,
    range,
    ownMinutes: minutesOf(body.start),
    ignored: body.variables?.length ? ['variables (the values in the body are used)'] : [],
    widgets: await Promise.all(
      widgets.map(async (widget, index) => ({
        index,
        title: titleOf(widget),
        place: places[index] as Place,
        content: await contentOf(backend, drawingOf(widget), range).catch(failed),
      })),
    ),
  };
}

export async function readBody(backend: Backend, name: string): Promise<DashboardBody> {
  const text = await backend.getDashboard(name).catch((error: Error) => {
    if (error.name !== 'ResourceNotFound' && error.name !== 'DashboardNotFoundError') throw error;
    throw new CommandFailure('NoSuchDashboard', `dashboard ${name} does not exist`, EXIT.badInput, { cause: error });
  });
  try {
    return JSON.parse(text) as DashboardBody;
  } catch (error) {
    throw new CommandFailure('InvalidDashboard', `the body of dashboard ${name} is not valid JSON: ${(error as Error).message}`);
  }
}

export const titleOf = ({ type, properties }: BodyWidget): string => properties?.title || (type === 'text' ? '' : `(${type})`);

async function contentOf(backend: Backend, drawing: Drawing, range: TimeRange): Promise<Content> {
  switch (drawing.kind) {
    case 'metrics': {
      const { lines, ...rest } = drawing;
      return { ...rest, series: seriesOf(lines, await backend.getMetricData(queriesOf(lines), range)) };
    }
    case 'alarms': {
      const known = new Map((await backend.listAlarms()).map((alarm) => [alarm.arn, alarm]));
      const shown = drawing.arns.flatMap((arn) => known.get(arn) ?? []);
      return {
        kind: 'alarms',
        alarms: shown.filter(({ state }) => drawing.states?.includes(state) ?? true).map(alarmView),
        missing: drawing.arns.filter((arn) => !known.has(arn)),
      };
    }
    case 'custom':
      return { kind: 'custom', functionName: drawing.endpoint.split(':').slice(6).join(':'), refresh: drawing.refresh };
    default:
      return drawing;
  }
}

function failed(error: unknown): Content {
  const { code, message } = toFailure(error);
  return { kind: 'failed', code, message };
}
