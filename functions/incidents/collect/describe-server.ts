import { type AppContract, gateOf } from '../../shared/app-contract.ts';
import { NO_RELEASE } from '../../shared/version.ts';
import type { ReadLogsOutput } from '../contract/read-logs.ts';
import type { AccessLogFacts, ApplicationLogFacts, ServerFacts, SessionTrace } from '../contract/server-facts.ts';
import { withoutClients } from '../report/plain.ts';
import { MINUTE_MS, requestCounts } from './request-counts.ts';
import { knownGaps, plainPath, storeError, storeReason, wordsOf } from './server-words.ts';

/** A server, and the highest hashes that its samples reach: undefined where it has all sessions. */
export interface SampledServer extends ServerFacts {
  /** The highest hash among the sessions that the server knew. */
  readonly sampledTo?: string | undefined;
  /** The highest hash among the sessions that only clients named. */
  readonly unknownTo?: string | undefined;
}

/**
 * The document's line as evidence. Its texts are those of a list, or of the release's contract: a cookie's name and a version that are
 * not on record are left out.
 * @param contract of the release that the server names, where that is on record
 */
export function describeServer(
  instanceId: string,
  { release, route, access, application, store, gate, unwritten, cookie, gaps }: ReadLogsOutput,
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
    ...(gate !== undefined && { gate }),
    ...(unwritten !== undefined && { unwritten }),
    ...(cookie !== undefined && {
      cookie: { ...attributes, ...(name === contract?.session?.cookie && { name }) } as ServerFacts['cookie'],
    }),
    ...(access !== undefined && {
      access: accessFacts(access, wordsOf(pathsOf(contract))),
      ...endsOf(access),
    }),
    ...(gaps.length > 0 && { gaps: knownGaps(gaps) }),
  };
}

/** Those whose words the document names. */
const pathsOf = (contract: AppContract | undefined): readonly string[] => [
  ...(contract === undefined ? [] : [contract.health.loadBalancer, gateOf(contract.health).path]),
  ...(contract?.session?.page === undefined ? [] : [contract.session.page]),
  ...(contract?.logs?.access?.paths ?? []),
];

const isUnknown = (row: string): boolean => row.endsWith('?');

function endsOf({
  sessions,
  allSessions,
  allUnknown,
}: NonNullable<ReadLogsOutput['access']>): Pick<SampledServer, 'sampledTo' | 'unknownTo'> {
  return {
    sampledTo: allSessions ? undefined : hashOf(sessions.findLast((row) => !isUnknown(row))),
    unknownTo: allUnknown ? undefined : hashOf(sessions.findLast(isUnknown)),
  };
}

const hashOf = (row: string | undefined): string => row?.slice(0, 12) ?? '';

function accessFacts(answered: NonNullable<ReadLogsOutput['access']>, words: ReadonlySet<string>): AccessLogFacts {
  const { routes, sessions, allSessions: _known, allUnknown: _unknown, created, ...counted } = answered;
  const { minutes: _minutes, paths: _paths, errors: _errors, errorsCut: _cut, showsLost: _shows, ...access } = counted;
  const traces = sessions.map((row) => [hashOf(row), traceOf(row, routes, access.fromMs)] as const);
  return {
    ...(access as Omit<AccessLogFacts, 'sessions' | 'created'>),
    created: created && { byAgent: created.byAgent as Record<string, number>, byPath: byPlainPath(created.byPath, words) },
    sessions: Object.fromEntries(traces),
    ...requestCounts(answered, words),
  };
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

function byPlainPath(byPath: Readonly<Record<string, number>>, words: ReadonlySet<string>): Record<string, number> {
  const counts = new Map<string, number>();
  for (const [path, count] of Object.entries(byPath)) {
    const plain = plainPath(path, words);
    counts.set(plain, (counts.get(plain) ?? 0) + count);
  }
  return Object.fromEntries(counts);
}

/** `HASH FIRST LAST REQUESTS ROUTES [FLAGS]`, as the document writes it. */
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
