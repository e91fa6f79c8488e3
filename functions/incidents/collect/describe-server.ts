/** What the servers of a fleet show together, without a word that came from one of them. Pure. */

import { createHmac } from 'node:crypto';
import { type AppContract, toReadyPage } from '../../shared/app-contract.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { ReadLogsOutput } from '../contract/read-logs.ts';
import type { AccessLogFacts, ApplicationLogFacts, ServerFacts, SessionTrace } from '../contract/server-facts.ts';
import { withoutClients } from '../report/plain.ts';
import { MINUTE_MS, requestCounts } from './read-answer.ts';
import { knownGaps, storeError, storeReason, wordsOf } from './server-words.ts';

/** A server, and the highest hashes that its samples reach: undefined where it has all sessions. */
export interface SampledServer extends ServerFacts {
  readonly sampledTo?: string | undefined;
  readonly unknownTo?: string | undefined;
}

/** Its texts are those of a list, or of the release's contract: a cookie's name and a version that are not on record are left out. */
export function describeServer(
  instanceId: string,
  { release, route, access, application, store, ready, cookie, gaps }: ReadLogsOutput,
  contract: AppContract | undefined,
): SampledServer {
  const { name, ...attributes } = cookie ?? { name: '' };
  return {
    instanceId,
    ...((contract !== undefined || release === NO_RELEASE) && { release }),
    ...(route !== undefined && { route }),
    ...(application !== undefined && { application: applicationFacts(application) }),
    ...(store !== undefined && {
      store: {
        reachable: store.reachable,
        ...(store.error !== undefined && { error: storeError(store.error), reason: storeReason(store.error) }),
        ...(store.loginUntried && { loginUntried: true as const }),
      },
    }),
    ...(ready !== undefined && { ready }),
    ...(cookie !== undefined && {
      cookie: { ...attributes, ...(name === contract?.session?.cookie && { name }) } as ServerFacts['cookie'],
    }),
    ...(access !== undefined && { access: accessFacts(access, wordsOf(pathsOf(contract))), ...endsOf(access) }),
    ...(gaps.length > 0 && { gaps: knownGaps(gaps) }),
  };
}

const pathsOf = (contract: AppContract | undefined): readonly string[] => [
  ...(contract === undefined ? [] : [contract.health.loadBalancer, toReadyPage(contract.health).path]),
  ...(contract?.session?.page === undefined ? [] : [contract.session.page]),
  ...(contract?.logs?.access?.paths ?? []),
];

const isUnknown = (row: string): boolean => row.endsWith('?');

const endsOf = ({ sessions, allSessions, allUnknown }: NonNullable<ReadLogsOutput['access']>) => ({
  sampledTo: allSessions ? undefined : hashOf(sessions.findLast((row) => !isUnknown(row))),
  unknownTo: allUnknown ? undefined : hashOf(sessions.findLast(isUnknown)),
});

const hashOf = (row: string | undefined): string => row?.slice(0, 12) ?? '';

function accessFacts(answered: NonNullable<ReadLogsOutput['access']>, words: ReadonlySet<string>): AccessLogFacts {
  const { routes, sessions, allSessions: _known, allUnknown: _unknown, ...counted } = answered;
  const { minutes: _minutes, paths: _paths, errors: _errors, errorsCut: _cut, showsLost: _shows, ...access } = counted;
  const traces = sessions.map((row) => [hashOf(row), traceOf(row, routes, access.fromMs)] as const);
  return { ...(access as Omit<AccessLogFacts, 'sessions'>), sessions: Object.fromEntries(traces), ...requestCounts(answered, words) };
}

function applicationFacts({ minutes, forms, ...application }: NonNullable<ReadLogsOutput['application']>): ApplicationLogFacts {
  const byMinute = Object.entries(minutes ?? {}).map(([category, of = []]) => [
    category,
    of.map(([minute, lines]) => [minute * MINUTE_MS, lines]),
  ]);
  return {
    ...(application as ApplicationLogFacts),
    ...(minutes !== undefined && { byMinute: Object.fromEntries(byMinute) }),
    ...(forms !== undefined && {
      forms: forms.map(({ minute, text, ...form }) => ({ ...form, text: withoutClients(text), fromMs: minute * MINUTE_MS })),
    }),
  };
}

