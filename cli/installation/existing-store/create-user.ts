/** The commands that make a user for Holdfast's functions, where none could be theirs. Pure. */
import { holdfast } from '../../../functions/shared/command-options.ts';
import { functionsAccess } from '../../../infra/constructs/store/access-strings.ts';
import { decidedAuth, fittingUsers, hasIam } from './choose-sign-in.ts';
import type { StoreFacts } from './store-facts.ts';
import type { StoreOptions } from './store-options.ts';

interface MissingUser {
  /** A sentence. */
  readonly missing: string;
  /** Commands: create the user, add it to the group, begin again with the options that were given. */
  readonly next: readonly [string, string, string];
  /** How it signs in. */
  readonly auth: 'iam' | 'password';
}

/** In the place of a prefix that is not decided. */
const PREFIX = 'PREFIX';

/** @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html id and name of a user with IAM are the same */
export function missingUser(store: StoreFacts, region: string, options: StoreOptions): MissingUser | undefined {
  const { users, userGroupId, userGroupEngine: engine = store.engine } = store;
  const { user, keyPrefix = PREFIX } = options;
  const auth = decidedAuth(store, options);
  // A way that a person has asked for is theirs; the only one of the other users is none that a new one needs.
  const asked = options.auth ?? (options.secret === undefined ? undefined : 'password');
  if (userGroupId === undefined || user !== undefined || auth === 'none' || fittingUsers(store, asked).length > 0) return undefined;
  const way = asked !== 'password' && hasIam(store) ? 'iam' : 'password';
  const name = users.some(({ userName }) => userName === 'holdfast') ? 'holdfast-functions' : 'holdfast';
  const mode = way === 'iam' ? 'Type=iam' : 'Type=password,Passwords=PASSWORD';
  const open = [
    ...(keyPrefix === PREFIX ? ['what the keys of the sessions begin with in the place of PREFIX'] : []),
    ...(way === 'password' ? ['the password of its secret in the place of PASSWORD'] : []),
  ];
  const where = open.length === 0 ? '' : `, with ${open.join(' and ')}`;
  return {
    auth: way,
    missing: `${userGroupId} has no user that could be that of Holdfast's functions, which scan and read every key: create one with the next commands${where}.`,
    next: [
      `aws elasticache create-user --region ${region} --engine ${engine} --user-id ${name} --user-name ${name} --authentication-mode ${mode} --access-string '${functionsAccess(store, keyPrefix)}'`,
      `aws elasticache modify-user-group --region ${region} --user-group-id ${userGroupId} --user-ids-to-add ${name}`,
      initAgain(store.id, region, { ...options, keyPrefix, auth: way, user: name }),
    ],
  };
}

function initAgain(store: string, region: string, options: StoreOptions): string {
  const { installation, keyPrefix, framework, auth, user, secret, subnets } = options;
  const given = { store, region, installation, 'key-prefix': keyPrefix, framework, auth, user, secret, subnets: subnets?.join(',') };
  const words = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`]));
  return [holdfast('init'), ...words].join(' ');
}

/** A prefix can have braces and `#`, which shells read. */
const quoted = (value: string): string => (/^[\w:.,/@-]+$/.test(value) ? value : `'${value}'`);
