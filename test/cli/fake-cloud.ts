/** As much of STS, DynamoDB, Systems Manager and Step Functions as the commands call, behind the real gateway. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { startGateway } from '#local-aws/gateway/gateway.ts';
import { AwsError, type LocalService, type Operation } from '#local-aws/service/service.ts';
import { CONTRACT, type InstallationParameter } from '../../functions/installation/contract.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { stateOf } from './run-cli.ts';

export const EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-web-deploy:d1';
export const RUNBOOK_EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-runbook:b1';
export const SWEEP_EXECUTION = 'arn:aws:states:us-east-1:000000000000:execution:holdfast-sweep:s1';

type Item = readonly [key: string, item: Record<string, unknown>];

/** A deploy's item, and one for each of the targets that a test wrote into it. */
const withTargets = ([key, item]: Item): Item[] => [
  [key, item],
  ...(/[|]DEPLOY#/.test(key) ? Object.entries((item['targets'] ?? {}) as Record<string, object>) : []).map(
    ([instanceId, target]): Item => [`${key.replace('|DEPLOY#', '|DEPLOY-TARGET#')}#${instanceId}`, { ...target, instanceId }],
  ),
];

export interface FakeCloud {
  readonly url: string;
  /** Items of the records table, by `pk|sk`. */
  readonly items: Map<string, Record<string, unknown>>;
  /** Objects of S3, by key. */
  readonly objects: Map<string, string>;
  /** What DescribeAlarms answers. */
  readonly alarms: Record<string, unknown>[];
  /** Thrown in the place of them. */
  alarmsError: Error | undefined;
  /** What StartExecution was asked. */
  readonly started: Record<string, unknown>[];
  /** What StopExecution was asked. */
  readonly stopped: Record<string, unknown>[];
  /** What happens when an execution is stopped. */
  onStop: () => void;
  /** What DescribeExecution answers; it may throw. */
  describe: () => object;
  /** Account that STS answers for. */
  account: string;
  /** Names of tables that DynamoDB does not have. */
  missingTables: readonly string[];
  /** Makes DynamoDB refuse every call. */
  denied: boolean;
  /** The value of an installation's parameter; it may throw. */
  parameter: (installation: string) => string;
  /** The value of the parameter of an installation's part; it may throw. @default as {@link FakeCloud.parameter} */
  partParameter: ((part: string) => string) | undefined;
  /** Writes the state file that leads the commands here. */
  announce(stateFolder: string, more?: Parameters<typeof stateOf>[1]): void;
  close(): Promise<void>;
}

const service = (signingName: string, protocol: LocalService['protocol'], operations: Record<string, Operation>): LocalService => ({
  signingNames: [signingName],
  protocol,
  operations,
  resourceTypes: {},
  notEmulated: [],
  stop: async () => {},
});

