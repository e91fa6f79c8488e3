/** Causes that look alike, that bring each other about, or that are there together. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { judgeRow } from '../../../../functions/incidents/classify/judge-row.ts';
import { ROWS, rowOf } from '../../../../functions/incidents/classify/table.ts';
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import type { Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import {
  access,
  application,
  dialect,
  evidence,
  IN_MEMORY,
  NOW_MS,
  node,
  readingWith,
  SIGN_MS,
  server,
  TURNED_AWAY,
  traces,
  unreachable,
} from '../healthy-evidence.ts';
import { lost, lostAlways, lostSince, rolling, strays } from './case.ts';
import { CASES } from './cases.ts';
import { losing } from './ending-situations.ts';

const caseOf = (cause: Cause): Evidence => CASES.find((one) => one.cause === cause)?.planted as Evidence;
/** The first one's evidence, with these sources of the second. */
const together = (first: Evidence, second: Evidence, ...sources: readonly (keyof Evidence['sources'])[]): Evidence => ({
  ...first,
  sources: { ...first.sources, ...Object.fromEntries(sources.map((source) => [source, second.sources[source]])) },
});
const withDeploy = (planted: Evidence) => together(planted, evidence({ deploys: { deploys: [rolling] } }), 'deploys');
const find = (planted: Evidence, runbook: 'logged-out' | 'store-failure' | 'session-explosion') => classify(planted, runbook);

describe('precedence', () => {
  it('has no circles: of two causes, one at most gives way to the other', () => {
    const reaches = (from: Cause, to: Cause): boolean => (rowOf(from)?.yieldsTo ?? []).some((next) => next === to || reaches(next, to));
    expect(ROWS.filter(({ cause }) => reaches(cause, cause)).map(({ cause }) => cause)).toEqual([]);
    for (const { cause, runbook, yieldsTo } of ROWS)
      for (const other of yieldsTo) expect([cause, rowOf(other)?.runbook]).toEqual([cause, runbook]);
  });

  it.each(['stickiness-off', 'store-connection-failures', 'evictions', 'timeout-too-short', 'secure-cookie-on-http'] as const)(
    '%s comes before a deploy in progress',
    (cause) => {
      expect(find(withDeploy(caseOf(cause)), 'logged-out')).toMatchObject({ verdict: 'cause', cause });
    },
  );

  it('unreadable sessions come before the deploy that brought them about', () => {
    expect(find(caseOf('unreadable-sessions'), 'logged-out')).toMatchObject({ cause: 'unreadable-sessions', about: { deployId: 'd-1' } });
  });

  it('moving sessions are no cause by themselves while a deploy moves them', () => {
    expect(find(withDeploy(caseOf('session-changes-server')), 'logged-out')).toMatchObject({ cause: 'deploy-in-progress', also: [] });
  });

  it('a deploy of a fleet with its sessions in the store is not blamed for being there', () => {
    expect(find(withDeploy(evidence({ traffic: TURNED_AWAY })), 'logged-out')).toMatchObject({
      verdict: 'unknown',
      candidates: [],
    });
  });

  it('stickiness that is off explains sessions that move and routes that are foreign', () => {
    const servers = ['i-1', 'i-2'].map((id) =>
      server(id, { access: access(id, { sessions: strays(id, [id === 'i-1' ? 'i-2' : 'i-1']), foreignRoute: 900, replaced: 800 }) }),
    );
    const planted = evidence({ balancer: { ...IN_MEMORY, stickiness: { enabled: false } }, servers: { servers }, traffic: TURNED_AWAY });
    expect(find(planted, 'logged-out')).toMatchObject({
      cause: 'stickiness-off',
      confidence: 'certain',
      also: [],
    });
  });

  it('a store that is down explains lost sessions, and is named as what is behind', () => {
    const gone = caseOf('store-connection-failures');
    const { servers } = (gone.sources.servers as { facts: { servers: readonly { instanceId: string }[] } }).facts;
    const losing = servers.map((one) => ({
      ...one,
      access: access(one.instanceId, { sessions: traces('lost', 9, { lost: true }), replaced: 90 }),
    }));
    const sweeps = caseOf('sweep-shortened').sources.sweeps;
    const planted = { ...gone, sources: { ...gone.sources, sweeps, servers: { takenAtMs: NOW_MS, facts: { servers: losing } } } };
    expect(find(planted as Evidence, 'logged-out')).toMatchObject({
      cause: 'store-connection-failures',
      also: expect.arrayContaining(['sweep-shortened', 'store-down']),
    });
  });

  it('evictions are what logs users out, and missing expiry is behind them', () => {
    const full = caseOf('evictions');
    const planted = evidence({
      store: { ...(full.sources.store as { facts: object }).facts, dialects: [dialect({ withoutTtl: 400, youngestWithoutTtlSeconds: 2 })] },
      readings: readingWith({ evictions: 400 }),
      traffic: TURNED_AWAY,
    });
    expect(find(planted, 'logged-out')).toMatchObject({ cause: 'evictions', also: ['missing-expiry'] });
    expect(find(planted, 'session-explosion')).toMatchObject({ cause: 'missing-expiry' });
  });

  it('a store without failover is that, and not merely down', () => {
    expect(find(caseOf('store-not-redundant'), 'store-failure')).toMatchObject({ cause: 'store-not-redundant', also: ['store-down'] });
  });

  it('refused logins are not a cut network', () => {
    expect(judgeRow(rowOf('server-partitioned') as never, caseOf('store-rejects-logins')).state).toBe('out');
  });

  it('names two faults that have nothing to do with each other', () => {
    const planted = together(caseOf('large-sessions'), caseOf('session-per-request'), 'servers');
    expect(find(planted, 'session-explosion')).toMatchObject({ cause: 'large-sessions', also: ['session-per-request'] });
    const both = evidence({
      store: { dialects: [dialect({ withoutTtl: 400, youngestWithoutTtlSeconds: 2 })], sizes: { 1024: 400, 131072: 60 } },
      readings: readingWith({ growthBytesPerHour: 9_000_000 }),
    });
    expect(find(both, 'session-explosion')).toMatchObject({ cause: 'missing-expiry', also: ['large-sessions'] });
  });

  it.each(CASES)('$cause ($when) is the only cause that its evidence makes certain', ({ cause, planted }) => {
    const certain = ROWS.filter((row) => row.runbook === rowOf(cause)?.runbook && judgeRow(row, planted).state === 'holds');
    const others = certain.filter((row) => row.cause !== cause && !row.yieldsTo.includes(cause)).map((row) => row.cause);
    expect(others).toEqual([]);
  });
});

