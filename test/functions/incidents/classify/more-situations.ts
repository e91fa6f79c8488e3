/** Situations of causes that need a number, a share or a time to be certain. */
import type { Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import type { DialectFacts } from '../../../../functions/incidents/contract/store-facts.ts';
import { application, dialect, evidence, NOW_MS, node, readingWith, SIGN_MS, server, TURNED_AWAY } from '../healthy-evidence.ts';
import { AFTER_REPLACEMENT, losing, SERVERS_THAT_END } from './ending-situations.ts';
import { certain, likely, type Situation, UNKNOWN } from './situation.ts';

const FULL = { memoryUsedBytes: 99_000_000, memoryMaxBytes: 100_000_000 };
const CACHE = { dialect: 'unknown', declaredLifeSeconds: null };
const evicting = (evictions: number, dialects: readonly DialectFacts[] = [dialect()], policy = 'volatile-lru'): Evidence =>
  evidence({
    store: { nodes: [node('node-1', 'primary', { ...FULL, policy }), node('node-2', 'replica')], dialects },
    readings: readingWith({ evictions, sessionDropPercent: 30 }),
    traffic: TURNED_AWAY,
  });

const EVICTIONS: readonly Situation[] = [
  { when: 'the store deleted nine keys in a minute', runbook: 'logged-out', planted: evicting(9), expected: likely('evictions') },
  { when: 'the store deleted ten keys in a minute', runbook: 'logged-out', planted: evicting(10), expected: certain('evictions') },
  {
    when: 'the store deletes keys, most of which are a cache with a TTL',
    runbook: 'logged-out',
    planted: evicting(400, [dialect(), dialect({ ...CACHE, keys: 40_000 })]),
    expected: likely('evictions'),
  },
  {
    when: 'the store deletes keys with a TTL, and most keys are a cache without one',
    runbook: 'logged-out',
    planted: evicting(400, [dialect(), dialect({ ...CACHE, keys: 40_000, withoutTtl: 500, ttlSeconds: null })]),
    expected: certain('evictions'),
  },
  {
    when: 'the store may delete any key, and most keys are a cache without a TTL',
    runbook: 'logged-out',
    planted: evicting(400, [dialect(), dialect({ ...CACHE, keys: 40_000, withoutTtl: 500, ttlSeconds: null })], 'allkeys-lru'),
    expected: likely('evictions'),
  },
];

interface Rejecting {
  readonly lines?: number;
  readonly memoryUsedBytes?: number;
  readonly evictions?: number;
  readonly refusedWrites?: number | null;
}
const rejecting = (over: Rejecting = {}): Evidence => {
  const { lines = 0, memoryUsedBytes = FULL.memoryUsedBytes, evictions = 0, refusedWrites = null } = over;
  const log = application({ outOfMemory: lines, firstMs: { outOfMemory: SIGN_MS }, lastMs: { outOfMemory: NOW_MS - 1_000 } });
  return evidence({
    store: {
      nodes: [node('node-1', 'primary', { ...FULL, memoryUsedBytes, policy: 'noeviction', rejectedWrites: 50 }), node('node-2', 'replica')],
    },
    readings: readingWith({ evictions, refusedWrites }),
    servers: { servers: ['i-1', 'i-2'].map((id) => server(id, lines > 0 ? { application: log } : {})) },
    traffic: TURNED_AWAY,
  });
};
const SWEEP = { sweepId: 's-1', startedAtMs: SIGN_MS - 120_000, status: 'SUCCEEDED', repaired: 1, shortened: 1 };
const emptied = (activeSessions: number, over: Parameters<typeof evidence>[0] = {}): Evidence =>
  evidence({ readings: readingWith({ activeSessions, keys: activeSessions }), servers: losing(), traffic: TURNED_AWAY, ...over });

const OTHER_CAUSES_OF_THE_STORE: readonly Situation[] = [
  {
    when: 'the store is full, it has refused writes, and the logs have their errors',
    runbook: 'logged-out',
    planted: rejecting({ lines: 30 }),
    expected: certain('store-full'),
  },
  {
    when: 'the store is full, and it has refused writes at some time',
    runbook: 'logged-out',
    planted: rejecting(),
    expected: likely('store-full'),
  },
  {
    when: 'the store is full, and has refused more writes since the re-check before',
    runbook: 'logged-out',
    planted: {
      ...rejecting(),
      lookBefore: {
        atMs: NOW_MS - 180_000,
        sources: evidence({ store: { nodes: [node('node-1', 'primary', { ...FULL, rejectedWrites: 20 }), node('node-2', 'replica')] } })
          .sources,
      },
    },
    // Nothing shows since when.
    expected: likely('store-full'),
  },
  {
    when: 'the store has room, and has refused writes at some time',
    runbook: 'logged-out',
    planted: rejecting({ memoryUsedBytes: 60_000_000 }),
    expected: UNKNOWN,
    never: ['store-full'],
  },
  {
    when: 'the store has room, has refused writes on another day, and refuses none now',
    runbook: 'store-failure',
    planted: { ...rejecting({ memoryUsedBytes: 60_000_000, refusedWrites: 0 }) },
    expected: UNKNOWN,
  },
  {
    when: 'the store has room, and refused writes in the minute before the last reading',
    runbook: 'store-failure',
    planted: rejecting({ memoryUsedBytes: 60_000_000, refusedWrites: 3 }),
    expected: UNKNOWN,
  },
  {
    when: 'the store is full, and nobody wrote in the minute before the last reading',
    runbook: 'logged-out',
    planted: rejecting({ refusedWrites: 0 }),
    expected: likely('store-full'),
  },
  {
    when: 'a full store refused writes before, and deletes keys now',
    runbook: 'logged-out',
    planted: rejecting({ evictions: 50 }),
    expected: UNKNOWN,
    never: ['store-full'],
  },
  {
    when: 'the sessions of the store are gone from one reading to the next',
    runbook: 'logged-out',
    planted: emptied(40),
    expected: certain('store-emptied'),
  },
  {
    when: 'a third of the sessions is left',
    runbook: 'logged-out',
    planted: emptied(3_000),
    expected: UNKNOWN,
    never: ['store-emptied'],
  },
  {
    when: 'the sessions of the store are gone after a sweep that shortened them',
    runbook: 'logged-out',
    planted: emptied(40, { sweeps: { sweeps: [{ ...SWEEP, repaired: 9_900, shortened: 9_900 }] } }),
    expected: likely('sweep-shortened'),
    never: ['store-emptied'],
  },
  {
    when: 'the sessions of the store are gone, and a sweep had shortened one of them',
    runbook: 'logged-out',
    planted: emptied(40, { sweeps: { sweeps: [SWEEP] } }),
    expected: certain('store-emptied'),
    never: ['sweep-shortened'],
  },
  {
    when: 'the sessions of the store are gone, and the store deletes keys to make room',
    runbook: 'logged-out',
    planted: emptied(40, { readings: readingWith({ activeSessions: 40, keys: 40, evictions: 400 }) }),
    expected: certain('evictions'),
    never: ['store-emptied'],
  },
  {
    when: 'the sessions of the store are gone, and no user misses one',
    runbook: 'logged-out',
    planted: emptied(40, { servers: { servers: [server('i-1'), server('i-2')] } }),
    expected: UNKNOWN,
    never: ['store-emptied'],
  },
];

const withoutTtl = (sampled: number): Evidence =>
  evidence({
    store: { dialects: [dialect({ withoutTtl: sampled, youngestWithoutTtlSeconds: 3 })] },
    readings: readingWith({ withoutTtl: sampled }),
  });
const undated = (): Facts['servers'] => ({
  servers: [server('i-1', { application: application({ lines: 0, partial: true, undated: true }) }), server('i-2')],
});

const SHARES_AND_TIMES: readonly Situation[] = [
  {
    when: 'a third of the sessions has no TTL, a quarter of the data',
    runbook: 'session-explosion',
    planted: withoutTtl(150),
    expected: certain('missing-expiry'),
  },
  {
    when: 'no session has a TTL, and sweeps leave them until a setting says what they do',
    runbook: 'session-explosion',
    planted: evidence({
      store: { dialects: [dialect({ withoutTtl: 450, youngestWithoutTtlSeconds: 3 })] },
      readings: readingWith({ withoutTtl: 0, leftOnPurpose: 9_000 }),
      sweeps: { sweeps: [{ ...SWEEP, repaired: 0, shortened: 0, unconfirmed: ['sweep.policies.django'] }] },
    }),
    expected: certain('missing-expiry'),
  },
  {
    when: 'a few sessions have no TTL, and hold too little to explain that the store fills',
    runbook: 'session-explosion',
    planted: withoutTtl(30),
    expected: likely('missing-expiry'),
  },
  {
    when: "the lines of a server's log have no time, and nothing else shows trouble",
    runbook: 'store-failure',
    planted: evidence({ servers: undated() }),
    expected: UNKNOWN,
  },
  {
    when: "the lines of a server's log have no time, and nothing else shows trouble",
    runbook: 'logged-out',
    planted: evidence({ servers: undated() }),
    expected: UNKNOWN,
  },
  {
    when: 'logins are refused, and the lines of a log have no time',
    runbook: 'store-failure',
    planted: evidence({ readings: readingWith({ authenticationFailures: 40 }), servers: undated() }),
    expected: likely('store-rejects-logins'),
  },
];

export const MORE_SITUATIONS: readonly Situation[] = [
  ...EVICTIONS,
  ...OTHER_CAUSES_OF_THE_STORE,
  ...SERVERS_THAT_END,
  ...AFTER_REPLACEMENT,
  ...SHARES_AND_TIMES,
];