/** @param more services besides those that most commands call */
export async function startFakeCloud(more: readonly LocalService[] = []): Promise<FakeCloud> {
  const table =
    (operation: Operation): Operation =>
    (input, context) => {
      if (cloud.missingTables.includes(String(input['TableName'])))
        throw new AwsError('ResourceNotFoundException', 'Requested resource not found');
      if (cloud.denied) throw new AwsError('AccessDeniedException', 'User: ann is not authorized to perform: dynamodb:GetItem');
      return operation(input, context);
    };
  const dynamo = service(
    'dynamodb',
    { kind: 'json', version: '1.0' },
    {
      GetItem: table(({ Key }) => {
        const { pk, sk } = Key as Record<'pk' | 'sk', { S: string }>;
        const item = cloud.items.get(`${pk.S}|${sk.S}`);
        return item ? { Item: attributes(item) } : {};
      }),
      BatchGetItem: table(({ RequestItems }) => {
        const [[name, { Keys }]] = Object.entries(RequestItems as object) as [[string, { Keys: Record<string, { S: string }>[] }]];
        const items = Keys.map(({ pk, sk }) => cloud.items.get(`${pk?.S}|${sk?.S}`)).filter((item) => item !== undefined);
        return { Responses: { [name]: items.map((item) => attributes(item)) }, UnprocessedKeys: {} };
      }),
      Query: table(({ ExpressionAttributeValues, ScanIndexForward = true, Limit }) => {
        const values = ExpressionAttributeValues as Record<string, { S: string }>;
        const prefix = `${values[':pk']?.S}|${values[':prefix']?.S}`;
        const all = new Map([...cloud.items].flatMap(withTargets));
        const found = [...all.keys()].filter((key) => key.startsWith(prefix)).toSorted();
        const keys = (ScanIndexForward ? found : found.reverse()).slice(0, Limit as number | undefined);
        return { Items: keys.map((key) => attributes(all.get(key) as Record<string, unknown>)) };
      }),
    },
  );
  const states = service(
    'states',
    { kind: 'json', version: '1.0' },
    {
      StartExecution: (input) => {
        const machine = String(input['stateMachineArn']).split(':').at(-1) ?? '';
        const executionArn = {
          'holdfast-web-deploy': EXECUTION,
          'holdfast-runbook': RUNBOOK_EXECUTION,
          'holdfast-sweep': SWEEP_EXECUTION,
        }[machine];
        if (!executionArn) throw new AwsError('StateMachineDoesNotExist', 'State Machine Does Not Exist');
        cloud.started.push(input);
        return { executionArn, startDate: new Date(0) };
      },
      StopExecution: (input) => {
        cloud.stopped.push(input);
        cloud.onStop();
        return { stopDate: new Date(0) };
      },
      DescribeExecution: () => cloud.describe(),
    },
  );
  const monitoring = service(
    'monitoring',
    { kind: 'json', version: '1.0' },
    {
      DescribeAlarms: ({ AlarmNamePrefix = '' }) => {
        if (cloud.alarmsError) throw cloud.alarmsError;
        const named = cloud.alarms.filter(({ AlarmName }) => String(AlarmName).startsWith(String(AlarmNamePrefix)));
        return { MetricAlarms: named, CompositeAlarms: [] };
      },
    },
  );
  const sts = service(
    'sts',
    { kind: 'query', xmlNamespace: 'https://sts.amazonaws.com/doc/2011-06-15/' },
    {
      GetCallerIdentity: () => ({ Account: cloud.account, Arn: 'arn:aws:iam::0:root', UserId: 'u' }),
    },
  );
  const ssm = service(
    'ssm',
    { kind: 'json', version: '1.1' },
    {
      GetParameter: ({ Name }) => {
        const [, , installation = '', , part] = String(Name).split('/');
        const value = part && cloud.partParameter ? cloud.partParameter(part) : cloud.parameter(installation);
        return { Parameter: { Name, Type: 'String', Value: value } };
      },
    },
  );
  /** S3. */
  const emulator = createServer(({ url = '' }, response) => {
    const text = [...cloud.objects].find(([key]) => new URL(url, 'http://s3').pathname.endsWith(`/${key}`))?.[1];
    if (text !== undefined) response.end(text);
    else response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchKey</Code><Message>none</Message></Error>');
  });
  await new Promise<void>((resolve) => emulator.listen(0, '127.0.0.1', resolve));
  const gateway = await startGateway({
    services: [
      sts,
      dynamo,
      states,
      ssm,
      ...(more.some(({ signingNames }) => signingNames.includes('monitoring')) ? [] : [monitoring]),
      ...more,
    ],
    emulator: { url: `http://127.0.0.1:${(emulator.address() as AddressInfo).port}`, token: '' },
    port: 0,
    region: 'us-east-1',
    log: () => {},
    onLogLine: () => {},
  });
  const cloud: FakeCloud = {
    url: gateway.url,
    items: new Map(),
    objects: new Map(),
    alarms: [],
    alarmsError: undefined,
    started: [],
    stopped: [],
    onStop: () => {},
    describe: () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(12_300) }),
    account: '000000000000',
    missingTables: [],
    denied: false,
    parameter: deployedParameter(),
    partParameter: undefined,
    announce: (stateFolder, more) => {
      mkdirSync(stateFolder, { recursive: true });
      writeFileSync(path.join(stateFolder, 'cloud.json'), JSON.stringify(stateOf(gateway.url, more)));
    },
    close: async () => {
      await gateway.close();
      emulator.close();
    },
  };
  return cloud;
}

/** What an installation's parameter holds that this version deployed, or another. */
export const deployedParameter =
  (other: Partial<InstallationParameter> = {}) =>
  (installation: string): string => {
    const configuration = { table: `${installation}-records`, ...recordKeys.installation() };
    return JSON.stringify({ contract: CONTRACT, version: '0.1.0', configuration, ...other } satisfies InstallationParameter);
  };

/** DynamoDB's own notation of an item. */
function attributes(item: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, attribute(value)]));
}

function attribute(value: unknown): unknown {
  if (typeof value === 'string') return { S: value };
  if (value === null) return { NULL: true };
  if (typeof value === 'boolean') return { BOOL: value };
  if (typeof value === 'number') return { N: String(value) };
  if (Array.isArray(value)) return { L: value.map(attribute) };
  return { M: attributes(value as Record<string, unknown>) };
}

/** A deploy as Holdfast records it, with the item of its start, from which the latest deploys are listed. */
export function keepDeploy(
  cloud: FakeCloud,
  record: { readonly fleet: string; readonly deployId: string; readonly startedAtMs: number },
): void {
  const { fleet, deployId, startedAtMs } = record;
  for (const [{ pk, sk }, item] of [
    [recordKeys.deploy(fleet, deployId), record],
    [recordKeys.deployStart(fleet, startedAtMs, deployId), { deployId }],
  ] as const)
    cloud.items.set(`${pk}|${sk}`, { pk, sk, ...item });
}

const APP = { start: ['node', 'server.mjs'], port: 8080, health: { loadBalancer: '/live', ready: '/health' } };

/** Releases of a fleet, the first one published first. */
export function keepReleases(cloud: FakeCloud, versions: readonly string[], fleet = 'web'): void {
  versions.forEach((version, index) => {
    const { pk, sk } = recordKeys.release(fleet, version);
    cloud.items.set(`${pk}|${sk}`, {
      pk,
      sk,
      fleet,
      version,
      publishedAtMs: index,
      sizeBytes: 1,
      sha256: 'a',
      publishedBy: 'ann',
      app: APP,
    });
  });
}
