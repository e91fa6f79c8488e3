/** Reads a deployed dashboard with its data. */

import { ifAllowed } from '../../cli/aws-errors.ts';
import { badInput, CommandFailure, toFailure } from '../../cli/failure.ts';
import { type AlarmView, alarmView } from '../../cli/installation/attention/attention-words.ts';
import { restartText, rollbackWords } from '../../functions/records/outcome-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import type { Backend } from '../backend.ts';
import type { BodyWidget, DashboardBody } from './body.ts';
import { type Drawing, drawingsHere, type MetricsDrawing, type VerticalMark } from './drawing.ts';
import { type Place, placeWidgets } from './place-widgets.ts';
import { MAX_MINUTES, minutesOf, queriesOf, rangeOf, type Series, seriesOf, type TimeRange } from './queries.ts';

/** What a widget shows; `failed` when its data could not be read. */
export type Content =
  | (Omit<MetricsDrawing, 'lines' | 'deploysOf'> & { readonly series: readonly Series[] })
  | {
      readonly kind: 'alarms';
      readonly alarms: readonly AlarmView[];
      readonly missing: readonly { readonly name: string; readonly why: string }[];
    }
  | Exclude<Drawing, { kind: 'metrics' | 'alarms' | 'custom' }>
  | { readonly kind: 'custom'; readonly refresh: boolean }
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

/** Where the body has no time range. */
const DEFAULT_MINUTES = 15;

/** @param minutes @default the body's time range @throws CommandFailure NoSuchDashboard, InvalidDashboard */
export async function readDashboard(backend: Backend, name: string, minutes: number | undefined, nowMs: number): Promise<DashboardView> {
  const [body, fleets] = await Promise.all([readBody(backend, name), backend.fleets()]);
  const widgets = body.widgets ?? [];
  const drawings = drawingsHere(widgets, backend.cloud, fleets);
  const places = placeWidgets(widgets);
  const own = minutesOf(body.start);
  const ownMinutes = own && Math.min(own, MAX_MINUTES);
  const range = rangeOf(minutes ?? ownMinutes ?? DEFAULT_MINUTES, nowMs);
  const marksOf = keepMarks(backend, range);
  return {
    name,
    range,
    ownMinutes,
    ignored: body.variables?.length ? ['variables (the values in the body are used)'] : [],
    widgets: await Promise.all(
      widgets.map(async (widget, index) => ({
        index,
        title: titleOf(widget),
        place: places[index] as Place,
        content: await contentOf(backend, drawings[index] as Drawing, range, marksOf).catch(failed),
      })),
    ),
  };
}

export async function readBody(backend: Backend, name: string): Promise<DashboardBody> {
  const text = await backend.getDashboard(name).catch((error: Error) => {
    if (error.name !== 'ResourceNotFound' && error.name !== 'DashboardNotFoundError') throw error;
    throw badInput('NoSuchDashboard', `dashboard ${name} does not exist`, { cause: error });
  });
  try {
    return JSON.parse(text) as DashboardBody;
  } catch (error) {
    throw new CommandFailure('InvalidDashboard', `the body of dashboard ${name} is not valid JSON: ${(error as Error).message}`);
  }
}

const nameOfAlarm = (arn: string): string => arn.split(':').slice(6).join(':') || arn;

export const titleOf = ({ type, properties }: BodyWidget): string => properties?.title || (type === 'text' ? '' : `(${type})`);

export type MarksOf = (fleets: readonly string[]) => Promise<readonly VerticalMark[]>;
/** More would hide the lines. */
const MOST_DEPLOYS = 50;

/** Reads the deploys of a fleet once for all graphs. The reader of one fleet may read none of another's: a graph is drawn without them. */
function keepMarks({ cloud }: Backend, range: TimeRange): MarksOf {
  const read = new Map<string, Promise<readonly DeployRecord[]>>();
  return async (fleets) => {
    const lists = fleets.map((fleet) => {
      const deploys = read.get(fleet) ?? ifAllowed(() => cloud.records.latestDeploys(fleet, MOST_DEPLOYS)).then((found = []) => found);
      read.set(fleet, deploys);
      return deploys;
    });
    return deployMarks((await Promise.all(lists)).flat(), range, fleets.length > 1);
  };
}

/** @param marksOf the vertical marks of the fleets whose deploys a graph has */
export async function contentOf(backend: Backend, drawing: Drawing, range: TimeRange, marksOf: MarksOf): Promise<Content> {
  switch (drawing.kind) {
    case 'metrics': {
      const { lines, deploysOf, ...rest } = drawing;
      const [data, marks] = await Promise.all([backend.getMetricData(queriesOf(lines), range), marksOf(deploysOf)]);
      return { ...rest, vertical: [...rest.vertical, ...marks], series: seriesOf(lines, data) };
    }
    case 'alarms': {
      const { region, account } = backend.cloud;
      const isHere = (arn: string) => !arn.startsWith('arn:') || arn.includes(`:cloudwatch:${region}:${account}:`);
      const known = new Map((await backend.listAlarms(drawing.arns.filter(isHere).map(nameOfAlarm))).map((alarm) => [alarm.arn, alarm]));
      const shown = drawing.arns.flatMap((arn) => known.get(arn) ?? []);
      return {
        kind: 'alarms',
        alarms: shown.filter(({ state }) => drawing.states?.includes(state) ?? true).map(alarmView),
        missing: drawing.arns
          .filter((arn) => !known.has(arn))
          .map((arn) => ({
            name: nameOfAlarm(arn),
            why: isHere(arn)
              ? 'does not exist'
              : `is in ${arn.split(':').slice(3, 5).join(', account ')}, where this console does not read`,
          })),
      };
    }
    case 'custom':
      return { kind: 'custom', refresh: drawing.refresh };
    default:
      return drawing;
  }
}

/** Who may read the dashboards need not be allowed all that they show. */
export function failed(error: unknown): Content {
  const { code, message } = toFailure(error);
  return { kind: 'failed', code, message };
}

/** The colours of the dashboards' bodies. */
export const [RED, GREY] = ['#d13212', '#879596'];

/** A mark where each ended, or where it began while it runs. Records have their names and seconds, which no metric has. */
const deployMarks = (deploys: readonly DeployRecord[], { startMs, endMs }: TimeRange, withFleet: boolean): VerticalMark[] =>
  deploys
    .map((deploy) => ({ deploy, atMs: deploy.finishedAtMs ?? deploy.startedAtMs }))
    .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
    .map(({ deploy, atMs }) => ({
      atMs,
      label: `${nameOf(deploy)}${withFleet ? ` (${deploy.fleet})` : ''}`,
      color: deploy.status === 'SUCCEEDED' || deploy.status === 'RUNNING' ? GREY : RED,
    }));

export function nameOf(deploy: DeployRecord): string {
  const what = restartText(deploy) ?? deploy.to;
  if (deploy.status === 'SUCCEEDED') return what;
  if (deploy.status === 'RUNNING') return `${what} under way`;
  return `${what} failed${rollbackWords(deploy)}`;
}
