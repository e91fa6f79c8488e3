import { Match } from 'aws-cdk-lib/assertions';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseConfig } from '../../infra/config.ts';
import { FULL } from '../e2e/full-run.ts';
import { adopted, EXISTING_ADDRESSES, EXISTING_GROUP, EXISTING_INSTANCES } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';
import { synthesize } from './synthesize.ts';
import { SynthesizedApp } from './synthesized.ts';

const created = (more: object) => ({ fleets: { web: { allowPlainHttp: true, ...more } } });
/** On-premises servers, with a strategy. */
const onPremises = (strategy: 'sticky' | 'tomcat-cluster', servers: number) =>
  adopted({
    strategy,
    allowPlainHttp: true,
    members: 'ip',
    existing: {
      nodes: Array.from({ length: servers }, (_, index) => ({
        nodeId: `mi-${String(index).padStart(17, '0')}`,
        ip: `10.0.1.${index + 1}`,
        port: 80,
        availabilityZone: 'all',
      })),
    },
  });

/** A Tomcat cluster of listed instances. */
const cluster = (servers: number, deploy: object = {}) =>
  adopted({
    strategy: 'tomcat-cluster',
    allowPlainHttp: true,
    members: 'instances',
    app: { kind: 'tomcat', home: '/opt/tomcat' },
    deploy,
    existing: {
      instanceIds: Array.from({ length: servers }, (_, index) => `i-${String(index).padStart(17, '0')}`),
      instanceSecurityGroupId: 'sg-0123456789abcdef1',
    },
  });

const warningsOf = (config: object): string[] =>
  foundBy(
    parseConfig(JSON.stringify(config), 'the test'),
    ...['strategy-contradicts-matrix', 'strategy-in-between', 'sessions-end-outside-deploys', 'strategy-not-drained'],
  ).map(({ sentence }) => sentence);
const contradictions = (config: object) => warningsOf(config).filter((message) => message.includes('contradicts the strategy matrix'));

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create({
    fleets: { web: { allowPlainHttp: true }, sticky: { allowPlainHttp: true, minCapacity: 6, strategy: 'sticky' } },
  });
});
afterAll(() => app?.remove());

