/** Attacks on the real emulator: through the gateway, at its own port, and at the Runtime API of a function. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetObjectCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readSetup } from '../../../../setup/read-setup.mjs';
import { until } from '../../../../test/until.ts';
import { writeCredentials } from '../../../demo/write-credentials.ts';
import { presign, send, sendSigned, signHeaders } from '../gateway/sign-request.ts';
import { ROOT } from '../root-credentials.ts';
import { ROLE, type World } from './world.ts';

/** Tells CloudFormation that it is done, after it has tried the emulator's port without the run's secret. */
const CUSTOM_RESOURCE = `
export const handler = async ({ ResponseURL, StackId, RequestId, LogicalResourceId }) => {
  const { origin } = new URL(ResponseURL);
  const put = async (url, body = '{}') => (await fetch(url, { method: 'PUT', body })).status;
  const tried = [await put(ResponseURL + '0'), await put(origin + '/_ministack/cfn-response/'), (await fetch(ResponseURL)).status,
    (await fetch(origin + '/_ministack/health')).status, await put(origin + '/bucket')];
  const answer = { Status: 'SUCCESS', PhysicalResourceId: 'made', StackId, RequestId, LogicalResourceId, Data: { Tried: tried.join(), Url: ResponseURL } };
  await put(ResponseURL, JSON.stringify(answer));
};`;

export function describeClosed(world: () => World): void {
  const endpoint = () => world().config.endpoint;
  const emulator = () => world().emulatorAccess.url;

  describe('the emulator’s own port', () => {
    it.each(['/_ministack/reset', '/_ministack/health', '/_localstack/health', '/bucket', '/'])(
      'refuses a local user’s POST to %s',
      async (route) => {
        const { status, headers } = await send(emulator(), { method: 'POST', path: route, headers: { origin: 'https://evil.example' } });
        expect([status, headers['access-control-allow-origin']]).toEqual([403, undefined]);
        expect((await sendSigned(emulator(), { method: 'POST', path: route })).status).toBe(403);
        expect((await send(emulator(), { method: 'OPTIONS', path: route })).status).toBe(403);
      },
    );

    it('refuses another secret, and the key of another caller than the gateway has verified', async () => {
      const { token } = world().emulatorAccess;
      const caller = (headers: Record<string, string>, accessKeyId: string = ROOT.accessKeyId) =>
        send(emulator(), { headers: { ...signHeaders(emulator(), { accessKeyId }).headers, ...headers } });
      expect((await caller({ 'x-holdfast-run': token })).status).toBe(200);
      const refused = [
        caller({ 'x-holdfast-run': `${token}x` }),
        caller({ 'x-holdfast-run': '' }),
        caller({ 'x-holdfast-run': token, 'x-holdfast-signer': 'ASIAAAAAAAAAAAAAAAAA' }),
        caller({ 'x-holdfast-run': token }, 'test'),
        send(emulator(), { headers: { 'x-holdfast-run': token } }),
      ];
      for (const reply of await Promise.all(refused)) expect(reply.status).toBe(403);
    });

    it('takes a function’s answer to CloudFormation once, at its own address, and nothing else from it', async () => {
      const ServiceToken = await world().makeFunction('custom', CUSTOM_RESOURCE);
      const template = {
        Resources: { Made: { Type: 'Custom::Made', Properties: { ServiceToken } } },
        Outputs: { Tried: { Value: { 'Fn::GetAtt': ['Made', 'Tried'] } }, Url: { Value: { 'Fn::GetAtt': ['Made', 'Url'] } } },
      };
      await world().cloudFormation.send(new CreateStackCommand({ StackName: 'custom', TemplateBody: JSON.stringify(template) }));
      const stack = await until(async () => {
        const { Stacks = [] } = await world().cloudFormation.send(new DescribeStacksCommand({ StackName: 'custom' }));
        return Stacks[0]?.StackStatus?.endsWith('_COMPLETE') ? Stacks[0] : undefined;
      });
      const outputs = Object.fromEntries((stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
      expect([stack.StackStatus, outputs['Tried']]).toEqual(['CREATE_COMPLETE', '403,403,403,403,403']);
      expect((await fetch(outputs['Url'] as string, { method: 'PUT', body: '{}' })).status).toBe(403);
    });
  });

  it('the Runtime API of a function gives its next invocation to no other process', async () => {
    await world().makeFunction('busy', 'export const handler = async () => process.env.AWS_LAMBDA_RUNTIME_API;');
    const api = (await world().invoke('busy')).value as string;
    const [host] = api.split('/');
    for (const route of ['runtime/invocation/next', 'runtime/init/error', 'runtime/invocation/x/response']) {
      for (const method of route.endsWith('next') ? ['GET'] : ['POST']) {
        expect((await fetch(`http://${host}/2018-06-01/${route}`, { method })).status).toBe(403);
      }
    }
    expect((await world().invoke('busy')).value).toBe(api);
  });

  describe('a session', () => {
    it('of which the secret is wrong is refused by the emulator, in the header and in the query', async () => {
      const sts = new STSClient(world().config);
      const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: ROLE, RoleSessionName: 'thief' }));
      const [accessKeyId, token] = [Credentials?.AccessKeyId as string, Credentials?.SessionToken as string];
      const stolen = { accessKeyId, secretAccessKey: 'guessed', sessionToken: token };
      const s3 = new S3Client({ ...world().config, credentials: stolen, forcePathStyle: true });
      await expect(s3.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
      await expect(s3.send(new GetObjectCommand({ Bucket: 'any', Key: 'k' }))).rejects.toMatchObject({
        $metadata: { httpStatusCode: 403 },
      });
      expect((await send(endpoint(), { path: presign(endpoint(), { path: '/any/k', ...stolen }) })).status).toBe(403);
      s3.destroy();
      sts.destroy();
    });

    it('that the emulator never gave out is refused', async () => {
      const invented = { accessKeyId: 'ASIAAAAAAAAAAAAAAAAA', secretAccessKey: 'x' };
      for (const service of ['s3', 'sts', 'iam']) {
        const body = service === 's3' ? '' : 'Action=ListUsers&Version=2010-05-08';
        const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-amz-security-token': 't' };
        const reply = await sendSigned(endpoint(), { method: body ? 'POST' : 'GET', service, body, headers, ...invented });
        expect(reply.status).toBe(403);
      }
    });
  });

  describe('a client of AWS', () => {
    let folder: string;
    let file: string;
    beforeAll(() => {
      folder = mkdtempSync(path.join(tmpdir(), 'holdfast-clients-'));
      file = writeCredentials(folder, ROOT);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const run = (credentialsFile: string) =>
      promisify(execFile)(readSetup().python, [path.join(import.meta.dirname, 'aws-clients.py')], {
        timeout: 30_000,
        env: {
          PYTHONPYCACHEPREFIX: path.join(path.dirname(readSetup().python), '../pycache'),
          AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
          AWS_ENDPOINT_URL: endpoint(),
          AWS_DEFAULT_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
          HOME: folder,
        },
      });

    it('works by the credentials file: boto3’s uploads in parts and whole, presigned PUT and GET, calls of each protocol', async () => {
      const { stdout } = await run(file);
      expect(JSON.parse(stdout)).toEqual({
        arn: 'arn:aws:iam::000000000000:root',
        same: true,
        version: '1.0.0',
        parts: 3_200_000,
        presigned: 'by its URL',
        listed: ['a b/(ä)+~release.tar.gz'],
        lists: [true, true, true],
      });
    });

    it('does not work without the file', async () => {
      await expect(run(path.join(folder, 'none'))).rejects.toThrow('NoCredentialsError');
    });
  });
}
