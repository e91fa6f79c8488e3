import { describe, expect, it } from 'vitest';
import type { Stack } from '../assembly.ts';
import { estimateCost } from '../estimate-cost.ts';
import { lineOf, nodePrice, PRICES, serverPrice, show } from '../prices.ts';
import { alarms, assemblyOf, functionOf, stackOf } from './templates.ts';

/** A fleet of four with `resources`, and ten deploys a day. */
const costOf = (resources: Stack['resources']) =>
  estimateCost(assemblyOf(stackOf('holdfast-web-deploy', { ...functionOf('web'), ...resources })), { servers: 4, deploysPerDay: 10 });
const monthly = (lines: ReturnType<typeof costOf>['lines']) => Object.fromEntries(lines.map((line) => [line.item, line.monthly]));
const resource = (Type: string, Properties: Record<string, unknown> = {}) => ({ Type: `AWS::${Type}`, Properties });

describe('a price', () => {
  it('has a unit and the AWS page with the price', () => {
    for (const [name, [, service, , usd, per, unit]] of Object.entries(PRICES)) {
      expect(usd / per, name).toBeGreaterThan(0);
      expect(unit, name).not.toBe('');
      expect(service, name).toMatch(/^[a-z0-9-]+$/);
    }
  });

  it('of a Valkey node is a fifth lower than of Redis OSS, and undefined for a type that is not in the list', () => {
    const usd = (engine: string, type = 'cache.t4g.small') => nodePrice(type, engine)[3];
    expect([usd('valkey'), usd('redis'), usd('valkey', 'cache.x9.huge'), serverPrice('x9.huge')[3]]).toEqual([
      0.0256,
      0.032,
      undefined,
      undefined,
    ]);
  });
});

describe('a line', () => {
  it.each([
    [PRICES.standardAlarms, 4, '4 alarms', 0.4, '4 alarm metrics × $0.10; 4 alarms'],
    [PRICES.transitions, 40_000, '', 1, '40,000 state transitions × $0.025 / 1,000'],
    [PRICES.dashboards, 2, '', 6, '2 dashboards × $3'],
  ] as const)('shows quantity times price: %j', (price, quantity, why, usd, arithmetic) => {
    expect(lineOf(price, quantity, why)).toMatchObject({ monthly: usd, arithmetic, note: null });
  });

  it.each([
    [0, '0'],
    [0.00321, '0.0032'],
    [9.63, '9.63'],
    [38.26, '38.3'],
    [50_605.4, '50,605'],
  ])('shows %d as %s', (value, text) => {
    expect(show(value)).toBe(text);
  });
});

describe('lines of what exists', () => {
  it('always have alarms, custom metrics and dashboards, and nothing else without a charge', () => {
    expect(Object.keys(monthly(costOf(alarms(4)).lines)).slice(0, 4)).toEqual([
      'alarms',
      'custom metrics',
      'dashboards',
      'records, storage',
    ]);
    expect(monthly(costOf(alarms(4)).lines)).toMatchObject({ alarms: 0.4, dashboards: 0 });
  });

  it('include a key, a secret, an endpoint, and the alarms that cost more', () => {
    const added = {
      Key: resource('KMS::Key'),
      Secret: resource('SecretsManager::Secret'),
      Endpoint: resource('EC2::VPCEndpoint', { VpcEndpointType: 'Interface', SubnetIds: ['1', '2', '3'] }),
      Quick: resource('CloudWatch::Alarm', { Period: 10 }),
      Both: resource('CloudWatch::CompositeAlarm'),
    };
    const several = { keys: 1, secrets: 0.4, 'interface endpoints': 21.9, 'high-resolution alarms': 0.3, 'composite alarms': 0.5 };
    expect(monthly(costOf(added).lines)).toMatchObject(several);
  });
});

describe('what is stored', () => {
  const bucket = (TransitionInDays: number) =>
    resource('S3::Bucket', {
      LifecycleConfiguration: { Rules: [{ Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays }] }] },
    });
  const stored = (resources: Stack['resources']) => {
    const { lines } = costOf(resources);
    return Object.fromEntries(lines.filter(({ item }) => /storage|transitions$/.test(item)).map(({ item, quantity }) => [item, quantity]));
  };

  it('is a year of releases and records', () => {
    expect(stored({})).toEqual({ 'records, storage': expect.closeTo(3_650 * 3.4e-6), 'releases, storage': 182.5 });
  });

  it('has old releases in another storage class', () => {
    expect(stored({ Releases: bucket(30) })).toMatchObject({
      'releases, transitions': 304,
      'releases, storage': 15,
      'old releases, storage': 167.5,
    });
  });

  it('has logs for their retention, and those of a year without one', () => {
    const rule = resource('Events::Rule', { ScheduleExpression: 'rate(1 minute)', Targets: [{ Arn: { Ref: 'Live' } }] });
    // 43,776 runs of 1,000 bytes.
    expect(stored({ Rule: rule })['log storage']).toBeCloseTo(0.043776 * 12);
    const group = resource('Logs::LogGroup', { RetentionInDays: 30.4 });
    expect(stored({ Rule: rule, Group: group })['log storage']).toBeCloseTo(0.043776);
  });
});

describe('the infrastructure', () => {
  const launch = (more: object) => ({
    Launch: resource('EC2::LaunchTemplate', {
      LaunchTemplateData: { InstanceType: 't4g.small', NetworkInterfaces: [{ AssociatePublicIpAddress: true }], ...more },
    }),
  });
  const balancer = { Balancer: resource('ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internet-facing', Subnets: ['1', '2', '3'] }) };

  it('counts an address for each server and for the load balancer in each zone', () => {
    const { infrastructure } = costOf({ ...launch({}), ...balancer });
    expect(monthly(infrastructure)['public IPv4 addresses']).toBeCloseTo(7 * 730 * 0.005);
  });

  it('includes detailed monitoring of the servers if it is enabled', () => {
    const items = (more: object) => monthly(costOf(launch(more)).infrastructure);
    expect(items({ Monitoring: { Enabled: true } })['servers, detailed monitoring']).toBeCloseTo(8.4);
    expect(items({})).not.toHaveProperty('servers, detailed monitoring');
  });

  it('counts the nodes of a store in shards', () => {
    const group = { Engine: 'valkey', CacheNodeType: 'cache.t4g.small', NumNodeGroups: 3, ReplicasPerNodeGroup: 1 };
    const { infrastructure } = costOf({ Group: resource('ElastiCache::ReplicationGroup', group) });
    expect(monthly(infrastructure)['store nodes']).toBeCloseTo(6 * 730 * 0.0256, 3);
  });

  it('shows a server of an unlisted type without a price', () => {
    const line = costOf(launch({ InstanceType: 'x9.huge' })).infrastructure.find(({ item }) => item === 'servers');
    expect(line).toMatchObject({ unitPrice: null, monthly: null, note: 'not in the price list, so not in the total' });
  });
});
