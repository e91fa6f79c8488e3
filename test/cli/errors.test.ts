import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, it } from 'vitest';
import { explainAwsError, isDenied, noCredentialsIn } from '../../cli/aws-errors.ts';
import { CommandFailure, toFailure } from '../../cli/failure.ts';
import { unwrapError } from '../../cli/follow-execution.ts';

const named = (name: string, message: string, code?: string) => Object.assign(new Error(message), { name, ...(code && { code }) });

describe('unwrapError', () => {
  const inFunction = JSON.stringify({ errorType: 'BakeFailed', errorMessage: 'it burns', trace: [] });
  const inChild = (error: string, cause: string) => JSON.stringify({ Status: 'FAILED', Error: error, Cause: cause });
  it.each<[string, string | undefined, string | undefined, object]>([
    ['nothing', undefined, undefined, {}],
    ['an error without a cause', 'NoSuchRelease', undefined, { error: 'NoSuchRelease' }],
    ['a sentence', 'LockTaken', 'ann holds it', { error: 'LockTaken', message: 'ann holds it' }],
    ["a function's message", 'BakeFailed', inFunction, { error: 'BakeFailed', message: 'it burns' }],
    ["a child's error", 'States.TaskFailed', inChild('LockTaken', 'ann holds it'), { error: 'LockTaken', message: 'ann holds it' }],
    [
      "a function's message in a child",
      'States.TaskFailed',
      inChild('BakeFailed', inFunction),
      { error: 'BakeFailed', message: 'it burns' },
    ],
    [
      "a function's message in a child of a child",
      'States.TaskFailed',
      inChild('States.TaskFailed', inChild('BakeFailed', inFunction)),
      { error: 'BakeFailed', message: 'it burns' },
    ],
    ['JSON of another kind', 'X', '{"a":1}', { error: 'X', message: '{"a":1}' }],
    ['a number, which is JSON too', 'X', '42', { error: 'X', message: '42' }],
  ])('finds the innermost of %s', (_, error, cause, expected) => {
    expect(unwrapError(error, cause)).toEqual(expected);
  });
});

describe('toFailure', () => {
  it.each<[string, unknown, string, string, number]>([
    ['a failure', new CommandFailure('X', 'why', 2), 'X', 'why', 2],
    ['an invalid release', named('InvalidRelease', 'why'), 'InvalidRelease', 'why', 2],
    ['a port that is taken', named('PortError', 'Port 80 is taken'), 'PortError', 'Port 80 is taken', 2],
    ['a cloud that is not local', named('NotLocal', 'why'), 'NotLocal', 'why', 3],
    ['a plain error', new Error('why'), 'Failed', 'why', 1],
    ['an error without a message', named('StrangeError', ''), 'StrangeError', 'StrangeError', 1],
    ['a value that is not an error', 'why', 'Failed', 'why', 1],
    ['a refused connection', named('Error', 'connect ECONNREFUSED 127.0.0.1:9', 'ECONNREFUSED'), 'NoAnswer', 'ECONNREFUSED 127.0.0.1:9', 3],
    ['a time-out of the SDK', named('TimeoutError', 'Connection timed out'), 'NoAnswer', 'The cloud does not respond', 3],
    ['an unknown host name', named('Error', 'getaddrinfo ENOTFOUND x', 'ENOTFOUND'), 'NoAnswer', 'ENOTFOUND x', 3],
    [
      'addresses that all refuse',
      new AggregateError([named('Error', 'refused', 'ECONNREFUSED')], ''),
      'NoAnswer',
      'The cloud does not respond (ECONNREFUSED)',
      3,
    ],
    [
      'a missing permission',
      named('AccessDeniedException', 'no dynamodb:GetItem'),
      'AccessDenied',
      'do not allow this: no dynamodb:GetItem',
      3,
    ],
    ['expired credentials', named('ExpiredTokenException', 'expired'), 'NoCredentials', 'Sign in', 3],
    ['a key that AWS does not know', named('InvalidClientTokenId', 'is invalid'), 'NoCredentials', 'Sign in', 3],
    ['a key that S3 does not know', named('InvalidAccessKeyId', 'does not exist'), 'NoCredentials', 'Sign in', 3],
    ['a key that EC2 does not know', named('AuthFailure', 'not able to validate'), 'NoCredentials', 'Sign in', 3],
    ['no credentials', named('CredentialsProviderError', 'none found\nlooked everywhere'), 'NoCredentials', '(none found)', 3],
    [
      'none at all',
      named('CredentialsProviderError', 'Could not load credentials from any providers'),
      'NoCredentials',
      'No credentials for AWS were found',
      3,
    ],
    ['a missing table', named('ResourceNotFoundException', 'no table'), 'NoInstallation', 'npx --no cdk deploy --all', 3],
  ])('explains %s', (_, thrown, code, message, exitCode) => {
    expect(toFailure(thrown)).toMatchObject({ code, message: expect.stringContaining(message), exitCode });
  });
});

