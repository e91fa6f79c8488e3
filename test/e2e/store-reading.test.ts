/** The deployed collector, asked as its schedule asks it: what it reads is what is in the store. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand, GetDashboardCommand, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LEAST_BETWEEN_MS } from '../../functions/collect/collect.ts';
import type { StoreReading } from '../../functions/collect/contract.ts';
import { storeFunctionName } from '../../functions/shared/naming.ts';
import { spawnCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { queriesOf, type Widget } from './dashboard-queries.ts';
import { drawWidgets } from './draw-widgets.ts';
import { cloud, kept } from './fleet.ts';
import { withStore } from './open-store.ts';
import { forgetSweeps } from './swept-before.ts';

const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const KEYS = Array.from({ length: 43 }, (_, index) => `sess:web:read-${index}`);
const FOR_EVER = KEYS.slice(40);

async function collect(): Promise<StoreReading> {
  // Waits, because a second reading right after another one is not taken.
  await sleep(LEAST_BETWEEN_MS);
  const FunctionName = `${storeFunctionName('holdfast', 'collect')}:live`;
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify({ step: 'collect' })) }),
  );
  const value = JSON.parse(Buffer.from(Payload ?? []).toString()) as StoreReading;
  if (FunctionError) throw new Error(JSON.stringify(value));
  return value;
}

let before: StoreReading;
let after: StoreReading;
beforeAll(async () => {
  await forgetSweeps();
  before = await collect();
  after = await withStore(async (store) => {
    for (const key of KEYS.slice(0, 40)) await store.setex(key, 600, 'x'.repeat(200));
    for (const key of FOR_EVER) await store.set(key, 'x');
    for (const key of KEYS.slice(0, 9)) await store.get(key);
    await store.get('sess:web:never');
    return collect();
  });
});
afterAll(async () => {
  await withStore((store) => store.del(...KEYS));
  lambda.destroy();
});

describe('the deployed collector', () => {
  it('reads each node: one primary, and two replicas in step', () => {
    expect(after.nodes.map((node) => ('role' in node ? node.role : node)).toSorted()).toEqual(['primary', 'replica', 'replica']);
    expect(after).toMatchObject({ replicas: 2, failovers: 0, structural: null, activeSessionsFrom: 'keys' });
    expect(after.replicationLagSeconds).toBeLessThanOrEqual(2);
  });

  it('counts what was planted, and what of it never expires', () => {
    expect(after.keys - before.keys).toBe(KEYS.length);
    expect(after.withoutTtl - before.withoutTtl).toBe(FOR_EVER.length);
  });

  it('has the hit rate of what was looked up since, and the memory that is used', () => {
    expect(after.hitRatePercent).toBe(90);
    expect(after.memoryUsedBytes).toBeGreaterThan(before.memoryUsedBytes);
    expect(after.memoryPercent).toBeGreaterThan(0);
    expect(after.memoryPercent).toBeLessThan(100);
  });

  it('has its reading shown by the command', async () => {
    const recorded = (await (await cloud()).store.getStore())?.reading as StoreReading;
    const { code, stdout } = await spawnCli(STATE_FOLDER, ['store', '--json']);
    expect(code).toBe(0);
    const shown = JSON.parse(stdout) as StoreReading;
    // Its schedule may have had it read once more.
    expect(shown.takenAtMs).toBeGreaterThanOrEqual(recorded.takenAtMs);
    expect(shown).toMatchObject({ keys: recorded.keys, withoutTtl: recorded.withoutTtl, stale: false });
    process.stdout.write(`one collection of three nodes over TLS took ${after.collectMs} ms of the function\n`);
  });
});

describe('the deployed dashboards', () => {
  const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  afterAll(() => cloudWatch.destroy());
  const widgetsOf = async (DashboardName: string): Promise<readonly Widget[]> => {
    const { DashboardBody = '{}' } = await cloudWatch.send(new GetDashboardCommand({ DashboardName }));
    return (JSON.parse(DashboardBody) as { widgets: Widget[] }).widgets;
  };
  const hasData = async (widget: Widget): Promise<boolean> => {
    const { MetricDataResults = [] } = await cloudWatch.send(
      new GetMetricDataCommand({
        MetricDataQueries: queriesOf(widget),
        StartTime: new Date(Date.now() - 3 * 3_600_000),
        EndTime: new Date(Date.now() + 60_000),
      }),
    );
    return MetricDataResults.some(({ Values = [] }) => Values.length > 0);
  };
  /** These can be without data: no deploy has ended yet, and there was no traffic. */
  const MAYBE_EMPTY = /deploy|drain|Requests|errors|Latency|until memory is full/i;

  it.each(['holdfast-sessions', 'holdfast-store', 'holdfast-web-deploys', 'holdfast-web-web-tier'])(
    '%s: every widget can be drawn',
    async (name) => {
      const widgets = await widgetsOf(name);
      expect(widgets.length).toBeGreaterThan(3);
      const alarms = new Set((await cloudWatch.send(new DescribeAlarmsCommand({}))).MetricAlarms?.map(({ AlarmArn }) => AlarmArn));
      const drawn = await drawWidgets(name);
      for (const widget of widgets) {
        const { title, alarms: shown = [] } = widget.properties;
        if (widget.type === 'alarm') expect([shown.length > 0, shown.filter((arn) => !alarms.has(arn))]).toEqual([true, []]);
        else if (widget.type === 'custom') expect(drawn[title ?? '']).toMatch(/<table|no (deploy|sweep|incident) yet/);
        // A query that the local CloudWatch does not understand throws, naming it.
        else if (!MAYBE_EMPTY.test(title ?? '')) await until(() => hasData(widget), `data of "${title}"`);
        else await hasData(widget);
      }
    },
  );
});
