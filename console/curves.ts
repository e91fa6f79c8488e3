/** The curves of the first page: widgets of the deployed dashboards, over the last hour, with deploys and incidents as bands. */
import { isDenied } from '../cli/aws-errors.ts';
import { MAX_INCIDENTS } from '../cli/incidents/incident-row.ts';
import { CURVES, dashboardName, fleetDashboardName, STORE_PART } from '../functions/shared/naming.ts';
import type { Backend, ConsoleCloud } from './backend.ts';
import type { BodyWidget } from './dashboards/body.ts';
import { drawingHere, type VerticalMark } from './dashboards/drawing.ts';
import { rangeOf, type TimeRange } from './dashboards/queries.ts';
import { contentOf, failed, GREY, nameOf, RED, readBody, type WidgetView } from './dashboards/read-dashboard.ts';
import { notShown } from './place.ts';

export interface CurvesView {
  readonly range: TimeRange;
  readonly curves: readonly Omit<WidgetView, 'place'>[];
  /** Why there are none, in a sentence. */
  readonly none?: string;
}

const MINUTES = 60;
const MOST_DEPLOYS = 20;
const ORDER: readonly string[] = [CURVES.answers, CURVES.turnedAway, CURVES.sessions, CURVES.latency];

export async function readCurves(backend: Backend, nowMs: number): Promise<CurvesView> {
  const range = rangeOf(MINUTES, nowMs);
  try {
    const widgets = await curveWidgets(backend);
    const bands = widgets.length === 0 ? [] : await readBands(backend.cloud, range);
    const curves = widgets.map(async (widget, index) => ({
      index,
      title: widget.properties?.title ?? '',
      content: await contentOf(backend, drawingHere(widget, backend.cloud, []), range, async () => bands).catch(failed),
    }));
    const none = 'The dashboards that this installation has deployed have no such curves: deploy it again with this version.';
    return { range, curves: await Promise.all(curves), ...(widgets.length === 0 && { none }) };
  } catch (error) {
    if (!(error instanceof Error && isDenied(error))) throw error;
    return { range, curves: [], none: notShown('Curves', 'cloudwatch:GetDashboard', backend.cloud) };
  }
}

/** From the bodies in the account; without what is not deployed. */
export async function curveWidgets(backend: Backend): Promise<readonly BodyWidget[]> {
  const bodies = await Promise.all(
    dashboardsOf(backend.cloud).map((name) =>
      readBody(backend, name).catch((error: Error & { code?: string }) => {
        if (error.code === 'NoSuchDashboard') return { widgets: [] };
        throw error;
      }),
    ),
  );
  const placeOf = ({ properties }: BodyWidget) => ORDER.indexOf(properties?.title ?? '');
  const found = bodies.flatMap(({ widgets = [] }) => widgets.filter((widget) => widget.type === 'metric' && placeOf(widget) !== -1));
  return found.toSorted((a, b) => placeOf(a) - placeOf(b));
}

const dashboardsOf = ({ installation, fleet }: ConsoleCloud): readonly string[] => [
  ...(fleet === STORE_PART ? [] : [fleetDashboardName(installation, fleet, 'web-tier')]),
  dashboardName(installation, 'sessions'),
];

/** What was under way, and which incidents were open. */
async function readBands({ records, incidents, fleet }: ConsoleCloud, { startMs, endMs }: TimeRange): Promise<readonly VerticalMark[]> {
  const [deploys, found] = await Promise.all([records.latestDeploys(fleet, MOST_DEPLOYS), incidents.latestIncidents(MAX_INCIDENTS)]);
  const band = (fromMs: number, toMs: number | undefined, label: string, color: string): VerticalMark[] =>
    (toMs ?? endMs) < startMs ? [] : [{ atMs: Math.max(fromMs, startMs), toMs: toMs ?? endMs, label, color }];
  return [
    ...deploys.flatMap((deploy) => {
      const isWell = deploy.status === 'SUCCEEDED' || deploy.status === 'RUNNING';
      return band(deploy.startedAtMs, deploy.finishedAtMs, nameOf(deploy).replace(/,.*/, ''), isWell ? GREY : RED);
    }),
    ...found.filter(({ dryRun }) => !dryRun).flatMap((one) => band(one.openedAtMs, one.closedAtMs, `incident ${one.runbook}`, RED)),
  ];
}
