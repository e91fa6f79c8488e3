import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeMembers } from '../../infra/dashboards/store-dashboards.ts';
import { publishedMetrics } from '../../lab/cost/count-resources.ts';
import { adopted } from './adopted-configs.ts';
import { parse } from './parse-config.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let adoptedApp: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  adoptedApp = await SynthesizedApp.create(adopted());
});
afterAll(async () => {
  await app?.remove();
  await adoptedApp?.remove();
});

interface Body {
  readonly widgets: readonly {
    readonly type: string;
    readonly properties: {
      readonly title: string;
      readonly metrics?: readonly (readonly unknown[])[];
      readonly annotations?: unknown;
      readonly endpoint?: string;
      readonly params?: unknown;
    };
  }[];
}

/** References replaced by their logical ids. */
function bodyOf(of: SynthesizedApp, name: string): Body {
  const [found] = of.resources('AWS::CloudWatch::Dashboard').filter(({ Properties }) => Properties['DashboardName'] === name);
  if (!found) throw new Error(`there is no dashboard ${name}`);
  const parts = (found.Properties['DashboardBody'] as { 'Fn::Join': [string, unknown[]] })['Fn::Join'][1];
  return JSON.parse(parts.map((part) => (typeof part === 'string' ? part : 'REFERENCE')).join('')) as Body;
}
const titlesOf = (body: Body) => body.widgets.map(({ properties }) => properties.title);
const metricsOf = (body: Body) => body.widgets.flatMap(({ properties }) => properties.metrics ?? []);

const NAMES = ['holdfast-sessions', 'holdfast-store', 'holdfast-web-deploys', 'holdfast-web-web-tier'];

it('there are four dashboards', () => {
  expect(
    app
      .resources('AWS::CloudWatch::Dashboard')
      .map(({ Properties }) => Properties['DashboardName'])
      .toSorted(),
  ).toEqual(NAMES);
});

describe.each(NAMES)('%s', (name) => {
  it('is small enough for the free tier, and below the limit of CloudWatch', () => {
    const body = bodyOf(app, name);
    // Three dashboards of up to 50 metrics are free. @see https://aws.amazon.com/cloudwatch/pricing/
    expect(metricsOf(body).length).toBeLessThanOrEqual(50);
    expect(metricsOf(body).length).toBeGreaterThan(3);
    expect(body.widgets.length).toBeLessThanOrEqual(500);
  });

  it('shows the state of the alarms that belong to it', () => {
    expect(bodyOf(app, name).widgets.filter(({ type }) => type === 'alarm')).toHaveLength(1);
  });
});

describe('the widgets', () => {
  it.each([
    [
      'holdfast-sessions',
      [
        'Active sessions',
        'Hit rate',
        'Keys without TTL that should have one',
        'Memory',
        'Time until memory is full (data below two days only)',
        'Read latency in the store',
      ],
    ],
    ['holdfast-store', ['Engine CPU', 'Replication lag, slowest replica', 'Evictions', 'Failovers']],
    ['holdfast-web-deploys', ['Deploys', 'Deploy duration', 'Drain duration per server', 'Sessions in the memory of drained servers']],
    ['holdfast-web-web-tier', ['Answers by class', 'Error responses', 'Latency', 'Servers', 'People turned away']],
  ])('%s', (name, titles) => {
    expect(titlesOf(bodyOf(app, name))).toEqual(expect.arrayContaining(titles));
  });

  it('are metrics that are published', () => {
    const own = NAMES.flatMap((name) => metricsOf(bodyOf(app, name)))
      .filter(([namespace]) => namespace === 'Holdfast')
      .map(([, metric]) => String(metric));
    expect(own.length).toBeGreaterThan(10);
    const published = publishedMetrics(4).flatMap(({ names }) => names);
    expect(own.filter((metric) => !published.includes(metric))).toEqual([]);
  });

  it('shows the ends of deploys next to what a deploy can change', () => {
    const events = bodyOf(app, 'holdfast-sessions').widgets.filter(({ properties }) =>
      JSON.stringify(properties.metrics)?.includes('DeployFailed'),
    );
    expect(events.map(({ properties }) => properties.title)).toEqual(['Active sessions', 'Hit rate', 'Read latency in the store']);
  });

  it('has the threshold of its alarm', () => {
    const lines = bodyOf(app, 'holdfast-web-web-tier').widgets.flatMap(({ properties }) => JSON.stringify(properties.annotations) ?? []);
    expect(lines.join()).toMatch(/alarm: target-p99/);
  });
});

