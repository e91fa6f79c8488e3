/**
 * Replaces the AWS CLI on a local machine: the few calls that a fleet's machine makes. Endpoint, Region and credentials
 * come from the environment, as for the CLI.
 */
import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';

const LIMIT_MS = 20_000;

/** Follows `--query A.B`: a dotted path, the only supported part of JMESPath. */
function query(value: unknown, path: string | undefined): unknown {
  if (path === undefined) return value;
  return path
    .split('.')
    .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), value);
}

async function getSecretValue(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      'secret-id': { type: 'string' },
      'version-stage': { type: 'string' },
      'version-id': { type: 'string' },
      query: { type: 'string' },
      output: { type: 'string' },
      region: { type: 'string' },
      'no-cli-pager': { type: 'boolean' },
    },
  });
  const { SecretsManagerClient, GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient(values.region === undefined ? {} : { region: values.region });
  const { $metadata: _, ...reply } = await client.send(
    new GetSecretValueCommand({ SecretId: values['secret-id'], VersionStage: values['version-stage'], VersionId: values['version-id'] }),
    { abortSignal: AbortSignal.timeout(LIMIT_MS) },
  );
  const found = query(reply, values.query);
  const asText = values.output === 'text' && typeof found !== 'object';
  process.stdout.write(`${asText ? String(found ?? 'None') : JSON.stringify(found, null, 4)}\n`);
}

async function getParameter(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { name: { type: 'string' }, 'with-decryption': { type: 'boolean' }, output: { type: 'string' } },
  });
  const { SSMClient, GetParameterCommand } = await import('@aws-sdk/client-ssm');
  const { $metadata: _, ...reply } = await new SSMClient({}).send(
    new GetParameterCommand({ Name: values.name, WithDecryption: values['with-decryption'] ?? false }),
    { abortSignal: AbortSignal.timeout(LIMIT_MS) },
  );
  process.stdout.write(`${JSON.stringify(reply, null, 4)}\n`);
}

async function copyFromS3(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { region: { type: 'string' }, quiet: { type: 'boolean' }, 'only-show-errors': { type: 'boolean' } },
  });
  const [from = '', to] = positionals;
  const source = /^s3:\/\/([^/]+)\/(.+)$/.exec(from);
  if (!source || to === undefined) throw new Error('the local machine can copy only from s3://BUCKET/KEY to a file');
  const { S3Client, GetObjectCommand } = await import('@aws-sdk/client-s3');
  const client = new S3Client({ forcePathStyle: true, ...(values.region === undefined ? {} : { region: values.region }) });
  const reply = await client.send(new GetObjectCommand({ Bucket: source[1], Key: source[2] }), {
    abortSignal: AbortSignal.timeout(LIMIT_MS),
  });
  await pipeline(reply.Body as Readable, to === '-' ? process.stdout : createWriteStream(to));
}

/** The CLI reads both; the SDK reads one. */
process.env['AWS_REGION'] ??= process.env['AWS_DEFAULT_REGION'] ?? '';

async function main([service, command, ...args]: string[]): Promise<void> {
  if (service === 'secretsmanager' && command === 'get-secret-value') return getSecretValue(args);
  if (service === 'ssm' && command === 'get-parameter') return getParameter(args);
  if (service === 's3' && command === 'cp') return copyFromS3(args);
  throw new Error(
    `the local machine cannot run "aws ${service ?? ''} ${command ?? ''}": only secretsmanager get-secret-value, ssm get-parameter and s3 cp exist`,
  );
}

main(process.argv.slice(2)).catch((error: unknown) => {
  // The CLI ends with 254 when the service refuses a call, and names the code so.
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  process.stderr.write(`\nAn error occurred (${name}) when calling the operation: ${message}\n`);
  process.exitCode = 254;
});
