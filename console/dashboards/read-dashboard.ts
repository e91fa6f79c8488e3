/** A deployed dashboard with its data, as the page draws it. */
import { CommandFailure, EXIT, toFailure } from '../../cli/failure.ts';
import { type AlarmView, alarmView } from '../alarms.ts';
import type { Backend } from '../backend.ts';
import type { BodyWidget, DashboardBody } from './body.ts';
import { type Drawing, drawingOf, type MetricsDrawing } from './drawing.ts';
import { type Place, placeWidgets } from './place-widgets.ts';
import { queriesOf, type Series, seriesOf } from './queries.ts';
import { minutesOf, rangeOf, type TimeRange } from './time-range.ts';

/** What is drawn in a widget's place; `failed` says why its data could not be read. */
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
  /** Minutes that the body itself asks for. */
  readonly ownMinutes: number | undefined;
  /** What the body has and the console leaves out. */
  readonly leftOut: readonly string[];
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
    leftOut: body.variables?.length ? ['variables: their values are those in the body'] : [],
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
    throw new CommandFailure('NoSuchDashboard', `there is no dashboard ${name}`, EXIT.badInput, { cause: error });
  });
  try {
    return JSON.parse(text) as DashboardBody;
  } catch (error) {
    throw new CommandFailure('InvalidDashboard', `the body of dashboard ${name} is no JSON: ${(error as Error).message}`);
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
