/** The API under /api: GET reads, POST changes. */
import { z } from 'zod';
import { badInput } from '../cli/failure.ts';
import { deployId, incidentId, sweepId } from '../cli/option-values.ts';
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

const firstName = ({ names }: ApiRequest): string => names[0] ?? '';

const OF_CLOUD: readonly Route<ApiRequest & { readonly backend: Backend }>[] = [
  { method: 'GET', path: 'place', answer: ({ backend }) => readPlace(backend) },
  { method: 'GET', path: 'dashboards', answer: async ({ backend }) => ({ names: (await backend.listDashboards()).toSorted() }) },
  {
    method: 'GET',
    path: 'dashboards/:',
    reads: 'metrics',
    answer: (request) => readDashboard(request.backend, firstName(request), minutesIn(request.query), request.nowMs),
  },
  // A POST, because the function can change something: a page of another site can make a browser send a GET.
  {
    method: 'POST',
    path: 'dashboards/:/widgets/:',
    reads: 'reads',
    answer: ({ backend, names: [name = '', index = ''], body, nowMs }) => invokeWidget(backend, name, Number(index), body, nowMs),
  },
  { method: 'GET', path: 'deploys', answer: ({ backend, nowMs }) => readFleet(backend.cloud, nowMs) },
  { method: 'POST', path: 'deploys', answer: ({ backend, body }) => beginDeploy(backend.cloud, body) },
  // A POST, because it has a function work.
  { method: 'POST', path: 'dry-runs', answer: ({ backend, body }) => readDryRun(backend.cloud, body) },
  { method: 'GET', path: 'deploys/:', answer: (request) => readDeploy(request.backend.cloud, deployId(firstName(request)), request.nowMs) },
  { method: 'POST', path: 'deploys/:/abort', answer: (request) => abortDeploy(request.backend.cloud, firstName(request), request.body) },
  {
    method: 'POST',
    path: 'deploys/:/continue',
    answer: (request) => continueDeploy(request.backend.cloud, firstName(request), request.body),
  },
  { method: 'POST', path: 'deploys/:/end-drain', answer: (request) => endDrain(request.backend.cloud, firstName(request), request.body) },
  { method: 'POST', path: 'deploys/:/resume', answer: (request) => resumeDeploy(request.backend.cloud, firstName(request), request.body) },
  { method: 'GET', path: 'store', answer: ({ backend, nowMs }) => readStore(backend.cloud, nowMs) },
  { method: 'POST', path: 'sweeps', answer: ({ backend, body }) => beginSweep(backend.cloud, body) },
  { method: 'GET', path: 'sweeps/:', answer: (request) => readSweep(request.backend.cloud, sweepId(firstName(request)), request.nowMs) },
  { method: 'GET', path: 'alarms', answer: ({ backend }) => readAlarms(backend) },
  { method: 'GET', path: 'attention', answer: ({ backend, nowMs }) => readTrouble(backend, nowMs) },
  { method: 'GET', path: 'overview', answer: ({ backend, nowMs }) => readOverview(backend, nowMs) },
  { method: 'GET', path: 'curves', reads: 'metrics', answer: ({ backend, nowMs }) => readCurves(backend, nowMs) },
  { method: 'GET', path: 'canary', answer: ({ backend, nowMs }) => readCanaryView(backend.cloud, nowMs) },
  { method: 'GET', path: 'incidents', answer: ({ backend, nowMs }) => readIncidents(backend.cloud, nowMs) },
  { method: 'POST', path: 'incidents', answer: ({ backend, body }) => beginDryRun(backend.cloud, body) },
  {
    method: 'GET',
    path: 'incidents/:',
    answer: (request) => readOneIncident(request.backend.cloud, incidentId(firstName(request)), request.nowMs),
  },
  { method: 'GET', path: 'runbook/:', answer: (request) => readRunbookOf(request.backend.cloud, firstName(request)) },
  { method: 'GET', path: 'docs/:', answer: (request) => readPageOf(request.backend.cloud, firstName(request)) },
];

const ROUTES: readonly Route[] = OF_CLOUD.map(({ answer, ...route }) => ({
  ...route,
  answer: async (request) => answer({ ...request, backend: await request.connect() }),
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
