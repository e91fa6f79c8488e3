/** The managed policies of a fleet: what each lets somebody do by the commands, with no other right. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
  ResumeProcessesCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteCommand, DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dynamoIncidentRecords } from '../../functions/incidents/records/dynamo-incident-records.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { createRecordsTable } from '../../functions/records/records-table.ts';
import { sdkDynamoCalls } from '../../functions/records/sdk-dynamo-calls.ts';
import { recordsTableName } from '../../functions/shared/naming.ts';
import { runCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { drawWidgets } from './draw-widgets.ts';
import { autoScaling, cloud, currentVersion, GROUP, kept, untilHealthy } from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/node-app');

let people: { publisher: Person; operator: Person; reader: Person };
let release: string;

beforeAll(async () => {
  await untilHealthy(3);
  people = {
    publisher: await makePerson('pia', 'PublisherPolicyArn'),
    operator: await makePerson('olga', 'OperatorPolicyArn'),
    reader: await makePerson('rita', 'ReaderPolicyArn'),
  };
  release = path.join(kept.runFolder, 'example', 'of-pia');
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', '8.9.0', '--out', release], {
    timeout: 150_000,
  });
});
afterAll(async () => {
  for (const person of Object.values(people)) await removePerson(person);
});

const configOf = ({ env }: Person) => ({
  region: kept.region,
  endpoint: kept.gatewayUrl,
  credentials: {
    accessKeyId: env['HOLDFAST_LOCAL_ACCESS_KEY_ID'] as string,
    secretAccessKey: env['HOLDFAST_LOCAL_SECRET_ACCESS_KEY'] as string,
  },
});
const asPublisher = (...args: string[]) => runCli(STATE_FOLDER, args, people.publisher.env);
const asOperator = (...args: string[]) => runCli(STATE_FOLDER, args, people.operator.env);
const asReader = (...args: string[]) => runCli(STATE_FOLDER, args, people.reader.env);

describe("a publisher with nothing but the fleet's policy", () => {
  it('publishes a release, which records who, and leaves no upload', async () => {
    expect(await asPublisher('releases', 'publish', '8.9.0', release)).toMatchObject({ code: 0, stderr: '' });
    const { records, s3, releasesBucket } = await cloud();
    expect((await records.getRelease('web', '8.9.0'))?.publishedBy).toMatch(/^local\/./);
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: releasesBucket, Prefix: '_incoming/' }));
    expect(Contents).toEqual([]);
  });

  it('publishes the same content again without effect, and is refused other content', async () => {
    const again = await asPublisher('releases', 'publish', '8.9.0', release, '--json');
    expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('"result":"alreadyPublished"')]);
    const other = await asPublisher('releases', 'publish', await currentVersion(), release);
    expect([other.code, other.stderr]).toEqual([2, expect.stringMatching(/^ReleaseExists: Fleet web already has a release/)]);
  });

  it.each([
    ['deploys', () => ['deploy', '8.9.0'], 'operator', 'states:StartExecution'],
    ['reads the records', () => ['status'], 'reader', 'dynamodb:GetItem'],
  ])('is refused when it %s', async (_, args, policy, action) => {
    const { code, stderr } = await asPublisher(...args());
    expect([code, stderr]).toEqual([3, expect.stringMatching(`^AccessDenied: .*${action}.*holdfast-web-${policy}`)]);
  });
});

describe('the records and the archives', () => {
  const key = (sk: string) => ({ pk: 'FLEET#web', sk });
  const clientsOf = (person: Person) => {
    const config = configOf(person);
    return { table: DynamoDBDocumentClient.from(new DynamoDBClient(config)), s3: new S3Client({ ...config, forcePathStyle: true }) };
  };
  const writeRecord = (sk: string) => async (person: Person) =>
    clientsOf(person).table.send(new PutCommand({ TableName: 'holdfast-records', Item: { ...key(sk), sha256: 'f'.repeat(64) } }));
  const onArchive =
    (command: new (input: { Bucket: string; Key: string; Body?: string }) => object, Key: string) => async (person: Person) => {
      const { releasesBucket } = await cloud();
      return clientsOf(person).s3.send(new command({ Bucket: releasesBucket, Key, Body: 'malicious' }) as PutObjectCommand);
    };

  it.each<[string, (person: Person) => Promise<unknown>, string]>([
    ['takes the lock', writeRecord('LOCK'), 'dynamodb:PutItem'],
    ['makes another release current', writeRecord('FLEET'), 'dynamodb:PutItem'],
    ["replaces a release's checksum", writeRecord('RELEASE#8.9.0'), 'dynamodb:PutItem'],
    ['writes history', writeRecord('DEPLOY#d1'), 'dynamodb:PutItem'],
    ['says what an instance runs', writeRecord('INSTANCE#i-1'), 'dynamodb:PutItem'],
    [
      'frees the lock',
      async (person) => clientsOf(person).table.send(new DeleteCommand({ TableName: 'holdfast-records', Key: key('LOCK') })),
      'dynamodb:DeleteItem',
    ],
    ['overwrites an archive', onArchive(PutObjectCommand, 'web/8.9.0/release.tar.gz'), 's3:PutObject'],
    ['deletes an archive', onArchive(DeleteObjectCommand, 'web/8.9.0/release.tar.gz'), 's3:DeleteObject'],
    ['uploads for another fleet', onArchive(PutObjectCommand, '_incoming/shop/1.0.0/any.tar.gz'), 's3:PutObject'],
  ])('refuse each of publisher, operator and reader who %s', async (_, attack, action) => {
    for (const person of Object.values(people))
      await expect(attack(person), person.name).rejects.toThrow(new RegExp(`not authorized to perform: ${action}|^Access Denied`));
  });
});

describe("an operator with nothing but the fleet's policy", () => {
  it('sees what is published', async () => {
    expect((await asOperator('releases')).stdout).toContain('8.9.0');
  });

  it('deploys, and sees the status', async () => {
    const version = await currentVersion();
    const deployed = await asOperator('deploy', version, '--json');
    expect([deployed.code, deployed.stdout], deployed.stderr).toEqual([0, expect.stringContaining('"status":"SUCCEEDED"')]);
    expect(await asOperator('status')).toMatchObject({ code: 0, stdout: expect.stringContaining(`release  ${version}`) });
  });
});

describe('an instance refresh', () => {
  it('is for an operator to start, follow and cancel', async () => {
    const group = { AutoScalingGroupName: GROUP };
    const [olga, rita] = [people.operator, people.reader].map((person) => new AutoScalingClient(configOf(person))) as [
      AutoScalingClient,
      AutoScalingClient,
    ];
    const [start, cancel] = [new StartInstanceRefreshCommand(group), new CancelInstanceRefreshCommand(group)];
    // What the runbook of a refresh that makes no progress asks for.
    expect((await asOperator('status', '--names', 'group')).stdout).toBe(`${GROUP}\n`);
    expect((await asOperator('status', '--names')).stdout).toContain(`group='${GROUP}'\n`);
    expect((await olga.send(new DescribeScalingActivitiesCommand(group))).Activities).toBeDefined();
    const paused = { ...group, ScalingProcesses: ['InstanceRefresh'] };
    await autoScaling.send(new SuspendProcessesCommand(paused));
    try {
      await expect(rita.send(start)).rejects.toThrow(/not authorized to perform: autoscaling:StartInstanceRefresh/);
      await olga.send(start);
      await expect(rita.send(cancel)).rejects.toThrow(/not authorized to perform: autoscaling:CancelInstanceRefresh/);
      await olga.send(cancel);
      const latest = async () => (await olga.send(new DescribeInstanceRefreshesCommand(group))).InstanceRefreshes?.[0];
      await until(async () => (await latest())?.Status === 'Cancelled', 'the refresh is cancelled');
    } finally {
      await autoScaling.send(new ResumeProcessesCommand(paused));
    }
  });
});

describe("a reader with nothing but the fleet's policy", () => {
  it('sees the status, the releases and the store', async () => {
    expect(await asReader('status')).toMatchObject({ code: 0, stderr: '' });
    await until(async () => (await cloud()).store.getStore(), 'the store has been read once', 90_000);
    expect(await asReader('store')).toMatchObject({ code: 0, stderr: '' });
    expect(await asReader('releases')).toMatchObject({ code: 0, stdout: expect.stringContaining('8.9.0') });
  });

  it('runs doctor, which can read everything but the archive, the number of roles and the launch template', async () => {
    const { stdout } = await asReader('doctor', '--json');
    const { findings } = JSON.parse(stdout) as { findings: { check: string; severity: string; what: string }[] };
    const unread = findings.filter(({ check }) => check === 'could-not-read');
    expect(unread.map(({ severity, what }) => `${severity} ${what}`).toSorted()).toEqual([
      expect.stringMatching(/^notice did not read archive s3:/),
      expect.stringMatching(/^notice did not read how many roles the account has/),
      expect.stringMatching(/^notice did not read launch template lt-/),
    ]);
    const byRecord = await asReader('doctor', '--installation', 'holdfast', '--json');
    const afresh = JSON.parse(byRecord.stdout) as { findings: { check: string }[] };
    expect(afresh.findings.map(({ check }) => check).toSorted()).toEqual(findings.map(({ check }) => check).toSorted());
  });

  it('is shown the latest deploys and sweeps by the dashboards, which call their functions as the reader', async () => {
    const { HOLDFAST_LOCAL_ACCESS_KEY_ID: accessKeyId = '', HOLDFAST_LOCAL_SECRET_ACCESS_KEY: secretAccessKey = '' } = people.reader.env;
    const viewer = { accessKeyId, secretAccessKey };
    const { records } = await cloud();
    const [latest] = await records.latestDeploys('web', 1);
    const { 'Latest deploys of web': deploys = '' } = await drawWidgets('holdfast-web-deploys', viewer);
    expect(deploys).toContain('Started (UTC+05:30)');
    expect(deploys).toContain(`${latest?.from} → ${latest?.to}`);
    expect(deploys).toMatch(new RegExp(`SUCCEEDED.+${latest?.deployId}`));
    // Whether there has been a sweep is another scenario's.
    expect((await drawWidgets('holdfast-sessions', viewer))['Latest sweeps']).toMatch(/no sweep yet|<table/);
  });
});

describe('an incident', () => {
  const incidentId = 'inc-00000000abcd';
  const waiting = {
    name: 'restore-stickiness',
    target: { incidentId, fleet: 'web' },
    run: 1,
    mode: 'observe',
    state: 'observed',
    calls: [],
  } as const;
  const dynamo = DynamoDBDocumentClient.from(
    new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials }),
    { marshallOptions: { removeUndefinedValues: true } },
  );
  const table = createRecordsTable(sdkDynamoCalls(dynamo), recordsTableName('holdfast'));
  const openedAtMs = Date.now();

  beforeAll(async () => {
    const incidents = dynamoIncidentRecords(table);
    await incidents.ensureIncident({ incidentId, fingerprint: 'of a test', runbook: 'logged-out', fleet: 'web', openedAtMs });
    await incidents.putMitigation(incidentId, 'restore-stickiness', waiting);
  });
  afterAll(async () => {
    for (const key of [recordKeys.incidentStart(openedAtMs, incidentId), recordKeys.incident(incidentId)]) await table.delete(key);
    dynamo.destroy();
  });

  it('is listed, shown and drawn on the dashboard for a reader', async () => {
    expect(await asReader('incidents')).toMatchObject({ code: 0, stdout: expect.stringMatching(/open .*inc-00000000abcd/) });
    const shown = await asReader('incidents', 'show', incidentId);
    expect([shown.code, shown.stderr]).toEqual([0, '']);
    expect(shown.stdout).toContain(`./holdfast incidents do ${incidentId} restore-stickiness --fleet web`);
    const { HOLDFAST_LOCAL_ACCESS_KEY_ID: accessKeyId = '', HOLDFAST_LOCAL_SECRET_ACCESS_KEY: secretAccessKey = '' } = people.reader.env;
    const { 'Latest incidents': drawn = '' } = await drawWidgets('holdfast-sessions', { accessKeyId, secretAccessKey });
    expect(drawn).toMatch(/Opened \(UTC\+05:30\).*inc-00000000abcd/s);
  });

  it.each([
    ['reader', 'do', () => ['incidents', 'do', incidentId, 'restore-stickiness'], 'operator', 'lambda:InvokeFunction'],
    ['reader', 'run', () => ['incidents', 'run', 'logged-out', '--dry-run'], 'operator', 'states:StartExecution'],
    ['publisher', 'list', () => ['incidents'], 'reader', 'dynamodb:Query'],
    ['publisher', 'run', () => ['incidents', 'run', 'logged-out', '--dry-run'], 'operator', 'states:StartExecution'],
  ] as const)('a %s is not allowed to %s it; the error names the missing policy', async (who, _, args, policy, action) => {
    const { code, stderr } = await runCli(STATE_FOLDER, args(), people[who].env);
    expect(code).toBe(3);
    expect(stderr).toMatch(new RegExp(`^AccessDenied: .*${action}.*Attach the managed policy holdfast-web-${policy}`, 's'));
  });

  it('lets an operator ask: the function answers', async () => {
    const { code, stderr } = await asOperator('incidents', 'end', incidentId, 'restore-stickiness');
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^NothingToEnd: .*is not in effect.*Nothing was changed/)]);
  });

  it('lets an operator see lines of the servers, and a reader none; who looked is on record', async () => {
    const around = new Date().toISOString();
    const { code, stdout, stderr } = await asOperator('logs', '--around', around, '--minutes', '15', '--json');
    expect([code, stderr], stdout).toEqual([0, '']);
    const { servers, requestedBy } = JSON.parse(stdout) as { servers: { lines?: unknown[] }[]; requestedBy: string };
    expect(servers).toHaveLength(3);
    for (const { lines = [] } of servers) expect(lines.length).toBeGreaterThan(0);
    // What the caller states; the refusal below is InvokeFunction's.
    expect(requestedBy).toBe('local/ann');
    const reader = await runCli(STATE_FOLDER, ['logs', '--around', around], people.reader.env);
    expect([reader.code, reader.stderr]).toEqual([3, expect.stringMatching(/^AccessDenied: .*lambda:InvokeFunction/s)]);
  });

  it('is written by nobody’s policy', async () => {
    for (const { env, name } of Object.values(people)) {
      const credentials = {
        accessKeyId: env['HOLDFAST_LOCAL_ACCESS_KEY_ID'] as string,
        secretAccessKey: env['HOLDFAST_LOCAL_SECRET_ACCESS_KEY'] as string,
      };
      const own = DynamoDBDocumentClient.from(new DynamoDBClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials }));
      const Item = { ...recordKeys.incident(incidentId), stage: 'closed' };
      const write = own.send(new PutCommand({ TableName: recordsTableName('holdfast'), Item }));
      await expect(write, name).rejects.toThrow(/not authorized to perform: dynamodb:PutItem/);
      // The key of hashes is under a key that no policy reads.
      const read = own.send(new GetCommand({ TableName: recordsTableName('holdfast'), Key: recordKeys.incidentSecret() }));
      await expect(read, name).rejects.toThrow(/not authorized to perform: dynamodb:GetItem/);
      own.destroy();
    }
  });
});

describe('without the policy', () => {
  it.each([
    ['reader', 'deploy', () => ['deploy', '8.9.0'], 'operator', 'states:StartExecution'],
    ['reader', 'publish', () => ['releases', 'publish', '8.0.1', release], 'publisher', 'lambda:InvokeFunction'],
    ['operator', 'publish', () => ['releases', 'publish', '8.0.1', release], 'publisher', 'lambda:InvokeFunction'],
  ] as const)('a %s is not allowed to %s; the error names the missing policy', async (who, _, args, policy, action) => {
    const { code, stderr } = await runCli(STATE_FOLDER, args(), people[who].env);
    expect(code).toBe(3);
    expect(stderr).toMatch(/^AccessDenied: The current credentials do not allow this: /);
    expect(stderr).toContain(`Attach the managed policy holdfast-web-${policy}`);
    expect(stderr).toContain(action);
  });
});
