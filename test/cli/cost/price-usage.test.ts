import { describe, expect, it } from 'vitest';
import { lineOf, show, totalOf } from '../../../cli/cost/cost-line.ts';
import { countResources } from '../../../cli/cost/count-resources.ts';
import { priceInfrastructure } from '../../../cli/cost/price-infrastructure.ts';
import { PRICES, serverPrice, storeNodePrice } from '../../../cli/cost/price-list.ts';
import { priceResources, priceStorage, priceUse } from '../../../cli/cost/price-usage.ts';
import { readFleet } from '../../../cli/cost/read-fleet.ts';
import { alarms, stackOf } from './templates.ts';

const fleet = { ...readFleet([], 'web'), logRetentionDays: 30.4 };

describe('a price', () => {
  it('has a unit and the AWS page with the price', () => {
    for (const [name, { usd, per, unit, source }] of Object.entries(PRICES)) {
      expect(usd / per, name).toBeGreaterThan(0);
      expect(unit, name).not.toBe('');
      expect(source, name).toMatch(/^https:\/\/aws\.amazon\.com\/[a-z0-9-]+\/pricing\//);
    }
  });

  it('of a Valkey node is a fifth lower than of Redis OSS', () => {
    expect([storeNodePrice('cache.t4g.small', 'valkey')?.usd, storeNodePrice('cache.t4g.small', 'redis')?.usd]).toEqual([0.0256, 0.032]);
  });

  it('is undefined for a type that is not in the list', () => {
    expect([serverPrice('x9.huge'), storeNodePrice('cache.x9.huge', 'valkey')]).toEqual([undefined, undefined]);
  });
});

describe('a line', () => {
  it.each([
    [[4, '4 alarms'] as const, PRICES.standardAlarm, 0.4, '4 alarm metrics × $0.10; 4 alarms'],
    [[40_000] as const, PRICES.transition, 1, '40,000 state transitions × $0.025 / 1,000'],
    [[2] as const, PRICES.dashboard, 6, '2 dashboards × $3'],
  ])('shows quantity times price: %j', (quantity, price, monthly, arithmetic) => {
    expect(lineOf('infrastructure', 'it', quantity, price)).toMatchObject({ monthly, arithmetic, note: null });
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

describe('use', () => {
  const lines = priceUse([
    { what: 'deploys', runsPerMonth: 304, use: { transitions: 200, gbSeconds: 0 } },
    { what: 'targets', runsPerMonth: 1_216, use: { transitions: 50, gbSeconds: 32, schedules: 0.5 } },
  ]);

  it.each([
    ['state transitions', 304 * 200 + 1_216 * 50, '; 304 deploys × 200 + 1,216 targets × 50'],
    ['function time', 1_216 * 32, '; 1,216 targets × 32'],
    ['schedules', 608, '; 1,216 targets × 0.5'],
  ])('has %s with the arithmetic', (item, quantity, arithmetic) => {
    const line = lines.find((one) => one.item === item);
    expect(line?.quantity).toBe(quantity);
    expect(line?.arithmetic.slice(-arithmetic.length)).toBe(arithmetic);
  });

  it('has no line for what nothing uses', () => {
    expect(lines).toHaveLength(3);
    expect(priceUse([])).toEqual([]);
  });
});

describe('what is stored', () => {
  const quantities = (those: typeof fleet, logBytes = 1e9) =>
    Object.fromEntries(priceStorage(those, 10, 3_400, logBytes).map(({ item, quantity }) => [item, quantity]));

  it('is a year of releases and records, and logs for their retention', () => {
    expect(quantities(fleet)).toEqual({ 'log storage': 1, 'records, storage': expect.closeTo(3_650 * 3.4e-6), 'releases, storage': 182.5 });
  });

  it('has old releases in another storage class', () => {
    expect(quantities({ ...fleet, releasesArchivedAfterDays: 30 })).toMatchObject({
      'releases, transitions': 304,
      'releases, storage': 15,
      'old releases, storage': 167.5,
    });
  });

  it('has the logs of a year without a retention', () => {
    expect(quantities({ ...fleet, logRetentionDays: 0 })['log storage']).toBe(12);
  });
});

describe('lines of what exists', () => {
  it('always have alarms, custom metrics and dashboards', () => {
    const lines = priceResources(countResources([stackOf('a', alarms(4))]), [{ names: ['A', 'B'], shareOfHours: 1, when: 'always' }]);
    expect(lines.map(({ item, monthly }) => [item, monthly])).toEqual([
      ['alarms', 0.4],
      ['custom metrics', 0.6],
      ['dashboards', 0],
    ]);
    expect(totalOf(lines)).toBeCloseTo(1);
  });

  it('include a key, a secret and an endpoint', () => {
    const added = stackOf('a', {
      Key: { Type: 'AWS::KMS::Key' },
      Secret: { Type: 'AWS::SecretsManager::Secret' },
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['1', '2', '3'] } },
    });
    const lines = priceResources(countResources([added]), []);
    expect(lines.filter(({ quantity }) => quantity > 0).map(({ item, monthly }) => [item, monthly])).toEqual([
      ['keys', 1],
      ['secrets', 0.4],
      ['interface endpoints', 21.9],
    ]);
  });
});

describe('the infrastructure', () => {
  const infrastructure = {
    ...fleet,
    instances: { type: 't4g.small', volumeGigabytes: 16, publicAddress: true, detailedMonitoring: false },
  };

  it('counts an address for each server and for the load balancer in each zone', () => {
    const lines = priceInfrastructure({ ...infrastructure, loadBalancers: [{ subnets: 3, public: true }] }, 4, countResources([]));
    expect(lines.find(({ item }) => item === 'public IPv4 addresses')?.monthly).toBeCloseTo(7 * 730 * 0.005);
  });

  it('includes detailed monitoring of the servers if it is enabled', () => {
    const monitored = { ...infrastructure, instances: { ...infrastructure.instances, detailedMonitoring: true } };
    expect(priceInfrastructure(monitored, 4, countResources([])).find(({ item }) => item.endsWith('monitoring'))?.monthly).toBeCloseTo(8.4);
    expect(priceInfrastructure(infrastructure, 4, countResources([])).some(({ item }) => item.endsWith('monitoring'))).toBe(false);
  });

  it('shows a server of an unlisted type without a price', () => {
    const line = priceInfrastructure(
      { ...infrastructure, instances: { ...infrastructure.instances, type: 'x9.huge' } },
      4,
      countResources([]),
    ).find(({ item }) => item === 'servers');
    expect(line).toMatchObject({ unitPrice: null, monthly: null, note: 'not in the price list, so not in the total' });
  });
});
