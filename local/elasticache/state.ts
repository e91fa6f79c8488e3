import { AwsError } from '../gateway/service.ts';
import { LOCAL_ACCOUNT_ID } from '../ports.ts';
import type { AclLogin } from './access-control.ts';
import { createEventLog, type EventLog } from './events.ts';
import type { TagInput } from './input-fields.ts';
import type { ReplicationGroup } from './replication-group.ts';
import type { ResolvedOptions } from './service-options.ts';

export type Engine = 'redis' | 'valkey';

export interface User {
  readonly userId: string;
  readonly userName: string;
  engine: Engine;
  accessString: string;
  login: AclLogin;
}

export interface UserGroup {
  readonly userGroupId: string;
  engine: Engine;
  userIds: readonly string[];
}

export interface ParameterGroup {
  readonly name: string;
  readonly family: string;
  readonly description: string;
  /** Only what was set; everything else has the family's default. */
  values: Readonly<Record<string, string>>;
}

export interface SubnetGroup {
  readonly name: string;
  description: string;
  subnetIds: readonly string[];
}

type ResourceKind = 'replicationgroup' | 'cluster' | 'parametergroup' | 'subnetgroup' | 'user' | 'usergroup';

/** Everything that exists in this service, by name. */
export class ElastiCacheState {
  readonly options: ResolvedOptions;
  readonly events: EventLog;
  readonly groups = new Map<string, ReplicationGroup>();
  readonly users = new Map<string, User>();
  readonly userGroups = new Map<string, UserGroup>();
  readonly parameterGroups = new Map<string, ParameterGroup>();
  readonly subnetGroups = new Map<string, SubnetGroup>();
  private readonly tagsByArn = new Map<string, Map<string, string>>();

  constructor(options: ResolvedOptions) {
    this.options = options;
    this.events = createEventLog(options.now, options.log);
    // Every account has it: ElastiCache's default user of the Redis engine.
    this.users.set('default', {
      userId: 'default',
      userName: 'default',
      engine: 'redis',
      accessString: 'on ~* +@all',
      login: { type: 'no-password-required' },
    });
  }

  arn(kind: ResourceKind, name: string): string {
    return `arn:aws:elasticache:${this.options.region}:${LOCAL_ACCOUNT_ID}:${kind}:${name}`;
  }

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

  tagsOf(arn: string): ReadonlyMap<string, string> {
    return this.tagsByArn.get(arn) ?? new Map();
  }

  addTags(arn: string, tags: TagInput | undefined): void {
    const kept = this.tagsByArn.get(arn) ?? new Map<string, string>();
    for (const { Key, Value } of tags ?? []) kept.set(Key, Value);
    this.tagsByArn.set(arn, kept);
  }

  /** @param keys the tags to remove; all when left out */
  removeTags(arn: string, keys?: readonly string[]): void {
    if (keys) for (const key of keys) this.tagsByArn.get(arn)?.delete(key);
    else this.tagsByArn.delete(arn);
  }
}

function found<T>(value: T | undefined, code: string, message: string): T {
  if (value === undefined) throw new AwsError(code, message, 404);
  return value;
}