describe('sessions of Spring, whose keys live five minutes longer than they', () => {
  const short = { dialect: 'spring-session', ttlSeconds: { min: 300, median: 345, max: 360 }, declaredLifeSeconds: 60 };
  const servers = ['i-1', 'i-2'].map((name) =>
    server(name, {
      access: access(name, {
        sessions: { ...traces(name, 20), ...lostAlways(name) },
        lostAfterIdleSeconds: { 64: 8 },
      }),
    }),
  );

  it('time out too soon by what they declare', () => {
    const planted = evidence({ store: { dialects: [dialect(short)] }, servers: { servers }, traffic: TURNED_AWAY });
    const finding = find(planted, 'logged-out');
    expect(finding).toMatchObject({ cause: 'timeout-too-short', confidence: 'likely' });
    expect(JSON.stringify(finding)).toContain('declare a life of 60 s without use');
  });
});

describe('a life that became too short a moment ago', () => {
  const store = {
    dialects: [
      dialect({
        sampled: 130,
        livesSeconds: { median: 1_800, p90: 1_800 },
        lives: { 32: 40, 1024: 90 },
        ttlSeconds: { min: 3, median: 915, max: 1_799 },
      }),
    ],
  };
  const losing = (idle: Readonly<Record<string, number>>) => ({
    servers: ['i-1', 'i-2'].map((name) =>
      server(name, { access: access(name, { sessions: { ...traces(name, 20), ...lost(name) }, lostAfterIdleSeconds: idle }) }),
    ),
  });

  it('is likely, though the sessions from before keep theirs', () => {
    const finding = find(evidence({ store, servers: losing({ 64: 8 }) }), 'logged-out');
    expect(finding).toMatchObject({ cause: 'timeout-too-short', confidence: 'likely' });
    expect(JSON.stringify(finding)).toContain('as do about 87 % of those that begin');
  });

  it('is none where sessions are lost in use', () => {
    expect(find(evidence({ store, servers: losing({ 2: 8 }) }), 'logged-out')).toMatchObject({ verdict: 'unknown' });
  });
});

