import { describe, expect, it } from 'vitest';
import { isDenied } from '../../cli/aws-errors.ts';
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
