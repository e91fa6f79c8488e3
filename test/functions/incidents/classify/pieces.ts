/** Evidence with pieces taken away: what a collector could not read. */
import type { Collected, Evidence, Facts, Source } from '../../../../functions/incidents/contract/evidence.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import type { StoreNodeFacts } from '../../../../functions/incidents/contract/store-facts.ts';

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
      ofServer(index, (server) => (server.access ? { ...server, access: without(server.access, 'lostAfterIdleSeconds') } : server)),
      ofServer(index, (server) => (server.access ? { ...server, access: { ...server.access, fromOtherSite: null } } : server)),
      ofServer(index, (server) => (server.application ? { ...server, application: without(server.application, 'lastMs') } : server)),
      ofServer(index, (server) => (server.cookie ? { ...server, cookie: { ...server.cookie, slides: null } } : server)),
      ofServer(index, (server) => (server.store ? { ...server, store: without(server.store, 'error') } : server)),
    ]),
    ...nodes.flatMap((_, index) => [
      ...(['memoryUsedBytes', 'datasetBytes', 'clientBuffersBytes', 'fragmentationRatio', 'policy'] as const).map((key) =>
        ofNode(index, (node) => without(node, key)),
      ),
      withFacts('store', (store) => ({ ...store, nodes: store.nodes.filter((_node, at) => at !== index) }), gone),
    ]),
    withFacts('store', (store) => ({ ...store, dialects: [], sizes: {} }), gone),
    withFacts('store', (store) => ({
      ...store,
      dialects: store.dialects.map((one) => without(one, 'structural', 'youngestWithoutTtlSeconds')),
    })),
    withFacts('balancer', (balancer) => without(balancer, 'sessionsInMemory')),
    withFacts('traffic', (traffic) => ({ ...traffic, before: null })),
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
