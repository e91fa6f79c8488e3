/** What the servers of a fleet show together, without a word that came from one of them. Pure. */
import { createHmac } from 'node:crypto';
import type { ServerFacts, SessionTrace } from '../contract/server-facts.ts';
import type { SampledServer } from './describe-server.ts';

/**
 * Their common sample; routes and sessions by names of the collector's own.
 * @param instanceIds of all registered servers: a route that is one of them keeps its name
 * @param hashKey of the incident
 */
export function joinServers(servers: readonly SampledServer[], instanceIds: readonly string[], hashKey: string): readonly ServerFacts[] {
  return withOwnNames(withCommonSample(servers), instanceIds, hashKey);
}

/** A sample that ends before this part of where the others do is one of a part: a server with so many more sessions is none of their kind. */
const EARLY = 8;
/** Hashes have 12 hex digits. */
const placeOf = (hash: string): number => Number.parseInt(hash, 16);

/** The lowest of the ends that are not far before the others, and whether one is. */
function commonEnd(ends: readonly string[]) {
  const inOrder = ends.toSorted();
  const middle = placeOf(inOrder[Math.floor(inOrder.length / 2)] ?? LAST);
  const isEarly = (one: string): boolean => placeOf(one) < middle / EARLY;
  return { end: inOrder.find((one) => !isEarly(one)) ?? LAST, isEarly };
}

/**
 * Servers sample the sessions with the lowest hashes, each as many as its output has room for. What all of them have is up to the lowest of
 * these ends: a session that only one server shows was then on that server alone. A server whose sample ends far before the others'
 * does not cut them: one that somebody has taken over could hide all sessions so. It counts as one that was read in part. Ids that
 * clients alone named have a sample of their own, so that invented ones hide no session that a server knew: they are marked behind its end.
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

/**
 * A route is what clients' cookies have behind a dot, and a hash is what the server says is one: both matter by being the same or not.
 * `route 1`, `route 2` are in the order of the names.
 */
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
