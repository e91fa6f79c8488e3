/** What the console costs on an account while it is open. Prices are those of us-east-1, which most Regions have. */
import type { Backend } from './backend.ts';
import { curveWidgets } from './curves.ts';
import type { BodyWidget } from './dashboards/body.ts';
import { drawingOf } from './dashboards/drawing.ts';
import { readBody } from './dashboards/read-dashboard.ts';

/** How long all tabs share one reading of an account: metrics have a value a minute. */
export const SHARED_MS = { reads: 5_000, metrics: 60_000 } as const;

/** For 1,000 metrics of GetMetricData, and for 1,000 other calls. @see https://aws.amazon.com/cloudwatch/pricing/ */
const DOLLARS = { metrics: 0.01, calls: 0.01 } as const;
const HOUR_MS = 3_600_000;
/** DescribeAlarms of the first page and of the strip, GetDashboard of the curves. */
const CALLS = HOUR_MS / SHARED_MS.reads + HOUR_MS / 10_000 + (2 * HOUR_MS) / SHARED_MS.metrics;

/** In one sentence. Expressions cost what the metrics in them cost. */
export async function hourlyCost(backend: Backend): Promise<string> {
  const curves = metricsIn(await curveWidgets(backend));
  const all = await Promise.all((await backend.listDashboards()).map(async (name) => metricsIn((await readBody(backend, name)).widgets)));
  const most = Math.max(0, ...all);
  return `An hour of its first page costs about ${dollars(costOf(curves) + (CALLS / 1_000) * DOLLARS.calls)}: GetMetricData of ${curves} metrics a minute, and ${Math.round(CALLS)} other calls of CloudWatch. A dashboard that is open costs up to ${dollars(costOf(most))} more. Reads of records and calls of widgets are not counted.`;
}

const costOf = (metrics: number): number => ((metrics * HOUR_MS) / SHARED_MS.metrics / 1_000) * DOLLARS.metrics;
const dollars = (amount: number): string => `$${amount.toFixed(3)}`;

const metricsIn = (widgets: readonly BodyWidget[] = []): number =>
  widgets
    .map(drawingOf)
    .reduce((sum, drawing) => sum + (drawing.kind === 'metrics' ? drawing.lines.filter((one) => one.metric).length : 0), 0);
