import { describe, expect, it } from 'vitest';
import { countResources } from '../../../cli/cost/count-resources.ts';
import { estimateUsage, show } from '../../../cli/cost/estimate-usage.ts';
import { RENDERS, type Work } from '../../../cli/cost/list-runs.ts';
import { priceInfrastructure } from '../../../cli/cost/price-infrastructure.ts';
import { PRICES, serverPrice, storeNodePrice } from '../../../cli/cost/price-list.ts';
import { lineOf, priceHoldfast, sumOf } from '../../../cli/cost/price-usage.ts';
import { readFleet } from '../../../cli/cost/read-fleet.ts';
import { alarms, stackOf } from './templates.ts';

const demand = { installation: 'holdfast', fleetName: 'web', servers: 4, deploysPerDay: 10 };
const fleet = { ...readFleet([], 'web'), logRetentionDays: 30.4 };
const work = (what: string, runsPerMonth: number, run: Partial<Work['run']> = {}): Work => ({
  what,
  runsPerMonth,
  run: { transitions: 0, invocations: 0, gbSeconds: 0, events: 0, visits: {}, unknownLoops: [], ...run },
  logged: true,
  traced: true,
  scheduled: false,
});

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
    [{ value: 4, arithmetic: '4 alarms' }, PRICES.standardAlarm, 0.4, '4 alarm metrics × $0.10; 4 alarms'],
    [{ value: 40_000, arithmetic: '' }, PRICES.transition, 1, '40,000 state transitions × $0.025 / 1,000'],
    [{ value: 2, arithmetic: '' }, PRICES.dashboard, 6, '2 dashboards × $3'],
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

describe('the usage', () => {
  const usage = estimateUsage(
    [
      work('deploys', 304, { transitions: 200, invocations: 80, events: 1_000, visits: { Settle: 61 } }),
      work('targets', 1_216, { transitions: 50, invocations: 30, events: 200, gbSeconds: 32 }),
    ],
    fleet,
    demand,
  );

  it.each<[keyof typeof usage, number, string]>([
    ['transitions', 304 * 200 + 1_216 * 50, '304 deploys × 200 + 1,216 targets × 50'],
    ['gbSeconds', 1_216 * 32, '1,216 targets × 32'],
    ['traces', 304 + 1_216, 'one per execution'],
    ['alarmReads', 304 * 62, 'DescribeAlarms: 304 deploys × 62 reads of the alarms'],
    ['releaseGigabytes', 182.5, '3,650 releases of a year × 50 MB: one per deploy, and old ones are never deleted'],
    ['objectReads', 1_216 * 2, '1,216 installs × 2'],
  ])('has %s with its arithmetic', (part, value, arithmetic) => {
    expect(usage[part].value).toBeCloseTo(value);
    expect(usage[part].arithmetic).toBe(arithmetic);
  });

  it('has old releases in another storage class', () => {
    const aged = estimateUsage([work('deploys', 304, {})], { ...fleet, releasesArchivedAfterDays: 30 }, demand);
    expect([aged.releaseGigabytes.value, aged.oldReleaseGigabytes.value, aged.releaseTransitions.value]).toEqual([15, 167.5, 304]);
    expect([usage.oldReleaseGigabytes.value, usage.releaseTransitions.value]).toEqual([0, 0]);
  });

  it('of widgets is the latest deploys, sweeps and incidents that each rendering reads, and no step of a deploy', () => {
    const rendered = estimateUsage(
      Object.values(RENDERS).map((what) => work(what, 10, { invocations: 1 })),
      fleet,
      demand,
    );
    expect(rendered.tableWrites.arithmetic).toMatch(/^0 steps/);
    // 10 deploys of 3,400 B and their starts, and 10 sweeps, 5 incidents of 5,000 B and their starts, by each rendering; 4 KB per unit.
    expect(rendered.tableReads.value).toBe(10 * 11 + 10 * 11 + 10 * (1 + 5 * 2));
  });

  it('has the logs of functions, histories and metrics, for the retention', () => {
    const gigabytes = ((304 * 80 + 1_216 * 30) * 1_000 + (304 * 1_000 + 1_216 * 200) * 600 + (304 * 2 + 1_216 * 2) * 400) / 1e9;
    expect(usage.logGigabytes.value).toBeCloseTo(gigabytes);
    expect(usage.storedLogGigabytes.value).toBeCloseTo(gigabytes);
  });

  it('has the logs of a year without a retention', () => {
    const { storedLogGigabytes, logGigabytes } = estimateUsage(
      [work('deploys', 10, { events: 10 })],
      { ...fleet, logRetentionDays: 0 },
      demand,
    );
    expect(storedLogGigabytes.value).toBeCloseTo(12 * logGigabytes.value);
  });

  it('has table units that grow with the record', () => {
    expect(usage.tableWrites.value).toBe((304 * 80 + 1_216 * 30) * 5 + 304 * 4 + 1_216);
    expect(usage.tableReads.arithmetic).toContain('1,216 targets × 2 for registrations');
  });
});

describe("Holdfast's lines", () => {
  const idle = estimateUsage([], fleet, { ...demand, deploysPerDay: 0 });

  it('are those of the resources alone without deploys', () => {
    const lines = priceHoldfast(countResources([stackOf('a', alarms(4))]), [{ names: ['A', 'B'], shareOfHours: 1, when: 'always' }], idle);
    expect(lines.map(({ item, monthly }) => [item, monthly])).toEqual([
      ['alarms', 0.4],
      ['custom metrics', 0.6],
      ['dashboards', 0],
    ]);
    expect(sumOf(lines)).toBeCloseTo(1);
  });

  it('include a key, a secret and an endpoint', () => {
    const added = stackOf('a', {
      Key: { Type: 'AWS::KMS::Key' },
      Secret: { Type: 'AWS::SecretsManager::Secret' },
      Endpoint: { Type: 'AWS::EC2::VPCEndpoint', Properties: { VpcEndpointType: 'Interface', SubnetIds: ['1', '2', '3'] } },
    });
    const lines = priceHoldfast(countResources([added]), [], idle);
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
