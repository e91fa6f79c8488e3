import type { ReadLogsOutput } from '../contract/read-logs.ts';
import type { AccessLogFacts, ServerFacts, SessionTrace } from '../contract/server-facts.ts';

/** A server, and the highest hash that its sample reaches: undefined where it has all sessions. */
export interface SampledServer extends ServerFacts {
  readonly sampledTo?: string | undefined;
}

/** The document's line as evidence. */
export function describeServer(instanceId: string, { access, gaps, ...output }: ReadLogsOutput): SampledServer {
  return {
    instanceId,
    ...(output as Omit<ServerFacts, 'instanceId' | 'access'>),
    ...(access !== undefined && {
      access: accessFacts(access),
      sampledTo: access.allSessions ? undefined : hashOf(access.sessions.at(-1)),
    }),
    ...(gaps.length > 0 && { gaps }),
  };
}

const hashOf = (row: string | undefined): string => row?.slice(0, 12) ?? '';

function accessFacts({ routes, sessions, allSessions: _all, ...access }: NonNullable<ReadLogsOutput['access']>): AccessLogFacts {
  const traces = sessions.map((row) => [hashOf(row), traceOf(row, routes, access.fromMs)] as const);
  return { ...access, sessions: Object.fromEntries(traces) };
}

/** `HASH FIRST LAST REQUESTS ROUTES [!]`, as the document writes it. */
function traceOf(row: string, routes: readonly string[], fromMs: number): SessionTrace {
  const [, first, last, requests, numbers = '-', lost] = row.split(' ');
  const named = numbers === '-' ? [] : numbers.split(',').flatMap((number) => routes[Number(number)] ?? []);
  return {
    routes: named,
    firstMs: fromMs + Number(first) * 1000,
    lastMs: fromMs + Number(last) * 1000,
    requests: Number(requests),
    ...(lost === '!' && { lost: true as const }),
  };
}

/**
 * Servers sample the sessions with the lowest hashes, each as many as its output has room for. What all of them have is up to the lowest of
 * these ends: a session that only one server shows was then on that server alone.
 */
export function withCommonSample(servers: readonly SampledServer[]): readonly ServerFacts[] {
  const end = servers.flatMap(({ sampledTo }) => sampledTo ?? []).toSorted()[0];
  return servers.map(({ sampledTo: _, ...server }) => {
    if (end === undefined || server.access === undefined) return server;
    const kept = Object.entries(server.access.sessions).filter(([hash]) => hash <= end);
    return { ...server, access: { ...server.access, sessions: Object.fromEntries(kept) } };
  });
}
