import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { flag, requiredText, tagList, text, texts } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { type AclLogin, accessStringProblem, accessStringTokens } from '../access/access-control.ts';
import { type CommandNames, unknownCommands } from '../access/known-commands.ts';
import { serverOf } from '../engine-servers.ts';
import type { Engine } from '../group-spec.ts';
import { invalidValue, page, parseInput } from '../input.ts';
import type { User } from '../resources.ts';
import type { ElastiCacheState } from '../state.ts';

export const engineField = requiredText.transform((value) => value.toLowerCase()).pipe(z.enum(['redis', 'valkey']));

const loginFields = {
  AuthenticationMode: z.object({ Type: text, Passwords: texts.optional() }).optional(),
  Passwords: texts.optional(),
  NoPasswordRequired: flag.optional(),
};
const createFields = z.object({
  ...loginFields,
  UserId: requiredText,
  UserName: requiredText,
  Engine: engineField,
  AccessString: requiredText,
  Tags: tagList.optional(),
});
const modifyFields = z.object({
  ...loginFields,
  UserId: requiredText,
  Engine: engineField.optional(),
  AccessString: text.optional(),
  AppendAccessString: text.optional(),
});
type LoginInput = Pick<z.infer<typeof createFields>, keyof typeof loginFields>;

/** Create-, Describe-, Modify- and DeleteUser. A change reaches the nodes whose groups the user is in. */
export function userOperations(state: ElastiCacheState): Record<string, Operation> {
  return {
    CreateUser: async (raw) => {
      const input = parseInput(createFields, raw);
      const known = await knownCommands(state, input.Engine);
      const userId = input.UserId.toLowerCase();
      if (state.users.has(userId)) throw new AwsError('UserAlreadyExists', `User ${userId} already exists.`);
      if (!/^[a-z][a-z0-9-]*$/.test(userId)) throw invalidValue(`The parameter UserId ${userId} is not a valid identifier.`);
      if (/[\s"']/.test(input.UserName)) throw invalidValue('The parameter UserName has characters that are not allowed.');
      const login = loginOf(input, undefined);
      if (!login) throw invalidValue('Input validation failed: passwords, an authentication mode, or NoPasswordRequired must be given.');
      checkIamName(login, { userId, userName: input.UserName });
      const user: User = {
        userId,
        userName: input.UserName,
        engine: input.Engine,
        accessString: checkAccessString(input.AccessString, known),
        login,
      };
      state.users.set(userId, user);
      state.addTags(state.arn('user', userId), input.Tags);
      return describe(state, user);
    },
    DescribeUsers: (raw) => {
      const input = parseInput(z.object({ UserId: text.optional(), Engine: text.optional() }), raw);
      const all = input.UserId ? [state.user(input.UserId)] : [...state.users.values()];
      const { items, Marker } = page(
        all.filter((user) => input.Engine === undefined || user.engine === input.Engine.toLowerCase()),
        raw,
      );
      return { Marker, Users: items.map((user) => describe(state, user)) };
    },
    ModifyUser: async (raw) => {
      const input = parseInput(modifyFields, raw);
      const user = changeable(state, input.UserId);
      const engine: Engine = input.Engine ?? user.engine;
      const known = await knownCommands(state, engine);
      const accessString = [input.AccessString ?? user.accessString, input.AppendAccessString]
        .filter((part) => part !== undefined)
        .join(' ');
      checkAccessString(accessString, known);
      const login = loginOf(input, user.login) ?? user.login;
      checkIamName(login, user);
      if (login.type === 'no-password-required' && groupsOf(state, user.userId).some((id) => state.userGroup(id).engine === 'valkey')) {
        throw passwordless(user.userId);
      }
      Object.assign(user, { accessString, login, engine });
      refreshGroupsOf(state, user.userId);
      return describe(state, user);
    },
    DeleteUser: (raw) => {
      const user = changeable(state, parseInput(z.object({ UserId: requiredText }), raw).UserId);
      const groups = groupsOf(state, user.userId);
      if (user.userName === 'default' && groups.length > 0) {
        throw new AwsError('DefaultUserAssociatedToUserGroup', `The default user ${user.userId} is in the user group ${groups[0]}.`);
      }
      const description = describe(state, user);
      state.users.delete(user.userId);
      for (const group of state.userGroups.values()) group.userIds = group.userIds.filter((id) => id !== user.userId);
      for (const id of groups) for (const group of state.groupsUsing(id)) group.refreshSettings();
      state.removeTags(state.arn('user', user.userId));
      return { ...description, Status: 'deleting' };
    },
  };
}

/** @throws AwsError @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html#auth-iam-limits */
function checkIamName(login: AclLogin, { userId, userName }: Pick<User, 'userId' | 'userName'>): void {
  if (login.type === 'iam' && userId !== userName) {
    throw new AwsError('InvalidParameterCombination', 'A user with IAM authentication must have the same UserId and UserName.');
  }
}

/** The refusal of a user without a password where Valkey is the engine. */
export function passwordless(userId: string): AwsError {
  return new AwsError(
    'InvalidParameterCombination',
    `User ${userId} needs no password: a user group of engine valkey takes only users that authenticate.`,
  );
}

/** Ids of the user groups that a user is in. */
function groupsOf(state: ElastiCacheState, userId: string): readonly string[] {
  return [...state.userGroups.values()].filter(({ userIds }) => userIds.includes(userId)).map(({ userGroupId }) => userGroupId);
}

function refreshGroupsOf(state: ElastiCacheState, userId: string): void {
  for (const id of groupsOf(state, userId)) for (const group of state.groupsUsing(id)) group.refreshSettings();
}

function changeable(state: ElastiCacheState, id: string): User {
  const user = state.user(id);
  if (user.userId === 'default') throw new AwsError('InvalidUserState', 'The user default is ElastiCache’s own and cannot be changed.');
  return user;
}

function loginOf(input: LoginInput, previous: AclLogin | undefined): AclLogin | undefined {
  const type =
    input.AuthenticationMode?.Type ?? (input.NoPasswordRequired ? 'no-password-required' : input.Passwords ? 'password' : undefined);
  const passwords = input.AuthenticationMode?.Passwords ?? input.Passwords ?? [];
  switch (type) {
    case undefined:
      return undefined;
    case 'iam':
      return previous?.type === 'iam' ? previous : { type: 'iam', innerPassword: randomBytes(24).toString('hex') };
    case 'no-password':
    case 'no-password-required':
      if (passwords.length > 0) throw new AwsError('InvalidParameterCombination', 'A user that needs no password cannot have one.');
      return { type: 'no-password-required' };
    case 'password':
      if (passwords.length < 1 || passwords.length > 2) throw invalidValue('A user has one or two passwords.');
      if (passwords.some((password) => !/^[!-~]{16,128}$/.test(password)))
        throw invalidValue('A password has 16 to 128 printable characters and no space.');
      return { type: 'password', passwords };
    default:
      throw invalidValue(`AuthenticationMode.Type ${type} is not one of password, no-password-required, iam.`);
  }
}

/** Undefined where a server of another engine stands in: it does not know which commands the engine has. */
async function knownCommands(state: ElastiCacheState, engine: Engine): Promise<CommandNames | undefined> {
  const server = serverOf(state.options.servers, engine);
  return server.engine === engine ? state.commandsOf(server) : undefined;
}

/** A command that the engine does not know is refused here: a node that gets it would refuse the whole user. */
function checkAccessString(accessString: string, known: CommandNames | undefined): string {
  const problem = accessStringProblem(accessString);
  const [unknown] = known ? unknownCommands(accessStringTokens(accessString), known) : [];
  if (problem || unknown) throw invalidValue(`The access string is not valid: ${problem ?? `the engine has no command ${unknown}`}.`);
  return accessString;
}

function describe(state: ElastiCacheState, user: User): object {
  const { login } = user;
  return {
    UserId: user.userId,
    UserName: user.userName,
    Status: 'active',
    Engine: user.engine,
    MinimumEngineVersion: login.type === 'iam' ? '7.0' : '6.0',
    AccessString: user.accessString,
    UserGroupIds: groupsOf(state, user.userId),
    Authentication: {
      Type: login.type === 'no-password-required' ? 'no-password' : login.type,
      ...(login.type === 'password' ? { PasswordCount: login.passwords.length } : {}),
    },
    ARN: state.arn('user', user.userId),
  };
}