describe('a strategy that contradicts the matrix', () => {
  it.runIf(FULL)(
    'causes a warning of cdk synth that quotes the row, and does not fail it',
    async () => {
      const { code, output } = await synthesize(created({ strategy: 'sticky', minCapacity: 6, maxCapacity: 6 }), [
        '--context',
        'checks=off',
      ]);
      expect(code, output).toBe(0);
      const words = output.replaceAll(/\s+/g, ' ');
      expect(words).toContain('fleets.web.strategy "sticky" contradicts the strategy matrix');
      expect(words).toContain('"5+ servers" (Sticky Session: Not recommended, Tomcat Cluster: Not recommended, Redis Session: Required)');
      expect(words).toContain('the fleet can have 6');
      expect(words).toContain('./holdfast advise --servers 6 --cloud --existing');
    },
    180_000,
  );

  it('is an annotation of the fleet’s web tier, and the default configuration has none', () => {
    expect(app.warnings).toEqual({
      'holdfast-sticky-web-tier': [expect.stringContaining('contradicts the strategy matrix: "5+ servers"'), expect.anything()],
    });
  });

  it.each<[string, object, RegExp]>([
    ['sticky in a group that can grow to 5', created({ strategy: 'sticky', minCapacity: 3 }), /"5\+ servers".*can have 5.*"Cloud/],
    ['sticky in a small group, which is in a cloud', created({ strategy: 'sticky', minCapacity: 2, maxCapacity: 2 }), /matrix: "Cloud/],
    ['a Tomcat cluster of 4 instances', created({ strategy: 'tomcat-cluster', minCapacity: 4, maxCapacity: 4 }), /matrix: "Cloud/],
    [
      'sticky on existing instances',
      adopted({ ...EXISTING_INSTANCES, strategy: 'sticky', deploy: { sessionDrainSeconds: 0 } }),
      /matrix: "Cloud/,
    ],
    [
      'sticky on addresses of which one is an instance',
      adopted({ ...EXISTING_ADDRESSES, strategy: 'sticky', deploy: { sessionDrainSeconds: 0 } }),
      /matrix: "Cloud/,
    ],
    [
      'sticky in an existing group of unknown size',
      adopted({ ...EXISTING_GROUP, strategy: 'sticky', deploy: { sessionDrainSeconds: 0 } }),
      /matrix: "Cloud.*--servers NUMBER --cloud/,
    ],
    ['sticky on 6 servers on premises', onPremises('sticky', 6), /can have 6\. Run "\.\/holdfast advise --servers 6 --existing"/],
    [
      'sticky in a group larger than the advisor accepts',
      created({ strategy: 'sticky', maxCapacity: 900 }),
      /can have 900;.*--servers 200 /,
    ],
  ])('%s', (_, config, message) => {
    expect(contradictions(config)).toEqual([expect.stringMatching(message)]);
  });

  it.each<[string, object]>([
    ['Redis with 1 server', created({ minCapacity: 1 })],
    ['Redis with 200', created({ strategy: 'redis', minCapacity: 200 })],
    ['Redis in an existing group', adopted(EXISTING_GROUP)],
    ['sticky on 4 servers on premises', onPremises('sticky', 4)],
    ['a Tomcat cluster of 3 servers on premises', onPremises('tomcat-cluster', 3)],
  ])('%s causes no warning', (_, config) => {
    expect(contradictions(config)).toEqual([]);
  });
});

describe('sessions outside the store', () => {
  it('cause a warning that only deploys wait for them, and that not even those do where that is switched off', () => {
    expect(warningsOf(onPremises('sticky', 2))).toEqual([
      expect.stringMatching(/a deploy waits for the sessions of each server.* An instance refresh, a scale-in and a termination do not/),
    ]);
    const off = onPremises('sticky', 2) as { fleets: { web: object } };
    expect(warningsOf({ ...off, fleets: { web: { ...off.fleets.web, deploy: { sessionDrainSeconds: 0 } } } })).toEqual([
      expect.stringContaining('with deploy.sessionDrainSeconds 0 not for sessions: it ends the sessions of each server that it rolls'),
    ]);
  });

  it('of a Tomcat cluster cause a warning that created servers need a rule between them', () => {
    const inGroup = warningsOf(created({ strategy: 'tomcat-cluster', deploy: { sessionDrainSeconds: 0 } }));
    expect(inGroup.at(-1)).toContain('they cannot copy sessions until you add a rule');
    expect(warningsOf(cluster(3, { sessionDrainSeconds: 0 })).at(-1)).not.toContain('add a rule');
  });

  it('that servers copy to each other end with a server only where no deploy waits for them', () => {
    expect(warningsOf(cluster(3))).toEqual([expect.stringContaining('contradicts the strategy matrix')]);
    expect(warningsOf(cluster(3, { sessionDrainSeconds: 0 })).at(-1)).toContain('it ends those that no other server has a copy of');
  });

  it.each([1, 6])('cannot be copied between %i servers', (count) => {
    expect(() => warningsOf(cluster(count))).toThrow(/existing\.instanceIds.*has \d servers?, and a Tomcat cluster 2 to 5/);
  });

  it('cannot be copied between the servers of an Auto Scaling group', () => {
    expect(() => warningsOf(created({ strategy: 'tomcat-cluster', app: { kind: 'tomcat', home: '/opt/tomcat' } }))).toThrow(
      /needs members "instances" with existing[.]instanceIds/,
    );
  });

  it('behind an existing target group cause a warning that it needs stickiness', () => {
    expect(warningsOf(adopted({ ...EXISTING_GROUP, strategy: 'sticky', deploy: { sessionDrainSeconds: 0 } })).at(-1)).toContain(
      'does not change the existing target group: enable stickiness there',
    );
  });

  it.each([
    ['sticky', 'true'],
    ['web', 'false'],
  ])('make the target group of a fleet sticky that has its strategy, and of no other: %s %s', (fleet, enabled) => {
    app.template(`${fleet}-web-tier`).hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
      TargetGroupAttributes: Match.arrayWith([{ Key: 'stickiness.enabled', Value: enabled }]),
    });
  });

  it('that are in the store already, on the way from sticky to redis, cause no warning that they end', () => {
    const app = { kind: 'tomcat', home: '/opt/tomcat', libraries: 'redisson', health: { loadBalancer: '/live', ready: '/health' } };
    expect(warningsOf(created({ strategy: 'sticky', app })).at(-1)).toContain('a deploy waits for the sessions of each server');
    expect(warningsOf(created({ strategy: 'sticky', app: { ...app, sessionManager: 'redisson' } })).at(-1)).toMatch(
      /keeps stickiness on although app[.]sessionManager keeps sessions in the store[.] .*then set strategy to "redis"/,
    );
  });

  it.each([
    ['tomcat-cluster', 'redisson', /keeps sessions in the store, and the fleet's strategy is tomcat-cluster/],
    ['redis', 'memory', /keeps sessions in the memory of one server, and with the strategy redis/],
  ])('cannot be where the strategy does not look for them: %s with the manager %s', (strategy, sessionManager, sentence) => {
    const app = { kind: 'tomcat', home: '/opt/tomcat', libraries: 'redisson', health: { loadBalancer: '/live', ready: '/health' } };
    expect(() => warningsOf(created({ strategy, app: { ...app, sessionManager } }))).toThrow(sentence);
  });

  it('need a known strategy', () => {
    expect(() => warningsOf(created({ strategy: 'memcached' }))).toThrow(
      /fleets\.web\.strategy \("memcached"\): must be sticky, tomcat-cluster or redis/,
    );
  });
});
