/** The console of whatever the caller's credentials reach, until Ctrl-C. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { CloudOptions } from '../cli/cloud.ts';
import { badInput, toFailure } from '../cli/failure.ts';
import { connectToRead } from '../cli/installation/connect-to-installation.ts';
import { type Output, showWait } from '../cli/output.ts';
import { STORE_PART } from '../functions/shared/naming.ts';
import { type Backend, createBackend } from './backend.ts';
import { curveWidgets } from './curves.ts';
import type { BodyWidget } from './dashboards/body.ts';
import { drawingOf } from './dashboards/drawing.ts';
import { readBody } from './dashboards/read-dashboard.ts';
import { type Console, startConsole } from './server.ts';

/** For the bodies of a few dashboards. */
const COST_MS = 10_000;

/** @returns the exit code. @throws CommandFailure PortTaken */
export async function serve({ port, ...options }: CloudOptions & { readonly port: number }, output: Output): Promise<number> {
  const cloud = await connectToRead(options, STORE_PART, true);
  output.at(cloud);
  const token = randomBytes(24).toString('base64url');
  const backend = createBackend(cloud);
  const shareMs = cloud.local ? undefined : SHARED_MS;
  const served = await startConsole({ port, token, backend: async () => backend, shareMs }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE' && error.code !== 'EACCES') throw error;
    throw badInput(
      'PortTaken',
      `Port ${port} of 127.0.0.1 cannot be used (${error.code}): choose another with --port, or leave it out to get a free one.`,
    );
  });
  const link = `${served.url}#token=${token}`;
  output.result({ link }, () =>
    [
      `console  ${link}`,
      'The link is for you alone: its token lets anyone on this machine read and act with your rights. Ctrl-C ends the console.',
    ].join('\n'),
  );
  if (!cloud.local) {
    const late = setTimeout(COST_MS, 'Its cost is not known: counting it took too long.', { ref: false });
    output.progress(
      await Promise.race([late, hourlyCost(backend).catch((error: unknown) => `Its cost is not known: ${toFailure(error).message}`)]),
    );
  }
  await showWait(undefined, () => untilInterrupted(served));
  return 0;
}

async function untilInterrupted(served: Console): Promise<void> {
  const ended = new AbortController();
  await Promise.race((['SIGINT', 'SIGTERM', 'SIGHUP'] as const).map((name) => once(process, name, ended)));
  ended.abort();
  await served.close();
}

/** How long all tabs share one reading of an account: metrics have a value a minute. */
export const SHARED_MS = { reads: 5_000, metrics: 60_000 } as const;

/** For 1,000 metrics of GetMetricData, and for 1,000 other calls. @see https://aws.amazon.com/cloudwatch/pricing/ */
/** Prices of us-east-1, which most Regions have. */
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
