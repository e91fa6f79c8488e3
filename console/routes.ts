/** The API under /api: GET reads, POST changes. */
import { z } from 'zod';
import { badInput } from '../cli/failure.ts';
import { deployId, incidentId, sweepId } from '../cli/option-values.ts';
import { INCIDENTS_PART, STORE_PART } from '../functions/shared/naming.ts';
import { decodeUri } from '../functions/shared/urls.ts';
import { abortDeploy, beginDeploy, beginSweep, continueDeploy, endDrain, resumeDeploy } from './actions.ts';
import type { Backend } from './backend.ts';
import { readCanaryView } from './canary.ts';
import { readCurves } from './curves.ts';
import { invokeWidget } from './dashboards/invoke-widget.ts';
import { MAX_MINUTES } from './dashboards/queries.ts';
import { readDashboard } from './dashboards/read-dashboard.ts';
import { readDeploy, readFleet } from './deploys.ts';
import { readDryRun } from './dry-run.ts';
import { beginDryRun, readIncidents, readOneIncident } from './incidents.ts';
import { readAlarms, readOverview, readTrouble } from './overview.ts';
import { readPlace } from './place.ts';
import { readPageOf, readRunbookOf } from './runbook.ts';
import { readStore, readSweep } from './store.ts';

export interface ApiRequest {
  readonly connect: () => Promise<Backend>;
  readonly nowMs: number;
  /** The parts of the path that match each `:`, in order. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  /** Body of a POST; undefined for other requests. */
  readonly body: unknown;
}

export interface Route<Request = ApiRequest> {
  readonly method: 'GET' | 'POST';
  /** A `:` matches one part. */
  readonly path: string;
  readonly answer: (request: Request) => Promise<unknown>;
  /** What tabs share the readings of. @default of a GET `reads`, of a POST none */
  readonly reads?: 'reads' | 'metrics';
}

interface CloudRequest extends ApiRequest {
  readonly backend: Backend;
  readonly cloud: Backend['cloud'];
  readonly name: string;
}

type Answer = Route<CloudRequest>['answer'];
const get = (path: string, answer: Answer, reads?: Route['reads']) => ({ method: 'GET', path, answer, reads }) as const;
const post = (path: string, answer: Answer, reads?: Route['reads']) => ({ method: 'POST', path, answer, reads }) as const;
/** The contract of the part that it starts, or changes, has to be this version's, which the stacks can have left since the console began. */
const start = (path: string, answer: Answer, part?: string) =>
  post(path, async (request) => {
    await request.backend.requireContract(part);
    return answer(request);
  });

const OF_CLOUD: readonly Route<CloudRequest>[] = [
  get('place', ({ backend }) => readPlace(backend)),
  get('dashboards', async ({ backend }) => ({ names: (await backend.listDashboards()).toSorted() })),
  get('dashboards/:', ({ backend, name, query, nowMs }) => readDashboard(backend, name, minutesIn(query), nowMs), 'metrics'),
  // A POST, because the function can change something: a page of another site can make a browser send a GET.
  post(
    'dashboards/:/widgets/:',
    ({ backend, name, names: [, index = ''], body, nowMs }) => invokeWidget(backend, name, Number(index), body, nowMs),
    'reads',
  ),
  get('deploys', ({ cloud, nowMs }) => readFleet(cloud, nowMs)),
  start('deploys', ({ cloud, body }) => beginDeploy(cloud, body)),
  // A POST, because it has a function work.
  post('dry-runs', ({ cloud, body }) => readDryRun(cloud, body)),
  get('deploys/:', ({ cloud, name, nowMs }) => readDeploy(cloud, deployId(name), nowMs)),
  post('deploys/:/abort', ({ cloud, name, body }) => abortDeploy(cloud, name, body)),
  start('deploys/:/continue', ({ cloud, name, body }) => continueDeploy(cloud, name, body)),
  start('deploys/:/end-drain', ({ cloud, name, body }) => endDrain(cloud, name, body)),
  start('deploys/:/resume', ({ cloud, name, body }) => resumeDeploy(cloud, name, body)),
  get('store', ({ cloud, nowMs }) => readStore(cloud, nowMs)),
  start('sweeps', ({ cloud, body }) => beginSweep(cloud, body), STORE_PART),
  get('sweeps/:', ({ cloud, name, nowMs }) => readSweep(cloud, sweepId(name), nowMs)),
  get('alarms', ({ backend }) => readAlarms(backend)),
  get('attention', ({ backend, nowMs }) => readTrouble(backend, nowMs)),
  get('overview', ({ backend, nowMs }) => readOverview(backend, nowMs)),
  get('curves', ({ backend, nowMs }) => readCurves(backend, nowMs), 'metrics'),
  get('canary', ({ cloud, nowMs }) => readCanaryView(cloud, nowMs)),
  get('incidents', ({ cloud, nowMs }) => readIncidents(cloud, nowMs)),
  start('incidents', ({ cloud, body }) => beginDryRun(cloud, body), INCIDENTS_PART),
  get('incidents/:', ({ cloud, name, nowMs }) => readOneIncident(cloud, incidentId(name), nowMs)),
  get('runbook/:', ({ cloud, name }) => readRunbookOf(cloud, name)),
  get('docs/:', ({ cloud, name }) => readPageOf(cloud, name)),
];

const ROUTES: readonly Route[] = OF_CLOUD.map(({ answer, ...route }) => ({
  ...route,
  answer: async (request) => {
    const backend = await request.connect();
    return answer({ ...request, backend, cloud: backend.cloud, name: request.names[0] ?? '' });
  },
}));

export type RouteMatch = { readonly route: Route; readonly names: readonly string[] } | { readonly allow: readonly string[] } | undefined;

/**
 * The route of a request; for another method the methods that the path accepts; undefined for an unknown path.
 * @param more what only this console has
 */
export function findRoute(method: string, path: string, more: readonly Route[] = []): RouteMatch {
  const parts = path.split('/');
  const at = [...ROUTES, ...more].filter((route) => matches(route.path.split('/'), parts));
  if (at.length === 0) return undefined;
  const route = at.find((one) => one.method === method);
  if (!route) return { allow: at.map((one) => one.method) };
  return { route, names: parts.filter((_, index) => route.path.split('/')[index] === ':').map(decodeUri) };
}

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length && pattern.every((part, index) => part === ':' || part === parts[index]);

function minutesIn(query: URLSearchParams): number | undefined {
  const minutes = z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_MINUTES)
    .optional()
    .safeParse(query.get('minutes') ?? undefined);
  if (minutes.success) return minutes.data;
  throw badInput('InvalidRange', `minutes=${query.get('minutes')} is not a whole number from 1 to ${MAX_MINUTES}`);
}
