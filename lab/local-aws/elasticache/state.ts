import { AwsError } from '../service/service.ts';
import type { ReplicationGroup } from './nodes/replication-group.ts';
import { Resources, type User, type UserGroup } from './resources.ts';

/** Everything that exists in this service, by name. */
export class ElastiCacheState extends Resources {
  readonly groups = new Map<string, ReplicationGroup>();

  /** @throws AwsError ReplicationGroupNotFoundFault */
  group(id: string): ReplicationGroup {
    return found(this.groups.get(id.toLowerCase()), 'ReplicationGroupNotFoundFault', `ReplicationGroup ${id} not found.`);
  }

  /** @throws AwsError UserNotFound */
  user(id: string): User {
    return found(this.users.get(id.toLowerCase()), 'UserNotFound', `User ${id} not found.`);
  }

  /** @throws AwsError UserGroupNotFound */
  userGroup(id: string): UserGroup {
    return found(this.userGroups.get(id.toLowerCase()), 'UserGroupNotFound', `UserGroup ${id} not found.`);
  }

  /** Groups whose clients log in as one of the user group's users. */
  groupsUsing(userGroupId: string): readonly ReplicationGroup[] {
    return [...this.groups.values()].filter((group) => group.spec.userGroupIds.includes(userGroupId));
  }
}

function found<T>(value: T | undefined, code: string, message: string): T {
  if (value === undefined) throw new AwsError(code, message, 404);
  return value;
}
