import type { AwsCredentialIdentity } from '@smithy/types';
import { type AccessControl, createAccessControl } from '../../iam/access-control.ts';
import { type Calls, createCalls } from '../../iam/calls.ts';
import { createSessions } from '../../iam/sessions.ts';
import { ROOT } from '../root-credentials.ts';

/** The gateway's own access control, with roles and policies that a test writes down. */
export interface TokenAuthority {
  readonly access: AccessControl;
  readonly calls: Calls;
  /** Credentials of a new session of a role that may connect to these groups and as these users. */
  assume(role: string, allowed: readonly string[], expiresAtMs?: number): AwsCredentialIdentity;
}

export const roleArn = (role: string): string => `arn:aws:iam::000000000000:role/${role}`;

/** A resource of the service by the end of its ARN: `replicationgroup:sessions`. */
export const cacheArn = (end: string): string => `arn:aws:elasticache:eu-west-1:000000000000:${end}`;

export function createTokenAuthority(now: () => number): TokenAuthority {
  const policies = new Map<string, ReadonlySet<string>>();
  const calls = createCalls();
  const access = createAccessControl({
    token: 'shared',
    sessions: createSessions(ROOT, now),
    evaluator: {
      decide: async ({ policySourceArn, action, resource }) =>
        action === 'elasticache:Connect' && policies.get(policySourceArn)?.has(resource) ? 'allowed' : 'implicitDeny',
      forget: () => undefined,
    },
    calls,
    now,
  });
  let sessions = 0;
  return {
    access,
    calls,
    assume: (role, allowed, expiresAtMs) => {
      policies.set(roleArn(role), new Set(allowed.map(cacheArn)));
      const number = ++sessions;
      const credentials = { accessKeyId: `ASIA${number}`, secretAccessKey: `secret-${number}`, sessionToken: `session/${number}+=` };
      access.addSession({ ...credentials, principalArn: `arn:aws:sts::000000000000:assumed-role/${role}/fn`, expiresAtMs });
      return credentials;
    },
  };
}
