/** Deploys as vertical marks of a graph, from their records: a metric has neither their names nor their seconds. Pure. */
import { rollbackWords } from '../../functions/records/outcome-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import type { VerticalMark } from './drawing.ts';
import type { TimeRange } from './queries.ts';

/** The colours of the dashboards' bodies. */
const [RED, GREY] = ['#d13212', '#879596'];

/** A mark where each ended, or where it began while it runs. */
export const deployMarks = (deploys: readonly DeployRecord[], { startMs, endMs }: TimeRange, withFleet: boolean): VerticalMark[] =>
  deploys
    .map((deploy) => ({ deploy, atMs: deploy.finishedAtMs ?? deploy.startedAtMs }))
    .filter(({ atMs }) => atMs >= startMs && atMs <= endMs)
    .map(({ deploy, atMs }) => ({
      atMs,
      label: `${nameOf(deploy)}${withFleet ? ` (${deploy.fleet})` : ''}`,
      color: deploy.status === 'SUCCEEDED' || deploy.status === 'RUNNING' ? GREY : RED,
    }));

function nameOf(deploy: DeployRecord): string {
  const what = deploy.restart === undefined ? deploy.to : `restart of ${deploy.restart}`;
  if (deploy.status === 'SUCCEEDED') return what;
  if (deploy.status === 'RUNNING') return `${what} under way`;
  return `${what} failed${rollbackWords(deploy)}`;
}
