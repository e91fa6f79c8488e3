/** What the console asks of a cloud, and the adapters that ask it as any client of AWS does. */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  ListDashboardsCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ClientOptions, Cloud } from '../cli/cloud.ts';
import type { TimeRange } from './dashboards/time-range.ts';

export interface AlarmSeen {
  readonly arn: string;
  readonly name: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** Why it is in that state, as CloudWatch says it. */
  readonly reason: string;
  readonly sinceMs: number | undefined;
  readonly description: string;
}

export interface Invoked {
  readonly failed: boolean;
  /** Of JSON; a failure has `errorType` and `errorMessage`. */
  readonly payload: unknown;
}

export interface Backend {
  readonly cloud: Cloud;
  listDashboards(): Promise<readonly string[]>;
  /** The body's text. @throws ResourceNotFound */
  getDashboard(name: string): Promise<string>;
  /** Oldest first, in as many results as CloudWatch gives. */
  getMetricData(queries: readonly MetricDataQuery[], range: TimeRange): Promise<readonly MetricDataResult[]>;
  listAlarms(): Promise<readonly AlarmSeen[]>;
  invoke(functionArn: string, event: object): Promise<Invoked>;
}

/** A widget's function that takes longer is of no use to whoever looks. */
const INVOKE_TIMEOUT_MS = 20_000;
/** Pages of one answer: 100 × 100 alarms, 100 × 100,800 values. */
const MOST_PAGES = 100;

export function createBackend(cloud: Cloud): Backend {
  const client: ClientOptions = cloud.client;
  const cloudWatch = new CloudWatchClient(client);
  // A call that runs too long is not to be made three times.
  const lambda = new LambdaClient({
    ...client,
    maxAttempts: 1,
    requestHandler: { ...client.requestHandler, requestTimeout: INVOKE_TIMEOUT_MS },
  });
  return {
    cloud,
    listDashboards: () =>
      pages(async (NextToken) => {
        const { DashboardEntries = [], NextToken: next } = await cloudWatch.send(new ListDashboardsCommand({ NextToken }));
        return { items: DashboardEntries.map(({ DashboardName = '' }) => DashboardName), next };
      }),
    getDashboard: async (DashboardName) => (await cloudWatch.send(new GetDashboardCommand({ DashboardName }))).DashboardBody ?? '{}',
    getMetricData: (queries, { startMs, endMs }) =>
      pages(async (NextToken) => {
        const { MetricDataResults = [], NextToken: next } = await cloudWatch.send(
          new GetMetricDataCommand({
            MetricDataQueries: [...queries],
            StartTime: new Date(startMs),
            EndTime: new Date(endMs),
            ScanBy: 'TimestampAscending',
            NextToken,
          }),
        );
        return { items: MetricDataResults, next };
      }),
    listAlarms: () =>
      pages(async (NextToken) => {
        const {
          MetricAlarms = [],
          CompositeAlarms = [],
          NextToken: next,
        } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmTypes: ['MetricAlarm', 'CompositeAlarm'], MaxRecords: 100, NextToken }));
        return {
          items: [...MetricAlarms, ...CompositeAlarms].map((alarm) => ({
            arn: alarm.AlarmArn ?? '',
            name: alarm.AlarmName ?? '',
            state: alarm.StateValue ?? 'INSUFFICIENT_DATA',
            reason: alarm.StateReason ?? '',
            sinceMs: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime(),
            description: alarm.AlarmDescription ?? '',
          })),
          next,
        };
      }),
    invoke: async (FunctionName, event) => {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
      );
      return { failed: FunctionError !== undefined, payload: JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') };
    },
  };
}

/** @throws Error when an answer does not end */
async function pages<T>(page: (token: string | undefined) => Promise<{ items: readonly T[]; next: string | undefined }>): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const { items, next } = await page(token);
    all.push(...items);
    if (next === undefined) return all;
    token = next;
  }
  throw new Error(`an answer of CloudWatch has more than ${MOST_PAGES} pages`);
}
