import { createHash } from 'node:crypto';
import { type CommandNames, withoutUnknown } from './known-commands.ts';

/** From a template's users to the engine's access control lists. Pure. */

/**
 * Commands that ElastiCache keeps for itself. MODULE and FAILOVER are not on its list, but here, too, they would reach past
 * the service.
 *
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/SupportedCommands.html
 */
const BLOCKED_COMMANDS = [
  'acl|deluser',
  'acl|load',
  'acl|save',
  'acl|setuser',
  'bgrewriteaof',
  'bgsave',
  'config',
  'debug',
  'failover',
  'migrate',
  'module',
  'psync',
  'replicaof',
  'save',
  'shutdown',
  'slaveof',
  'sync',
] as const;

const BLOCK_RULES = BLOCKED_COMMANDS.map((command) => `-${command}`);

/** One user as the engine sees it. */
export interface AclUser {
  readonly userName: string;
  readonly accessString: string;
  readonly login: AclLogin;
}

export type AclLogin =
  | { readonly type: 'password'; readonly passwords: readonly string[] }
  | { readonly type: 'no-password-required' }
  /** The endpoint checks the token, then logs in with this password, which only it knows. */
  | { readonly type: 'iam'; readonly innerPassword: string };

/** How clients of one replication group may log in. */
export type ClientAccess =
  | { readonly type: 'open' }
  | { readonly type: 'auth-token'; readonly tokens: readonly string[] }
  | { readonly type: 'users'; readonly users: readonly AclUser[] };

/** ElastiCache sets `off -@all` for the default user when a Valkey user group has none. */
const LOCKED_DEFAULT: AclUser = { userName: 'default', accessString: 'off -@all', login: { type: 'password', passwords: [] } };

/**
 * The rules of every client user, `default` always among them.
 *
 * @param known commands to which access strings are reduced; all by default
 * @returns rules by user name, ready for ACL SETUSER; each begins with `reset`
 */
export function aclRules(access: ClientAccess, known?: CommandNames): ReadonlyMap<string, readonly string[]> {
  return new Map(usersOf(access).map((user) => [user.userName, rulesOf(user, known)]));
}

function usersOf(access: ClientAccess): readonly AclUser[] {
  switch (access.type) {
    case 'open':
      return [{ userName: 'default', accessString: 'on ~* &* +@all', login: { type: 'no-password-required' } }];
    case 'auth-token':
      return [{ userName: 'default', accessString: 'on ~* &* +@all', login: { type: 'password', passwords: access.tokens } }];
    case 'users':
      return access.users.some((user) => user.userName === 'default') ? access.users : [LOCKED_DEFAULT, ...access.users];
  }
}

function rulesOf(user: AclUser, known: CommandNames | undefined): readonly string[] {
  const tokens = accessStringTokens(user.accessString);
  // Without `on` the engine leaves a user off, and so does ElastiCache.
  return ['reset', ...loginRules(user.login), ...closeSelectors(known ? withoutUnknown(tokens, known) : tokens), ...BLOCK_RULES];
}

function loginRules(login: AclLogin): readonly string[] {
  switch (login.type) {
    case 'password':
      return login.passwords.map((password) => `#${sha256(password)}`);
    case 'no-password-required':
      return ['nopass'];
    case 'iam':
      return [`#${sha256(login.innerPassword)}`];
  }
}

/** A selector has permissions of its own, so the blocked commands are taken from each of them. */
function closeSelectors(tokens: readonly string[]): readonly string[] {
  return tokens.map((token) => (token.startsWith('(') ? `${token.slice(0, -1)} ${BLOCK_RULES.join(' ')})` : token));
}

/** Splits at spaces outside parentheses: a selector `(…)` is one token. */
export function accessStringTokens(accessString: string): readonly string[] {
  return accessString.match(/\([^)]*\)|\S+/g) ?? [];
}

const KEYWORDS = new Set([
  'on',
  'off',
  'allkeys',
  'resetkeys',
  'allchannels',
  'resetchannels',
  'allcommands',
  'nocommands',
  'clearselectors',
]);
const RULE = /^(?:[+-]@?[a-z0-9_-]+(?:\|[a-z0-9_-]+)?|~\S+|%R~\S+|%W~\S+|%RW~\S+|&\S+)$/i;

/**
 * Checks an access string as CreateUser does.
 *
 * @returns what is wrong, or undefined
 */
export function accessStringProblem(accessString: string): string | undefined {
  for (const token of accessStringTokens(accessString)) {
    if (token.startsWith('(')) {
      const inner = accessStringProblem(token.slice(1, -1));
      if (inner) return inner;
      continue;
    }
    if (KEYWORDS.has(token.toLowerCase())) continue;
    if (/^[><#!]|^(?:nopass|resetpass|reset)$/i.test(token)) return 'passwords and reset cannot be part of an access string';
    if (!RULE.test(token)) return `"${token}" is no rule of an access string`;
    const granted = /^\+([a-z]+)(?:\|([a-z]+))?$/i.exec(token.toLowerCase());
    if (granted && isBlocked(granted[1] as string, granted[2])) return `the command ${granted[0].slice(1)} is not available`;
  }
  return undefined;
}

function isBlocked(command: string, subcommand: string | undefined): boolean {
  return BLOCKED_COMMANDS.some((blocked) => blocked === command || (subcommand !== undefined && blocked === `${command}|${subcommand}`));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
