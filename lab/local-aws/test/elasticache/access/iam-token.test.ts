import { describe, expect, test } from 'vitest';
import { checkIamToken } from '../../../elasticache/access/iam-token.ts';
import { iamToken } from './make-iam-token.ts';

const signedAtMs = Date.parse('2030-01-01T12:00:00Z');
const expected = { replicationGroupId: 'Sessions', userName: 'sweep', region: 'eu-west-1', nowMs: signedAtMs + 60_000 };
const good = { groupId: 'sessions', userName: 'sweep', signedAtMs };

describe('IAM tokens', () => {
  test('one that is a minute old is taken', () => {
    expect(checkIamToken(iamToken(good), expected)).toEqual({
      valid: true,
      request: { host: 'sessions', url: expect.stringMatching(/^\/\?Action=connect&User=sweep&/) },
    });
  });

  test.each([
    ['another cache', iamToken({ ...good, groupId: 'other' }), expected, 'another cache'],
    ['an endpoint instead of the id', iamToken({ ...good, groupId: 'sessions.abc.cache.amazonaws.com' }), expected, 'another cache'],
    ['another user', iamToken({ ...good, userName: 'admin' }), expected, 'another user'],
    ['another action', iamToken({ ...good, changes: { Action: 'list' } }), expected, 'action'],
    ['a serverless cache', iamToken({ ...good, changes: { ResourceType: 'ServerlessCache' } }), expected, 'serverless'],
    ['another Region', iamToken({ ...good, region: 'us-east-1' }), expected, 'Region'],
    ['a lifetime of an hour', iamToken({ ...good, changes: { 'X-Amz-Expires': '3600' } }), expected, 'lifetime'],
    ['no signature', iamToken({ ...good, changes: { 'X-Amz-Signature': '' } }), expected, 'signature'],
    ['a password', 'correct-horse-battery', expected, 'presigned'],
    ['its last second over', iamToken(good), { ...expected, nowMs: signedAtMs + 900_000 }, 'expired'],
    ['a date in the future', iamToken(good), { ...expected, nowMs: signedAtMs - 301_000 }, 'future'],
  ])('one with %s is refused', (_title, token, context, reason) => {
    expect(checkIamToken(token, context)).toEqual({ valid: false, reason: expect.stringContaining(reason) });
  });

  test('one is good until just before 15 minutes', () => {
    expect(checkIamToken(iamToken(good), { ...expected, nowMs: signedAtMs + 899_999 }).valid).toBe(true);
  });
});
