/** The managed policies of a fleet: what each lets somebody do by the commands, with no other right. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DetachUserPolicyCommand,
  IAMClient,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { cloudFormation } from './cdk.ts';
import { drawWidgets } from './draw-widgets.ts';
import { cloud, currentVersion, kept, untilHealthy } from './fleet.ts';

const iam = new IAMClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const EXAMPLE = path.resolve(import.meta.dirname, '../../examples/node-app');

interface Person {
  readonly name: string;
  readonly policyArn: string;
  readonly keyId: string;
  readonly env: Record<string, string>;
}

async function makePerson(name: string, output: string): Promise<Person> {
  const { Stacks = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'holdfast-web-deploy' }));
  const policyArn = Stacks[0]?.Outputs?.find(({ OutputKey }) => OutputKey === output)?.OutputValue as string;
  await iam.send(new CreateUserCommand({ UserName: name }));
  await iam.send(new AttachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }));
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: name }));
  const keyId = AccessKey?.AccessKeyId as string;
  const env = { HOLDFAST_LOCAL_ACCESS_KEY_ID: keyId, HOLDFAST_LOCAL_SECRET_ACCESS_KEY: AccessKey?.SecretAccessKey as string };
  return { name, policyArn, keyId, env };
}

let people: { operator: Person; reader: Person };
let release: string;

beforeAll(async () => {
  await untilHealthy(3);
  people = { operator: await makePerson('olga', 'OperatorPolicyArn'), reader: await makePerson('rita', 'ReaderPolicyArn') };
  release = path.join(kept.runFolder, 'example', 'of-olga');
  await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), '--version', '8.0.0', '--out', release], {
    timeout: 30_000,
  });
});
afterAll(async () => {
  for (const { name, policyArn, keyId } of Object.values(people)) {
    await iam.send(new DetachUserPolicyCommand({ UserName: name, PolicyArn: policyArn }));
    await iam.send(new DeleteAccessKeyCommand({ UserName: name, AccessKeyId: keyId }));
    await iam.send(new DeleteUserCommand({ UserName: name }));
  }
  iam.destroy();
});

const asOperator = (...args: string[]) => runCli(STATE_FOLDER, args, people.operator.env);
const asReader = (...args: string[]) => runCli(STATE_FOLDER, args, people.reader.env);

describe("an operator with nothing but the fleet's policy", () => {
  it('publishes a release', async () => {
    expect(await asOperator('releases', 'publish', '8.0.0', release)).toMatchObject({ code: 0, stderr: '' });
    expect((await asOperator('releases')).stdout).toContain('8.0.0');
  });

  it('deploys, and sees the status', async () => {
    const version = await currentVersion();
    const deployed = await asOperator('deploy', version, '--wait', '--json');
    expect([deployed.code, deployed.stdout], deployed.stderr).toEqual([0, expect.stringContaining('"status":"SUCCEEDED"')]);
    expect(await asOperator('status')).toMatchObject({ code: 0, stdout: expect.stringContaining(`release  ${version}`) });
  });
});

describe("a reader with nothing but the fleet's policy", () => {
  it('sees the status, the releases and the store', async () => {
    expect(await asReader('status')).toMatchObject({ code: 0, stderr: '' });
    await until(async () => (await cloud()).store.getStore(), 'the store has been read once', 90_000);
    expect(await asReader('store')).toMatchObject({ code: 0, stderr: '' });
    expect(await asReader('releases')).toMatchObject({ code: 0, stdout: expect.stringContaining('8.0.0') });
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

  it.each([
    ['deploy', () => ['deploy', '8.0.0', '--wait'], 'states:StartExecution'],
    ['publish', () => ['releases', 'publish', '8.0.1', release], 's3:PutObject'],
  ])('is not allowed to %s; the error names the missing policy', async (_, args, action) => {
    const { code, stderr } = await asReader(...args());
    expect(code).toBe(1);
    expect(stderr).toMatch(/^AccessDenied: The current credentials do not allow this: /);
    expect(stderr).toContain('Attach the managed policy holdfast-web-operator');
    expect(stderr).toContain(action);
  });
});
