import { join } from 'node:path';
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import type { TagInput } from '../service/parse-input.ts';
import type { AclLogin, AclUser } from './access/access-control.ts';
import type { CommandNames } from './access/known-commands.ts';
import type { EngineServer } from './engine-servers.ts';
import { createEventLog, type EventLog } from './events.ts';
import type { Engine } from './group-spec.ts';
import { readCommands } from './nodes/read-commands.ts';
import type { ResolvedOptions } from './service-options.ts';

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
  /** The parameters that were set; every other one has the family's default. */
  values: Readonly<Record<string, string>>;
}

export interface SubnetGroup {
  readonly name: string;
  description: string;
  readonly vpcId: string;
  subnets: readonly { readonly id: string; readonly zone: string }[];
}

type ResourceKind = 'replicationgroup' | 'cluster' | 'parametergroup' | 'subnetgroup' | 'user' | 'usergroup';

/** What replication groups refer to: users, parameter groups, subnet groups, events and tags. */
export class Resources {
  readonly options: ResolvedOptions;
  readonly events: EventLog;
  readonly users = new Map<string, User>();
  readonly userGroups = new Map<string, UserGroup>();
  readonly parameterGroups = new Map<string, ParameterGroup>();
  readonly subnetGroups = new Map<string, SubnetGroup>();
  private readonly commands = new Map<string, Promise<CommandNames>>();
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

  /** The commands of a server at hand. @throws Error when it does not start */
  commandsOf({ path, engine }: EngineServer): Promise<CommandNames> {
    const { folder, ledger } = this.options;
    const known = this.commands.get(path) ?? readCommands(path, join(folder, `.commands-of-${engine}`), ledger);
    this.commands.set(path, known);
    return known;
  }

  /** The users of a user group, without those that were deleted. */
  usersOf(userGroupId: string): readonly AclUser[] {
    const userIds = this.userGroups.get(userGroupId)?.userIds ?? [];
    return userIds.map((id) => this.users.get(id)).filter((user) => user !== undefined);
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
