/** Evidence of a healthy installation, whole: tests change what is wrong. */
import type { Collected, Evidence, Facts, Source } from '../../../functions/incidents/contract/evidence.ts';
import type { AccessLogFacts, ApplicationLogFacts, ServerFacts, SessionTrace } from '../../../functions/incidents/contract/server-facts.ts';
import type { DialectFacts, StoreNodeFacts } from '../../../functions/incidents/contract/store-facts.ts';

export const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
export const SIGN_MS = NOW_MS - 8 * 60_000;
export const FROM_MS = SIGN_MS - 3_600_000;
const minutes = (count: number) => count * 60_000;

/** Sessions that were active until now on one server each. */
export function traces(server: string, count: number, over: Partial<SessionTrace> = {}): Record<string, SessionTrace> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [
      `${server}-${index}`,
      // A request in 15 s.
      { routes: [server], firstMs: NOW_MS - minutes(50), lastMs: NOW_MS - 1_000, requests: 200, ...over },
    ]),
  );
}

export const access = (server: string, over: Partial<AccessLogFacts> = {}): AccessLogFacts => ({
  lines: 2_000,
  fromMs: FROM_MS,
  toMs: NOW_MS,
  statuses: { 200: 1_900, 302: 100 },
  withSession: 1_800,
  replaced: 0,
  foreignRoute: 0,
  showsAnswered: true,
  sessions: traces(server, 40),
  created: { byAgent: { browser: 60 } },
  fromOtherSite: { withCookie: 20, withoutCookie: 1, refused: 0 },
  ...over,
});

export const application = (over: Partial<ApplicationLogFacts> = {}): ApplicationLogFacts => ({
  lines: 500,
  storeConnection: 0,
  readOnly: 0,
  outOfMemory: 0,
  serialization: 0,
  sessionTimeout: 0,
  firstMs: {},
  lastMs: {},
  ...over,
});

export const server = (instanceId: string, over: Partial<ServerFacts> = {}): ServerFacts => ({
  instanceId,
  access: access(instanceId),
  application: application(),
  store: { reachable: true },
  cookie: { name: 'SID', maxAgeSeconds: 1_800, sameSite: 'Lax', secure: true, httpOnly: true, slides: true },
  route: instanceId,
  release: '1.4.0',
  ...over,
});

export const node = (name: string, role: 'primary' | 'replica', over: Partial<StoreNodeFacts> = {}): StoreNodeFacts => ({
  name,
  state: 'ok',
  role,
  uptimeSeconds: 900_000,
  memoryUsedBytes: 40_000_000,
  memoryMaxBytes: 100_000_000,
  datasetBytes: 20_000_000,
  rejectedWrites: 0,
  policy: 'volatile-lru',
  ...over,
});

export const unreachable = (name: string): StoreNodeFacts => ({ name, state: 'unreachable', error: 'connect ECONNREFUSED' });

export const dialect = (over: Partial<DialectFacts> = {}): DialectFacts => ({
  dialect: 'connect-redis',
  keys: 10_000,
  sampled: 500,
  structural: 0,
  withoutTtl: 0,
  ttlSeconds: { min: 20, median: 1_200, max: 1_800 },
  declaredLifeSeconds: 1_800,
  ...over,
});

export const reading: NonNullable<Facts['readings']['reading']> = {
  takenAtMs: NOW_MS - 30_000,
  engineCpuPercent: 5,
  hitRatePercent: 97,
  activeSessions: 10_000,
  activeSessionsFrom: 'sweep',
  sessionsByDialect: { 'connect-redis': 10_000 },
  keys: 10_000,
  databases: [],
  withoutTtl: 0,
  unrepaired: 0,
  leftOnPurpose: 0,
  structural: 0,
  memoryUsedBytes: 40_000_000,
  memoryMaxBytes: 100_000_000,
  memoryPercent: 40,
  bytesPerSession: 1_600,
  evictions: 0,
  refusedWrites: 0,
  connections: 20,
  connectionsPercent: 1,
  replicationLagSeconds: 0,
  replicationLagBytes: 0,
  replicas: 1,
  growthBytesPerHour: 0,
  secondsUntilFull: null,
  failovers: 0,
  authenticationFailures: 0,
  countsAuthenticationFailures: true,
  hitRateDropPoints: 0,
  sessionDropPercent: 0,
  sweepAgeSeconds: 3_600,
  largestSessionsAgeSeconds: 3_600,
  largestSessions: [],
  largestSessionsSampledOneIn: 1,
  nodes: [
    { name: 'node-1', role: 'primary', keys: 10_000, memoryUsedBytes: 40_000_000, connections: 20 },
    { name: 'node-2', role: 'replica', keys: 10_000, memoryUsedBytes: 40_000_000, connections: 5 },
  ],
  collectMs: 100,
};