describe('what metrics cannot show', () => {
  it.each([
    ['holdfast-web-deploys', 'Latest deploys of web', 'holdfast-web-deploys-widget', 10],
    ['holdfast-sessions', 'Latest sweeps', 'holdfast-store-sweeps-widget', 10],
    ['holdfast-sessions', 'Latest incidents', 'holdfast-store-incidents-widget', 5],
  ])('is a custom widget of %s: %s', (name, title, functionName, rows) => {
    const custom = bodyOf(app, name).widgets.filter(({ type, properties }) => type === 'custom' && properties.title === title);
    expect(custom.map(({ properties }) => properties)).toMatchObject([{ title, endpoint: 'REFERENCE', params: { rows } }]);
    const fn = app.resources('AWS::Lambda::Function').find(({ Properties }) => Properties['FunctionName'] === functionName);
    const alias = app
      .resources('AWS::Lambda::Alias')
      .find(
        ({ stackName, Properties }) =>
          stackName === fn?.stackName && JSON.stringify(Properties['FunctionName']).includes(`${fn?.logicalId}"`),
      );
    expect(alias?.Properties['Name']).toBe('live');
    const [dashboard] = app.resources('AWS::CloudWatch::Dashboard').filter(({ Properties }) => Properties['DashboardName'] === name);
    expect(JSON.stringify(dashboard?.Properties['DashboardBody'])).toContain(`{"Ref":"${alias?.logicalId}"}`);
    // It calls only DynamoDB, by its public endpoint.
    expect(fn?.Properties['VpcConfig']).toBeUndefined();
  });

  it('has the latest incidents in a row above the graphs', () => {
    const kinds = bodyOf(app, 'holdfast-sessions').widgets.map(({ type, properties }) => (type === 'custom' ? properties.title : type));
    expect(kinds.slice(0, 3)).toEqual(['metric', 'Latest incidents', 'metric']);
  });

  it('has no incidents without runbooks', async () => {
    const without = await SynthesizedApp.create({ ...AWS_CONFIG, incidents: { enabled: false } });
    try {
      expect(titlesOf(bodyOf(without, 'holdfast-sessions'))).not.toContain('Latest incidents');
      expect(JSON.stringify(without.resources('AWS::Lambda::Function'))).not.toContain('incidents-widget');
    } finally {
      await without.remove();
    }
  });
});

it('a store with unknown nodes is drawn from the collector’s metrics alone', async () => {
  const unknown = await SynthesizedApp.create({
    ...AWS_CONFIG,
    network: adopted().network,
    store: {
      existing: { host: 'redis.example.org', tls: false, auth: 'none', engine: 'redis', engineVersion: '6.2', replicas: 0 },
    },
  });
  try {
    const metrics = ['holdfast-sessions', 'holdfast-store'].flatMap((name) => metricsOf(bodyOf(unknown, name)));
    expect(metrics.filter(([namespace]) => namespace === 'AWS/ElastiCache')).toEqual([]);
    expect(metrics.length).toBeGreaterThan(5);
  } finally {
    await unknown.remove();
  }
});

it('an existing replication group is drawn by its own nodes', () => {
  const metrics = metricsOf(bodyOf(adoptedApp, 'holdfast-store')).filter(([namespace]) => namespace === 'AWS/ElastiCache');
  expect(new Set(metrics.map(([, , , node]) => node))).toEqual(new Set(['sessions-001', 'sessions-002', 'sessions-003']));
});

describe('the nodes of an existing group', () => {
  const plain = 'master.shop.abc.euw1.cache.amazonaws.com';
  const nodes = (...hosts: string[]) => ({ nodes: hosts.map((host) => ({ host })) });
  // widdix/aws-cf-templates 571: of a group with cluster mode the numbers of shards are in the ids.
  it.each<[string, object, readonly string[] | undefined]>([
    ['without cluster mode are numbered', { host: plain }, ['shop-001', 'shop-002']],
    [
      'have the names of their hosts',
      { host: plain, ...nodes('old.shop.abc.euw1.cache.amazonaws.com', 'shop-003.shop.abc.euw1.cache.amazonaws.com') },
      ['old', 'shop-003'],
    ],
    [
      'have the names of their hosts, without TLS too',
      { host: 'shop.abc.clustercfg.euw1.cache.amazonaws.com', ...nodes('shop-0001-001.abc.0001.euw1.cache.amazonaws.com') },
      ['shop-0001-001'],
    ],
    ['with names of somebody else are numbered', { host: plain, ...nodes('10.0.0.7', '10.0.0.8') }, ['shop-001', 'shop-002']],
    ['with cluster mode are not known', { host: 'clustercfg.shop.abc.euw1.cache.amazonaws.com' }, undefined],
    ['with cluster mode are not known, without TLS', { host: 'shop.abc.clustercfg.euw1.cache.amazonaws.com' }, undefined],
    ['without an id are not known', { host: plain, replicationGroupId: undefined }, undefined],
  ])('%s', (_, more, members) => {
    const { store, ...rest } = adopted();
    const existing = { ...store?.existing, auth: 'none', userName: undefined, replicationGroupId: 'shop', replicas: 1, ...more };
    expect(storeMembers(parse({ ...rest, store: { existing } }))).toEqual(members);
  });
});
