import type { AclUser, ClientAccess } from './access-control.ts';
import type { GroupSpec } from './group-spec.ts';
import type { ElastiCacheState } from './state.ts';

/** Who may log in to a group now. */
export function clientAccess(state: ElastiCacheState, spec: GroupSpec): ClientAccess {
  if (spec.userGroupIds.length > 0) return { type: 'users', users: spec.userGroupIds.flatMap((id) => usersOf(state, id)) };
  if (spec.authTokens.length > 0) return { type: 'auth-token', tokens: spec.authTokens };
  return { type: 'open' };
}

/** The users of a user group, without those that were deleted. */
export function usersOf(state: ElastiCacheState, userGroupId: string): readonly AclUser[] {
  const userIds = state.userGroups.get(userGroupId)?.userIds ?? [];
  return userIds.map((id) => state.users.get(id)).filter((user) => user !== undefined);
}
