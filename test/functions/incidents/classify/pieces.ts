/** Evidence with pieces taken away: what a collector could not read. */
import type { Collected, Evidence, Facts, Source } from '../../../../functions/incidents/contract/evidence.ts';
import { APPLICATION_CATEGORIES } from '../../../../functions/incidents/contract/read-logs.ts';
import type {
  AccessLogFacts,
  ApplicationLogFacts,
  ReturnFacts,
  ServerFacts,
} from '../../../../functions/incidents/contract/server-facts.ts';
import type { StoreNodeFacts } from '../../../../functions/incidents/contract/store-facts.ts';
import { NOW_MS } from '../healthy-evidence.ts';

/** A generator of numbers from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Removal = (evidence: Evidence) => Evidence;

const facts = <S extends Source>(evidence: Evidence, source: S): Facts[S] | undefined => {
  const collected = evidence.sources[source] as Collected<Facts[S]> | undefined;
  return collected && 'facts' in collected ? collected.facts : undefined;
};

function withFacts<S extends Source>(source: S, change: (facts: Facts[S]) => Facts[S], gaps?: readonly string[]): Removal {
  return (evidence) => {
    const known = facts(evidence, source);
    if (known === undefined) return evidence;
    const before = evidence.sources[source] as { readonly takenAtMs: number; readonly gaps?: readonly string[] };
    const collected = { ...before, facts: change(known), ...(gaps && { gaps: [...(before.gaps ?? []), ...gaps] }) };
    return { ...evidence, sources: { ...evidence.sources, [source]: collected } };
  };
}

const without = <Whole extends object>(whole: Whole, ...keys: readonly (keyof Whole)[]): Whole =>
  Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.includes(key as keyof Whole))) as Whole;

const ofServer = (index: number, change: (server: ServerFacts) => ServerFacts): Removal =>
  withFacts('servers', ({ servers }) => ({ servers: servers.map((server, at) => (at === index ? change(server) : server)) }));
const ofNode = (index: number, change: (node: StoreNodeFacts) => StoreNodeFacts): Removal =>
  withFacts('store', (store) => ({ ...store, nodes: store.nodes.map((node, at) => (at === index ? change(node) : node)) }));
const ofReading = (change: (reading: NonNullable<Facts['readings']['reading']>) => Facts['readings']['reading']): Removal =>
  withFacts('readings', (readings) => ({ ...readings, reading: readings.reading && change(readings.reading) }));

/** What is left of a log that is cut: its last minutes. */
const CUT_MINUTES = 20;
/** The part of a number that is left. */
const partOf = (part: number, count: number): number => Math.floor(count * part);
const partsOf = (part: number, counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, partOf(part, count)]));

/** As a server reads it that got no further back than the last minutes: what is older is not counted, and sessions look younger. */
function cutAccess(access: AccessLogFacts): AccessLogFacts {
  const fromMs = Math.max(access.fromMs, access.toMs - CUT_MINUTES * 60_000);
  const part = (access.toMs - fromMs) / Math.max(1, access.toMs - access.fromMs);
  const kept = Object.entries(access.sessions).filter(([, { lastMs }]) => lastMs >= fromMs);
  const younger = kept.map(([hash, trace]) =>
    trace.firstMs < fromMs ? [hash, { ...without(trace, 'begins'), firstMs: fromMs }] : [hash, trace],
  );
  return { ...withPart(access, part), fromMs, sessions: Object.fromEntries(younger) };
}

const withoutBegins = (access: AccessLogFacts): AccessLogFacts => ({
  ...access,
  sessions: Object.fromEntries(Object.entries(access.sessions).map(([hash, trace]) => [hash, without(trace, 'begins')])),
});

/** As a server reads it one of whose files is damaged: of the requests, little more is left than those that began a session. */
function damagedAccess(access: AccessLogFacts): AccessLogFacts {
  const { created } = access;
  const begun = Object.values(created?.byAgent ?? {}).reduce((sum, count) => sum + count, 0);
  const left = withPart(access, 0.02);
  return { ...left, created, lines: left.lines + begun, sessions: Object.fromEntries(Object.entries(access.sessions).slice(-2)) };
}

function withPart(access: AccessLogFacts, part: number): AccessLogFacts {
  const left = (count: number | null) => count && partOf(part, count);
  return {
    ...access,
    partial: true,
    lines: partOf(part, access.lines),
    statuses: partsOf(part, access.statuses),
    withSession: left(access.withSession),
    replaced: left(access.replaced),
    foreignRoute: left(access.foreignRoute),
    created: access.created && { byAgent: partsOf(part, access.created.byAgent) },
    fromOtherSite: access.fromOtherSite && {
      ...partOfReturns(part, access.fromOtherSite),
      ...(access.fromOtherSite.posts && { posts: partOfReturns(part, access.fromOtherSite.posts) }),
    },
  };
}

