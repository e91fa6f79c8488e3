import { z } from 'zod';
import { requiredText, tagList, text, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import type { Engine } from '../group-spec.ts';
import { page, parseInput } from '../input.ts';
import type { UserGroup } from '../resources.ts';
import type { ElastiCacheState } from '../state.ts';
import { engineField, passwordless } from './users.ts';

const createFields = z.object({ UserGroupId: requiredText, Engine: engineField, UserIds: texts.default([]), Tags: tagList.optional() });
const modifyFields = z.object({
  UserGroupId: requiredText,
  UserIdsToAdd: texts.default([]),
  UserIdsToRemove: texts.default([]),
  Engine: engineField.optional(),
});

/** Create-, Describe-, Modify- and DeleteUserGroup. */
export function userGroupOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    CreateUserGroup: (raw) => {
      const input = parseInput(createFields, raw);
      const userGroupId = input.UserGroupId.toLowerCase();
      if (state.userGroups.has(userGroupId)) throw new AwsError('UserGroupAlreadyExists', `User group ${userGroupId} already exists.`);
      const group: UserGroup = { userGroupId, engine: input.Engine, userIds: checkedUsers(state, input.Engine, input.UserIds) };
      state.userGroups.set(userGroupId, group);
      state.addTags(state.arn('usergroup', userGroupId), input.Tags);
      return describe(state, group);
    },
    DescribeUserGroups: (raw) => {
      const input = parseInput(z.object({ UserGroupId: text.optional() }), raw);
      const groups = input.UserGroupId ? [state.userGroup(input.UserGroupId)] : [...state.userGroups.values()];
      const { items, Marker } = page(groups, raw);
      return { Marker, UserGroups: items.map((group) => describe(state, group)) };
    },
    ModifyUserGroup: (raw) => {
      const input = parseInput(modifyFields, raw);
      const group = state.userGroup(input.UserGroupId);
      const absent = input.UserIdsToRemove.find((id) => !group.userIds.includes(id.toLowerCase()));
      if (absent) throw new AwsError('UserNotFound', `User ${absent} is not in user group ${group.userGroupId}.`, 404);
      const kept = group.userIds.filter((id) => !input.UserIdsToRemove.some((removed) => removed.toLowerCase() === id));
      const engine = input.Engine ?? group.engine;
      const userIds = checkedUsers(state, engine, [...kept, ...input.UserIdsToAdd]);
      Object.assign(group, { engine, userIds });
      for (const user of state.groupsUsing(group.userGroupId)) user.refreshSettings();
      return describe(state, group);
    },
    DeleteUserGroup: (raw) => {
      const group = state.userGroup(parseInput(z.object({ UserGroupId: requiredText }), raw).UserGroupId.toLowerCase());
      const inUse = state.groupsUsing(group.userGroupId).filter(({ status }) => status !== 'deleting');
      if (inUse.length > 0) {
        throw new AwsError('InvalidUserGroupState', `User group ${group.userGroupId} is used by replication group ${inUse[0]?.spec.id}.`);
      }
      state.userGroups.delete(group.userGroupId);
      state.removeTags(state.arn('usergroup', group.userGroupId));
      return { ...describe(state, group), Status: 'deleting' };
    },
  };
}

/** @throws AwsError when the users cannot be one group of this engine */
function checkedUsers(state: ElastiCacheState, engine: Engine, ids: readonly string[]): readonly string[] {
  const users = ids.map((id) => state.user(id));
  const names = users.map(({ userName }) => userName);
  const twice = names.find((userName, index) => names.indexOf(userName) !== index);
  if (twice) throw new AwsError('DuplicateUserName', `The user name ${twice} is twice in the user group.`);
  if (engine === 'redis') {
    if (!names.includes('default'))
      throw new AwsError('DefaultUserRequired', 'A user group of engine redis must contain a user with the user name default.');
    const other = users.find((user) => user.engine === 'valkey');
    if (other)
      throw new AwsError('InvalidParameterCombination', `User ${other.userId} is of engine valkey and the user group of engine redis.`);
  } else {
    const open = users.find(({ login }) => login.type === 'no-password-required');
    if (open) throw passwordless(open.userId);
  }
  return users.map(({ userId }) => userId);
}

function describe(state: ElastiCacheState, group: UserGroup): object {
  return {
    UserGroupId: group.userGroupId,
    Status: 'active',
    Engine: group.engine,
    UserIds: group.userIds,
    MinimumEngineVersion: group.engine === 'valkey' ? '7.2' : '6.0',
    PendingChanges: {},
    ReplicationGroups: state.groupsUsing(group.userGroupId).map(({ spec }) => spec.id),
    ServerlessCaches: [],
    ARN: state.arn('usergroup', group.userGroupId),
  };
}