describe('an error that came before AWS', () => {
  const credentials = (message: string) => explainAwsError(named('CredentialsProviderError', message), undefined, 'shop');

  it('aws/aws-sdk-net 4346: a page of HTML with the status 403 is no answer of AWS, whatever the SDK makes of it', async () => {
    const server = createServer((_, response) => {
      response.writeHead(403, { 'content-type': 'text/html; charset=utf-8' });
      response.end('<html><head><title>Blocked</title></head><body><p>Ask your administrator.</p></body></html>');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const options = {
      region: 'eu-west-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
      maxAttempts: 1,
    };
    const failed = async (call: Promise<unknown>) =>
      call.then(
        () => new Error('it succeeded'),
        (error: Error) => error,
      );
    for (const error of await Promise.all([
      failed(new STSClient(options).send(new GetCallerIdentityCommand({}))),
      failed(new DynamoDBClient(options).send(new ListTablesCommand({}))),
    ])) {
      expect(explainAwsError(error, 'Check the proxy.')).toEqual({
        code: 'NoAnswer',
        message:
          '127.0.0.1 answered with the status 403 and HTML, which is no answer of AWS. Ask who runs this network to let requests to it through, then try again. Check the proxy.',
      });
      expect(isDenied(error)).toBe(false);
    }
    server.close();
    server.closeAllConnections();
  });

  it('aws/aws-cdk 32312: a profile with MFA gets the command that asks for the code', () => {
    const asked = credentials('Profile shop requires multi-factor authentication, but no MFA code callback was provided.');
    expect(asked?.message).toContain('Run eval "$(aws configure export-credentials --profile shop --format env)" and unset AWS_PROFILE');
    expect(asked?.message).not.toContain('sso login');
  });

  it('a profile without credentials is named, with the command that shows why', () => {
    const message = credentials('Could not load credentials from any providers')?.message;
    expect(message).toContain(
      'were found with AWS_PROFILE=shop. Nothing was called. "aws sts get-caller-identity --profile shop" shows why',
    );
    expect(noCredentialsIn('eu-west-1', false, 'shop')).toContain('AWS_PROFILE=shop');
    expect(noCredentialsIn('eu-west-1', false)).not.toContain('AWS_PROFILE');
  });
});

describe('isDenied', () => {
  const refused = (name: string, httpStatusCode: number) => Object.assign(named(name, name), { $metadata: { httpStatusCode } });
  it.each([
    refused('AccessDenied', 403),
    refused('UnauthorizedOperation', 403),
    // A HEAD request has no body with a code.
    refused('UnknownError', 403),
  ])('is true of $name', (error) => expect(isDenied(error)).toBe(true));

  it.each([
    'InvalidClientTokenId',
    'ExpiredToken',
    'ExpiredTokenException',
    'SignatureDoesNotMatch',
    'InvalidSignatureException',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
  ])('is false of %s with status 403: a sign-in helps, and no policy does', (name) => {
    expect(isDenied(refused(name, 403))).toBe(false);
    expect(toFailure(refused(name, 403))).toMatchObject({ code: 'NoCredentials', message: expect.stringContaining('Sign in') });
  });
});
