import { randomBytes } from 'node:crypto';
import type { AclUser, ClientAccess } from './access-control.ts';
import type { SecretExchange } from './auth-rewriter.ts';
import type { GroupSpec } from './group-spec.ts';
import { checkIamToken } from './iam-token.ts';
import type { ElastiCacheState } from './state.ts';

/** Who may log in to a group now. */
export function clientAccess(state: ElastiCacheState, spec: GroupSpec): ClientAccess {
  if (spec.userGroupIds.length > 0) return { type: 'users', users: spec.userGroupIds.flatMap((id) => usersOf(state, id)) };
  if (spec.authTokens.length > 0) return { type: 'auth-token', tokens: spec.authTokens };
  return { type: 'open' };
}

/** Exchanges the tokens of the group's IAM users; undefined when it has none, so that the endpoint need not read along. */
export function tokenExchange(state: ElastiCacheState, spec: GroupSpec): SecretExchange | undefined {
  const iamUsers = new Map<string, string>();
  for (const id of spec.userGroupIds) {
    for (const { userName, login } of usersOf(state, id)) if (login.type === 'iam') iamUsers.set(userName, login.innerPassword);
  }
  if (iamUsers.size === 0) return undefined;
  const { now, region, log } = state.options;
  return (userName, token) => {
    const innerPassword = iamUsers.get(userName);
    if (innerPassword === undefined) return undefined;
    const check = checkIamToken(token, { replicationGroupId: spec.id, userName, region, nowMs: now() });
    if (check.valid) return innerPassword;
    log(`elasticache ${spec.id}: the token of user ${userName} is refused: ${check.reason}`);
    // The server answers WRONGPASS and counts the failure, as it does for any other.
    return randomBytes(24).toString('hex');
  };
}

function usersOf(state: ElastiCacheState, userGroupId: string): readonly AclUser[] {
  const userIds = state.userGroups.get(userGroupId)?.userIds ?? [];
  return userIds.map((id) => state.users.get(id)).filter((user) => user !== undefined);
}