const steady = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    atMs: FROM_MS + minutes(5) * index,
    memoryUsedBytes: 40_000_000,
    memoryPercent: 40,
    activeSessions: 10_000,
    hitRatePercent: 97,
  }));

/** Minutes of the load balancer, with these counts since so many minutes before the sign. */
export const minutesWith = (minutes: number, counts: object, untilMinutes = -Infinity) => ({
  byMinute: Array.from({ length: 66 }, (_, at) => {
    const minuteMs = FROM_MS + at * 60_000;
    const isThen = minuteMs >= SIGN_MS - minutes * 60_000 && minuteMs < SIGN_MS - untilMinutes * 60_000;
    const none = { target5xx: 0, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 };
    return { minuteMs, requests: 100, target3xx: 5, target4xx: 1, ...none, ...(isThen && counts) };
  }),
});

const HEALTHY: { readonly [S in Source]?: Facts[S] } & Pick<Facts, 'balancer' | 'store' | 'servers' | 'readings' | 'traffic'> = {
  balancer: {
    strategy: 'redis',
    sessionsInMemory: false,
    stickiness: { enabled: false },
    expectedStickiness: { enabled: false },
    targets: [
      { instanceId: 'i-1', state: 'healthy' },
      { instanceId: 'i-2', state: 'healthy' },
    ],
    listeners: [
      { protocol: 'HTTPS', port: 443, redirectsToHttps: false },
      { protocol: 'HTTP', port: 80, redirectsToHttps: true },
    ],
    healthCheckAsksStore: false,
  },
  traffic: minutesWith(0, {}),
  store: { nodes: [node('node-1', 'primary'), node('node-2', 'replica')], dialects: [dialect()], sizes: { 1024: 400, 2048: 100 } },
  storeGroup: {
    status: 'available',
    automaticFailover: true,
    members: [
      { node: 'node-1', role: 'primary' },
      { node: 'node-2', role: 'replica' },
    ],
    events: [],
  },
  readings: { reading, window: steady(12) },
  servers: { servers: [server('i-1'), server('i-2')] },
  scaling: { usesElbHealthChecks: true, terminated: 0, replacedUnhealthy: 0 },
  deploys: { deploys: [] },
  sweeps: { sweeps: [] },
  changes: { changes: [], completeUntilMs: NOW_MS - minutes(10) },
  canary: { sessions: 20, vanished: 0 },
};

type Changes = { readonly [S in Source]?: Partial<Facts[S]> | string };

/** Healthy, with these facts changed; a text in the place of facts: the source is a gap. */
export function evidence(changes: Changes = {}): Evidence {
  const sources = Object.fromEntries(
    Object.entries(HEALTHY).map(([source, facts]) => {
      const change = changes[source as Source];
      const collected: Collected<unknown> =
        typeof change === 'string' ? { gap: change } : { takenAtMs: NOW_MS, facts: { ...facts, ...change } };
      return [source, collected];
    }),
  );
  return { incidentId: 'inc-0123456789ab', fromMs: FROM_MS, toMs: NOW_MS, firstSignMs: SIGN_MS, sources };
}

/** The readings of each minute, in which keys are deleted since two minutes before the sign. */
const evicting = (evictions: number): Facts['readings']['minutes'] =>
  Array.from({ length: Math.floor((NOW_MS - FROM_MS) / minutes(1)) }, (_, index) => {
    const atMs = FROM_MS + minutes(index);
    return [atMs / 1_000, reading.activeSessions, reading.keys, 0, atMs < SIGN_MS - minutes(2) ? 0 : evictions] as const;
  });

/** The healthy reading, with these numbers changed; keys that are deleted are so since the sign. */
export const readingWith = (over: Partial<typeof reading>): Facts['readings'] => ({
  reading: { ...reading, ...over },
  ...(over.evictions && { minutes: evicting(over.evictions) }),
  window: steady(12),
});

/** A fleet whose sessions are in the servers' memory, with stickiness as deployed. */
export const IN_MEMORY = {
  strategy: 'sticky',
  sessionsInMemory: true,
  stickiness: { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 },
  expectedStickiness: { enabled: true, type: 'lb_cookie', durationSeconds: 86_400 },
} as const satisfies Partial<Facts['balancer']>;

/** More requests than before are turned away. */
export const TURNED_AWAY: Partial<Facts['traffic']> = minutesWith(5, { target3xx: 30 });
