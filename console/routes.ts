/** What the console answers under /api: reads by GET, changes by POST. */
import { z } from 'zod';
import { CommandFailure, EXIT } from '../cli/failure.ts';
import { deployId, sweepId } from '../cli/option-values.ts';
import { abortDeploy, beginDeploy, beginSweep, resumeDeploy } from './actions.ts';
import { alarmView, worstFirst } from './alarms.ts';
import type { Backend } from './backend.ts';
import { invokeWidget } from './dashboards/invoke-widget.ts';
import { readDashboard } from './dashboards/read-dashboard.ts';
import { MOST_MINUTES } from './dashboards/time-range.ts';
import { readDeploy, readFleet } from './deploys.ts';
import { readRunbook } from './runbook.ts';
import { readStore, readSweep } from './store.ts';

export interface Asked {
  readonly backend: Backend;
  readonly nowMs: number;
  /** What stands in the path in place of each `:`. */
  readonly names: readonly string[];
  readonly query: URLSearchParams;
  /** Of a change. */
  readonly body: unknown;
}

interface Route {
  readonly method: 'GET' | 'POST';
  /** A `:` stands for one part. */
  readonly path: string;
  readonly answer: (asked: Asked) => Promise<unknown>;
}

const first = ({ names }: Asked): string => names[0] ?? '';

export const ROUTES: readonly Route[] = [
  { method: 'GET', path: 'dashboards', answer: async ({ backend }) => ({ names: (await backend.listDashboards()).toSorted() }) },
  {
    method: 'GET',
    path: 'dashboards/:',
    answer: (asked) => readDashboard(asked.backend, first(asked), minutesIn(asked.query), asked.nowMs),
  },
  // A function may do anything: it is not called by what a page elsewhere can make a browser load.
  {
    method: 'POST',
    path: 'dashboards/:/widgets/:',
    answer: ({ backend, names: [name = '', index = ''], body, nowMs }) => invokeWidget(backend, name, Number(index), body, nowMs),
  },
  { method: 'GET', path: 'deploys', answer: ({ backend, nowMs }) => readFleet(backend.cloud, nowMs) },
  { method: 'POST', path: 'deploys', answer: ({ backend, body }) => beginDeploy(backend.cloud, body) },
  { method: 'GET', path: 'deploys/:', answer: (asked) => readDeploy(asked.backend.cloud, deployId(first(asked)), asked.nowMs) },
  { method: 'POST', path: 'deploys/:/abort', answer: (asked) => abortDeploy(asked.backend.cloud, first(asked), asked.body) },
  { method: 'POST', path: 'deploys/:/resume', answer: (asked) => resumeDeploy(asked.backend.cloud, first(asked), asked.body) },
  { method: 'GET', path: 'store', answer: ({ backend, nowMs }) => readStore(backend.cloud, nowMs) },
  { method: 'POST', path: 'sweeps', answer: ({ backend, body }) => beginSweep(backend.cloud, body) },
  { method: 'GET', path: 'sweeps/:', answer: (asked) => readSweep(asked.backend.cloud, sweepId(first(asked)), asked.nowMs) },
  {
    method: 'GET',
    path: 'alarms',
    answer: async ({ backend }) => ({ alarms: worstFirst((await backend.listAlarms()).map(alarmView)) }),
  },
  { method: 'GET', path: 'runbook/:', answer: (asked) => readRunbook(first(asked)) },
];

export type Found = { readonly route: Route; readonly names: readonly string[] } | { readonly allow: readonly string[] } | undefined;

/** The route of a request; the methods that a path takes when this one is none of them; undefined for a path that is none. */
export function findRoute(method: string, path: string): Found {
  const parts = path.split('/');
  const at = ROUTES.filter((route) => matches(route.path.split('/'), parts));
  if (at.length === 0) return undefined;
  const route = at.find((one) => one.method === method);
  if (!route) return { allow: at.map((one) => one.method) };
  return { route, names: parts.filter((_, index) => route.path.split('/')[index] === ':').map(decode) };
}

const matches = (pattern: readonly string[], parts: readonly string[]): boolean =>
  pattern.length === parts.length && pattern.every((part, index) => part === ':' || part === parts[index]);

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const DEFAULT_MINUTES = 60;

function minutesIn(query: URLSearchParams): number {
  const minutes = z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_MINUTES)
    .safeParse(query.get('minutes') ?? DEFAULT_MINUTES);
  if (minutes.success) return minutes.data;
  throw new CommandFailure('InvalidRange', `minutes has to be a whole number from 1 to ${MOST_MINUTES}`, EXIT.badInput);
}