function traceOf(row: string, routes: readonly string[], fromMs: number): SessionTrace {
  const [, first, last, requests, numbers = '-', flags = ''] = row.split(' ');
  const named = numbers === '-' ? [] : numbers.split(',').flatMap((number) => routes[Number(number)] ?? []);
  return {
    routes: named,
    firstMs: fromMs + Number(first) * 1000,
    lastMs: fromMs + Number(last) * 1000,
    requests: Number(requests),
    ...(flags.includes('*') && { begins: true as const }),
    ...(flags.includes('!') && { lost: true as const }),
    ...(flags.includes('?') && { unknown: true as const }),
  };
}

/** Their common sample; routes and sessions by names of the collector's own, but for routes that are registered instances. Pure. */
export function joinServers(servers: readonly SampledServer[], instanceIds: readonly string[], hashKey: string): readonly ServerFacts[] {
  return withOwnNames(withCommonSample(servers), instanceIds, hashKey);
}

/** A sample that ends before this part of where the others do is one of a part: a server with so many more sessions is none of their kind. */
const EARLY = 8;
const placeOf = (hash: string): number => Number.parseInt(hash, 16);

function commonEnd(ends: readonly string[]) {
  const inOrder = ends.toSorted();
  const middle = placeOf(inOrder[Math.floor(inOrder.length / 2)] ?? LAST);
  const isEarly = (one: string): boolean => placeOf(one) < middle / EARLY;
  return { end: inOrder.find((one) => !isEarly(one)) ?? LAST, isEarly };
}

/**
 * Servers sample the sessions with the lowest hashes: what all of them have is up to the lowest end. One that ends far before the others
 * does not cut them, since a server that somebody has taken over could hide all sessions so; and ids that clients alone named have a sample
 * of their own.
 */
function withCommonSample(servers: readonly SampledServer[]): readonly ServerFacts[] {
  const read = servers.filter(({ access }) => access !== undefined);
  const known = commonEnd(read.map(({ sampledTo }) => sampledTo ?? LAST));
  const unknown = commonEnd(read.map(({ unknownTo }) => unknownTo ?? LAST));
  const marked = ([hash, trace]: [string, SessionTrace]) =>
    [hash, hash > unknown.end ? { ...trace, beyond: true as const } : trace] as const;
  return servers.map(({ sampledTo = LAST, unknownTo = LAST, ...server }) => {
    if (server.access === undefined) return server;
    const isCut = known.isEarly(sampledTo);
    const rows = Object.entries(server.access.sessions).filter(([hash]) => isCut || hash <= known.end);
    const partial = isCut || unknown.isEarly(unknownTo) ? { partial: true } : {};
    return { ...server, access: { ...server.access, ...partial, sessions: Object.fromEntries(rows.map(marked)) } };
  });
}
const LAST = 'f'.repeat(12);

/** A route is what clients' cookies have behind a dot, and a hash is what the server says is one: both matter by being the same or not. */
function withOwnNames(servers: readonly ServerFacts[], instanceIds: readonly string[], hashKey: string): readonly ServerFacts[] {
  const traces = (server: ServerFacts): readonly SessionTrace[] => Object.values(server.access?.sessions ?? {});
  const said = servers.flatMap((server) => [
    ...(server.route === undefined ? [] : [server.route]),
    ...traces(server).flatMap(({ routes }) => routes),
  ]);
  const routes = [...new Set(said)].filter((route) => !instanceIds.includes(route)).toSorted();
  const names = new Map(routes.map((route, index) => [route, `route ${index + 1}`]));
  const nameOf = (route: string): string => names.get(route) ?? route;
  const ownHash = (hash: string): string => createHmac('sha256', hashKey).update(hash).digest('hex').slice(0, 12);
  const renamed = (sessions: Readonly<Record<string, SessionTrace>>) =>
    Object.fromEntries(Object.entries(sessions).map(([hash, trace]) => [ownHash(hash), { ...trace, routes: trace.routes.map(nameOf) }]));
  return servers.map((server) => ({
    ...server,
    ...(server.route !== undefined && { route: nameOf(server.route) }),
    ...(server.access && { access: { ...server.access, sessions: renamed(server.access.sessions) } }),
  }));
}
