/** What the console reads from a cloud, by the AWS SDK like any client. */

import {
  CloudWatchClient,
  GetDashboardCommand,
  GetMetricDataCommand,
  ListDashboardsCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { isDenied } from '../cli/aws-errors.ts';
import type { ClientOptions, Cloud } from '../cli/cloud.ts';
import type { AlarmStatus } from '../cli/installation/attention/attention-words.ts';
import { listAlarms, readAlarms, readPages } from '../cli/installation/attention/list-alarms.ts';
import { deployedFleets, requireContract } from '../cli/installation/connect-to-installation.ts';
import { type Replaced, readReplaced } from '../cli/installation/replaced-servers.ts';
import { nameMissingPolicy } from '../cli/name-missing-policy.ts';
import { type OpenCloud, openStores } from '../cli/open-stores.ts';
import { isAwsError } from '../functions/shared/aws/classify-aws-error.ts';
import { INCIDENTS_PART, STORE_PART } from '../functions/shared/naming.ts';
import type { TimeRange } from './dashboards/queries.ts';
import type { Step } from './next-steps.ts';

const OPENED = ['records', 'sweeps', 'incidents', 'store', 'canary', 'gates', 'stepFunctions', 's3'] as const;
export type ConsoleCloud = OpenCloud<(typeof OPENED)[number]>;

export interface InvokeResult {
  readonly failed: boolean;
  /** Parsed from JSON; a failure has `errorType` and `errorMessage`. */
  readonly payload: unknown;
}

export interface Backend {
  readonly cloud: ConsoleCloud;
  /** Of the installation. */
  fleets(): Promise<readonly string[]>;
  /** @param part as of connectToChange @default the fleet @throws CommandFailure OtherContract */
  requireContract(part?: string): Promise<void>;
  listDashboards(): Promise<readonly string[]>;
  /** The body as text. @throws ResourceNotFound */
  getDashboard(name: string): Promise<string>;
  /** Values are oldest first. One query can have several results. */
  getMetricData(queries: readonly MetricDataQuery[], range: TimeRange): Promise<readonly MetricDataResult[]>;
  /** @param chosen by their names, or those of the installation that fire @default those of the installation: an account can have thousands, and other installations theirs */
  listAlarms(chosen?: readonly string[] | 'ALARM'): Promise<readonly AlarmStatus[]>;
  invoke(functionArn: string, event: object): Promise<InvokeResult>;
  /** Servers that Auto Scaling replaced in the last day since they failed a health check, read every half minute. */
  replaced(nowMs: number): Promise<Replaced>;
  /** Whether the caller may invoke a function, which is not invoked. */
  mayInvoke(functionName: string): Promise<'allowed' | 'denied' | 'missing'>;
  /** What to try where nothing needs anybody: of a local cloud alone. */
  readonly tries?: () => Promise<readonly Step[]>;
}

/** Longest time that a reader waits for a widget. */
const INVOKE_TIMEOUT_MS = 20_000;

/** The page asks every second, and Auto Scaling throttles this call. */
const REPLACED_AGE_MS = 30_000;

export function createBackend(cloud: Cloud): Backend {
  const client: ClientOptions = cloud.client;
  const { installation, fleet } = cloud;
  const ofReaders = {
    DescribeAlarmsCommand: 'reader',
    GetDashboardCommand: 'reader',
    GetMetricDataCommand: 'reader',
    ListDashboardsCommand: 'reader',
  } as const;
  const cloudWatch = nameMissingPolicy(new CloudWatchClient(client), installation, fleet, ofReaders);
  // A call that takes too long is not retried.
  const lambda = new LambdaClient({
    ...client,
    maxAttempts: 1,
    requestHandler: { ...client.requestHandler, requestTimeout: INVOKE_TIMEOUT_MS },
  });
  /** Of what has the installation's prefix: the name of another installation can begin with its. */
  const own = async <T>(listed: Promise<readonly T[]>, nameOf: (one: T) => string): Promise<readonly T[]> => {
    const [all, fleets] = await Promise.all([listed, deployedFleets(cloud)]);
    const parts = [...fleets, STORE_PART, INCIDENTS_PART, 'sessions'].map((part) => `${installation}-${part}-`);
    return all.filter((one) => parts.some((part) => `${nameOf(one)}-`.startsWith(part)));
  };
  let replaced: { readonly readAtMs: number; readonly value: Promise<Replaced> } | undefined;
  return {
    cloud: openStores(cloud, ...OPENED),
    replaced(nowMs) {
      if (!replaced || nowMs - replaced.readAtMs >= REPLACED_AGE_MS) {
        const [last, value] = [replaced?.value, readReplaced(cloud, nowMs)];
        replaced = { readAtMs: nowMs, value };
        // The page does not wait for Auto Scaling, but for the first time.
        return last ?? value;
      }
      return replaced.value;
    },
    fleets: () => deployedFleets(cloud),
    requireContract: (part) => requireContract(cloud, part),
    listDashboards: () => {
      const listed = readPages(async (NextToken) => {
        const { DashboardEntries = [], NextToken: next } = await cloudWatch.send(
          new ListDashboardsCommand({ DashboardNamePrefix: `${installation}-`, NextToken }),
        );
        return { items: DashboardEntries.map(({ DashboardName = '' }) => DashboardName), next };
      });
      return own(listed, (name) => name);
    },
    getDashboard: async (DashboardName) => (await cloudWatch.send(new GetDashboardCommand({ DashboardName }))).DashboardBody ?? '{}',
    getMetricData: (queries, { startMs, endMs }) =>
      readPages(async (NextToken) => {
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
    listAlarms: (chosen) =>
      typeof chosen === 'object'
        ? readAlarms(cloudWatch, chosen)
        : own(listAlarms(cloudWatch, { AlarmNamePrefix: `${installation}-`, StateValue: chosen }), ({ name }) => name),
    mayInvoke: async (FunctionName) => {
      try {
        await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'DryRun' }));
        return 'allowed';
      } catch (error) {
        if (isAwsError(error, 'ResourceNotFoundException')) return 'missing';
        if (error instanceof Error && isDenied(error)) return 'denied';
        throw error;
      }
    },
    invoke: async (FunctionName, event) => {
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
      );
      return { failed: FunctionError !== undefined, payload: JSON.parse(Buffer.from(Payload ?? []).toString() || 'null') };
    },
  };
}