describe('lost sessions that one of several servers began', () => {
  const servers = (begun: (at: number) => string) => ({
    servers: ['i-1', 'i-2', 'i-3'].map((id) => {
      const each = Object.entries(lostSince('one', SIGN_MS - 20 * 60_000, 12)).map(([hash, trace], at) => {
        const before = { firstMs: trace.lastMs - 90_000, lastMs: trace.lastMs - 60_000, routes: [], requests: 2, begins: true as const };
        if (id === begun(at)) return [hash, before];
        return id === 'i-3' ? [hash, { ...trace, firstMs: trace.lastMs, requests: 1 }] : [];
      });
      const sessions = { ...traces(id, 20, { begins: true }), ...Object.fromEntries(each.filter(({ length }) => length > 0)) };
      return server(id, { access: access(id, { sessions, lostAfterIdleSeconds: { 32: 4 } }) });
    }),
  });
  const foundWith = (begun: (at: number) => string) => find(evidence({ servers: servers(begun) }), 'logged-out');

  it('can live shorter than those that the store still has: nothing rules it out', () => {
    expect(foundWith(() => 'i-2')).toMatchObject({ verdict: 'unknown', candidates: expect.arrayContaining(['timeout-too-short']) });
  });

  it('live as long as the others where any server began them', () => {
    const finding = foundWith((at) => (at % 2 === 0 ? 'i-1' : 'i-2'));
    expect(finding).toMatchObject({ verdict: 'unknown' });
    expect(finding).not.toMatchObject({ candidates: expect.arrayContaining(['timeout-too-short']) });
  });
});

it('sessions most of which are old have no short life, while some have all of it left', () => {
  const planted = (max: number) =>
    together(
      caseOf('timeout-too-short'),
      evidence({ store: { dialects: [dialect({ ttlSeconds: { min: 1, median: 20, max } })] } }),
      'store',
    );
  expect(find(planted(30), 'logged-out')).toMatchObject({ cause: 'timeout-too-short', confidence: 'likely' });
  expect(find(planted(1_800), 'logged-out')).toMatchObject({ cause: 'timeout-too-short', confidence: 'likely' });
});

it('sessions of seconds have ended before another server sees them: that is no secret of each server', () => {
  const short = dialect({ ttlSeconds: { min: 2, median: 20, max: 30 }, declaredLifeSeconds: 1_800 });
  expect(find(caseOf('secret-differs'), 'logged-out')).toMatchObject({ cause: 'secret-differs' });
  const planted = together(caseOf('secret-differs'), evidence({ store: { dialects: [short] } }), 'store');
  expect(find(planted, 'logged-out')).toMatchObject({ cause: 'timeout-too-short', also: expect.arrayContaining(['secret-differs']) });
});

describe('a full store', () => {
  it('that refuses writes, by the errors in the logs, is why users cannot log in', () => {
    const refused = server('i-1', {
      application: { ...application(), outOfMemory: 40, firstMs: { outOfMemory: SIGN_MS }, lastMs: { outOfMemory: NOW_MS } },
    });
    const planted = evidence({ servers: { servers: [refused, server('i-2')] }, traffic: TURNED_AWAY });
    expect(find(planted, 'logged-out')).toMatchObject({ cause: 'store-connection-failures', confidence: 'likely' });
  });

  it('that is a cache deletes its own keys', () => {
    const full = node('node-1', 'primary', { memoryUsedBytes: 99_000_000, datasetBytes: 90_000_000, policy: 'allkeys-lru' });
    const cache = dialect({ dialect: 'unknown', keys: 80_000, ttlSeconds: null, declaredLifeSeconds: null });
    const store = { nodes: [full], dialects: [cache, dialect({ keys: 2_000 })], sizes: { 1024: 400 } };
    const planted = (policy: string) =>
      evidence({ store: { ...store, nodes: [{ ...full, policy }] }, readings: readingWith({ evictions: 500 }), traffic: TURNED_AWAY });
    expect(find(planted('allkeys-lru'), 'logged-out')).not.toMatchObject({ cause: 'evictions' });
    // The cache's keys have no TTL: sessions alone can go.
    expect(find(planted('volatile-lru'), 'logged-out')).toMatchObject({ cause: 'evictions' });
    // Idle sessions go before a cache that is in use.
    const missed = together(planted('allkeys-lru'), evidence({ servers: losing() }), 'servers');
    expect(find(missed, 'logged-out')).toMatchObject({ cause: 'evictions', confidence: 'likely' });
  });

  it('deletes sessions that nobody misses, as far as is known', () => {
    const whole = caseOf('evictions');
    const silent = { ...whole, sources: { ...whole.sources, traffic: { gap: 'it did not answer' } } };
    const finding = find(silent, 'logged-out');
    expect(finding).toMatchObject({ cause: 'evictions', confidence: 'likely' });
    expect(JSON.stringify(finding)).toContain('perhaps no more sessions were lost than usual');
  });

  it('is full of sessions, however fragmented the memory of its process is', () => {
    const full = node('node-1', 'primary', {
      memoryUsedBytes: 900_000_000,
      memoryMaxBytes: 1_000_000_000,
      datasetBytes: 800_000_000,
      fragmentationRatio: 2.4,
    });
    const nodes = [full, node('node-2', 'replica')];
    const store = { nodes, dialects: [dialect({ keys: 500_000 })], sizes: { 1024: 500 } };
    expect(find(evidence({ store }), 'session-explosion')).not.toMatchObject({ cause: 'not-sessions' });
  });
});