const partOfReturns = (part: number, { withCookie, withoutCookie, refused }: ReturnFacts): ReturnFacts => ({
  withCookie: partOf(part, withCookie),
  withoutCookie: partOf(part, withoutCookie),
  ...(refused !== undefined && { refused: partOf(part, refused) }),
});

function cutApplication(log: ApplicationLogFacts, minutes: number): ApplicationLogFacts {
  const fromMs = NOW_MS - minutes * 60_000;
  const later = Object.entries(log.lastMs ?? {}).filter(([, lastMs]) => lastMs >= fromMs);
  const counts = Object.fromEntries(
    APPLICATION_CATEGORIES.map((category) => [
      category,
      later.some(([name]) => name === category) ? Math.ceil((log[category] ?? 0) / 2) : 0,
    ]),
  );
  const firstMs = Object.fromEntries(
    later.map(([category, lastMs]) => [category, Math.min(lastMs, Math.max(fromMs, log.firstMs[category] ?? fromMs))]),
  );
  return { ...log, ...counts, lines: Math.ceil(log.lines / 2), firstMs, lastMs: Object.fromEntries(later), partial: true };
}

/** Whatever can be missing by itself. */
export function removals(evidence: Evidence): readonly Removal[] {
  const sources = Object.keys(evidence.sources) as Source[];
  const servers = facts(evidence, 'servers')?.servers ?? [];
  const nodes = facts(evidence, 'store')?.nodes ?? [];
  const gone = ['one could not be read'];
  return [
    ...sources.map(
      (source): Removal =>
        (one) => ({ ...one, sources: { ...one.sources, [source]: { gap: 'it did not answer' } } }),
    ),
    ...sources.map(
      (source): Removal =>
        (one) => ({ ...one, sources: without(one.sources, source) }),
    ),
    ...servers.flatMap((_, index) => [
      ofServer(index, ({ instanceId }) => ({ instanceId, gap: 'the agent did not answer' })),
      ...(['access', 'application', 'store', 'cookie', 'release', 'route'] as const).map((key) =>
        ofServer(index, (server) => without(server, key)),
      ),
      ofServer(index, (server) => (server.access ? { ...server, access: { ...server.access, fromOtherSite: null } } : server)),
      ofServer(index, (server) => (server.application ? { ...server, application: without(server.application, 'lastMs') } : server)),
      ...[cutAccess, damagedAccess].map((cut) =>
        ofServer(index, (server) => (server.access ? { ...server, access: cut(server.access) } : server)),
      ),
      ofServer(index, (server) =>
        server.application ? { ...server, application: cutApplication(server.application, CUT_MINUTES) } : server,
      ),
      // The log does not show which sessions it gave out.
      ofServer(index, (server) => (server.access ? { ...server, access: withoutBegins(server.access) } : server)),
      ofServer(index, (server) => (server.cookie ? { ...server, cookie: { ...server.cookie, slides: null } } : server)),
      ofServer(index, (server) => (server.store ? { ...server, store: without(server.store, 'error') } : server)),
    ]),
    // Cut on every server: what only one of several shows is not certain without another.
    ...[cutAccess, damagedAccess].map((cut) =>
      withFacts('servers', ({ servers: all }) => ({
        servers: all.map((server) => (server.access ? { ...server, access: cut(server.access) } : server)),
      })),
    ),
    withFacts('servers', ({ servers: all }) => ({
      servers: all.map((server) => (server.access ? { ...server, access: withoutBegins(server.access) } : server)),
    })),
    withFacts('scaling', (scaling) => without(scaling, 'lastTerminationMs')),
    ...nodes.flatMap((_, index) => [
      ...(['memoryUsedBytes', 'datasetBytes', 'policy'] as const).map((key) => ofNode(index, (node) => without(node, key))),
      withFacts('store', (store) => ({ ...store, nodes: store.nodes.filter((_node, at) => at !== index) }), gone),
    ]),
    withFacts('store', (store) => ({ ...store, dialects: [], sizes: {} }), gone),
    withFacts('store', (store) => ({
      ...store,
      dialects: store.dialects.map((one) => without(one, 'structural')),
    })),
    withFacts('balancer', (balancer) => without(balancer, 'sessionsInMemory')),
    withFacts('storeGroup', (group) => ({ ...group, events: [] }), gone),
    withFacts('deploys', (deploys) => ({ ...deploys, deploys: [] }), gone),
    withFacts('sweeps', () => ({ sweeps: [] }), gone),
    withFacts('changes', (changes) => ({ ...changes, changes: [] }), gone),
    ofReading(() => null),
    ofReading((reading) => ({ ...reading, evictions: null })),
    ofReading((reading) => ({ ...reading, leftOnPurpose: null, structural: null })),
    ofReading((reading) => ({ ...reading, sessionDropPercent: null, hitRateDropPoints: null })),
    ofReading((reading) => ({ ...reading, growthBytesPerHour: null })),
    ofReading((reading) => ({ ...reading, authenticationFailures: null })),
    withFacts('readings', (readings) => ({ ...readings, window: [] })),
  ];
}