describe('a store in cluster mode, whose roles ElastiCache does not name', () => {
  const members = ['1', '2', '3'].flatMap((shard) => [{ node: `s-${shard}-001` }, { node: `s-${shard}-002` }]);
  const group = { automaticFailover: true, shards: 3, members };
  const primaries = (count: number) => Array.from({ length: count }, (_, index) => node(`s-${index + 1}-001`, 'primary'));
  const replicas = [1, 2, 3].map((shard) => node(`s-${shard}-002`, 'replica'));

  it('that lost the primary of one shard of three is failing over', () => {
    const nodes = [...primaries(2), unreachable('s-3-001'), ...replicas];
    const finding = find(evidence({ storeGroup: group, store: { nodes } }), 'store-failure');
    expect(finding).toMatchObject({ cause: 'store-failing-over', confidence: 'likely' });
    expect(JSON.stringify(finding)).toContain('1 of 3 shards have no primary that takes writes');
  });

  it('that has all of them is well', () => {
    expect(find(evidence({ storeGroup: group, store: { nodes: [...primaries(3), ...replicas] } }), 'store-failure')).toMatchObject({
      verdict: 'nothing',
    });
  });

  it('without replicas takes nothing over by itself', () => {
    const alone = { ...group, members: members.filter(({ node: name }) => name.endsWith('001')) };
    expect(
      find(evidence({ storeGroup: alone, store: { nodes: [...primaries(2), unreachable('s-3-001')] } }), 'store-failure'),
    ).toMatchObject({
      cause: 'store-not-redundant',
    });
  });
});

describe('a confounder', () => {
  it('that is a bot with no sessions of its own is no cause', () => {
    const servers = [server('i-1', { access: access('i-1', { lines: 9_000 }) }), server('i-2')];
    expect(find(evidence({ servers: { servers } }), 'session-explosion')).toMatchObject({ verdict: 'nothing' });
  });

  it('that is a replica out of reach is no failed store', () => {
    const [first] = (evidence().sources.store as { facts: { nodes: readonly object[] } }).facts.nodes;
    const nodes = [first, { name: 'node-2', state: 'unreachable' }] as never;
    expect(find(evidence({ store: { nodes } }), 'store-failure')).toMatchObject({ verdict: 'nothing' });
  });

  it('that is one line about the store in a log is no failed connection', () => {
    const servers = [
      server('i-1', {
        application: {
          lines: 500,
          storeConnection: 2,
          readOnly: 0,
          outOfMemory: 0,
          serialization: 0,
          sessionTimeout: 0,
          firstMs: { storeConnection: SIGN_MS },
          lastMs: { storeConnection: SIGN_MS },
        },
      }),
      server('i-2'),
    ];
    expect(find(evidence({ servers: { servers } }), 'logged-out')).toMatchObject({ verdict: 'nothing' });
  });

  it('that is a fleet with short sessions and no loss is no cause', () => {
    const short = dialect({ ttlSeconds: { min: 5, median: 40, max: 60 }, declaredLifeSeconds: 60 });
    expect(find(evidence({ store: { dialects: [short] } }), 'logged-out')).toMatchObject({ verdict: 'nothing' });
  });

  it('that is users who lose their sessions as ever is trouble as well, and no cause', () => {
    const leaving = (id: string) => ({
      ...traces(`now-${id}`, 6, { lost: true, lastMs: NOW_MS - 60_000 }),
      ...traces(`before-${id}`, 20, { lost: true, lastMs: SIGN_MS - 20 * 60_000 }),
      ...traces(id, 20),
    });
    const servers = ['i-1', 'i-2'].map((id) => server(id, { access: access(id, { sessions: leaving(id) }) }));
    expect(find(evidence({ servers: { servers } }), 'logged-out')).toMatchObject({ verdict: 'unknown' });
  });

  it('that users are turned away for another reason is unknown, and says so', () => {
    expect(find(evidence({ traffic: TURNED_AWAY }), 'logged-out')).toMatchObject({ verdict: 'unknown' });
  });
});
