/** How Holdfast's functions sign in to a store: what the store allows, and what a person has to decide. Pure. */
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { functionsAccess } from '../../../infra/constructs/store/access-strings.ts';
import { pagePath } from '../../../infra/own-files.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import type { StoreFacts, StoreUser } from './store-facts.ts';

export const AUTHS = ['none', 'password', 'iam'] as const;
export type Auth = (typeof AUTHS)[number];

export interface SignInOptions {
  readonly auth?: Auth;
  readonly user?: string;
  readonly secret?: string;
}

/** Keys of store.existing; a value that a person has to give begins with FILL_IN. */
export interface SignIn {
  readonly auth: string;
  readonly userName?: string;
  readonly secretArn?: string;
}

/** Oldest versions with IAM authentication. @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
const IAM_SINCE: Readonly<Record<string, number>> = { valkey: 7.2, redis: 7 };

const hasIam = ({ engine, engineVersion }: Pick<StoreFacts, 'engine' | 'engineVersion'>): boolean =>
  Number(engineVersion) >= (IAM_SINCE[engine] ?? Number.POSITIVE_INFINITY);

/** Ways that the store has, the one that needs least first. */
export function waysToSignIn({ users, userGroupId, authToken, engine, engineVersion }: StoreFacts): readonly Auth[] {
  if (userGroupId === undefined) return authToken ? ['password'] : ['none'];
  const some = (type: string, name?: string) =>
    users.some(({ on, authentication, userName }) => on && authentication === type && (name === undefined || userName === name));
  return [
    ...(hasIam({ engine, engineVersion }) && some('iam') ? ['iam' as const] : []),
    ...(some('password') ? ['password' as const] : []),
    ...(some('no-password', 'default') ? ['none' as const] : []),
  ];
}

/** @throws CommandFailure InvalidOption for a way that the store does not have, or a user that cannot sign in by it */
export function chooseSignIn(store: StoreFacts, { auth: asked, user, secret }: SignInOptions): SignIn {
  const ways = waysToSignIn(store);
  const possible = store.userGroupId === undefined ? ways : AUTHS;
  if (asked !== undefined && !possible.includes(asked)) {
    const why = `${store.id} has ${store.authToken ? 'one token and no users' : 'neither users nor a token'}`;
    throw new CommandFailure(
      'InvalidOption',
      `--auth ${asked} cannot be: ${why}. Nothing was written. Use ${possible.join(' or ')}.`,
      EXIT.badInput,
    );
  }
  const auth = asked ?? (ways.length === 1 ? ways[0] : undefined);
  if (user !== undefined && auth !== 'none' && store.userGroupId !== undefined) refuseOtherUser(store, user, auth);
  switch (auth) {
    case 'none':
      return { auth };
    case 'iam':
      return { auth, userName: user ?? `${FILL_IN}the user of Holdfast's functions: ${usersText(store, 'iam')}` };
    case 'password':
      return {
        auth,
        ...(store.userGroupId !== undefined && {
          userName: user ?? `${FILL_IN}the user of Holdfast's functions: ${usersText(store, 'password')}`,
        }),
        secretArn: secret ?? `${FILL_IN}the secret with its password, arn:…:secretsmanager:…, as text or as JSON with "password"`,
      };
    default:
      return {
        auth: `${FILL_IN}iam, which needs no way to Secrets Manager, or password (then add secretArn). ${usersText(store, 'iam')}; ${usersText(store, 'password')}`,
        userName: user ?? `${FILL_IN}the user of Holdfast's functions`,
        ...(secret !== undefined && { secretArn: secret }),
      };
  }
}

/** A name with a typo, or of a user that is off, would show at the first connection alone: after six stacks. */
function refuseOtherUser({ users, userGroupId }: StoreFacts, name: string, auth: Auth | undefined): void {
  const fits = ({ on, authentication }: StoreUser) =>
    on && (auth === undefined ? authentication !== 'no-password' : authentication === auth);
  const named = users.filter(({ userName }) => userName === name);
  if (named.some(fits)) return;
  const why =
    named[0] === undefined
      ? `${userGroupId} has no user of that name`
      : named[0].on
        ? `it does not sign in by ${auth ?? 'iam or password'}`
        : 'it is off';
  const others = users.filter(fits).map(({ userName }) => userName);
  const instead =
    others.length === 0
      ? `Use a new user, with the access string of ${pagePath('docs/existing-store.md')}.`
      : `Use ${others.join(' or ')}.`;
  throw new CommandFailure('InvalidOption', `--user ${name} cannot be: ${why}. Nothing was written. ${instead}`, EXIT.badInput);
}

/**
 * The commands that make a user for Holdfast's functions, where none could be theirs: they read every key. As sentences.
 * @see https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html id and name of a user with IAM are the same
 */
export function missingUser(
  store: StoreFacts,
  region: string,
  { auth, user, keyPrefix = 'PREFIX' }: SignInOptions & { readonly keyPrefix?: string },
): readonly string[] {
  const { users, userGroupId, engine } = store;
  const fits = ({ on, readsAllKeys, authentication }: StoreUser) => on && readsAllKeys && (auth === undefined || authentication === auth);
  if (userGroupId === undefined || user !== undefined || auth === 'none' || users.some(fits)) return [];
  const way = auth !== 'password' && hasIam(store) ? 'iam' : 'password';
  const mode = way === 'iam' ? 'Type=iam' : 'Type=password,Passwords=PASSWORD';
  const access = functionsAccess(store, keyPrefix);
  const create = `aws elasticache create-user --region ${region} --engine ${engine} --user-id ${USER} --user-name ${USER} --authentication-mode ${mode} --access-string '${access}'`;
  const add = `aws elasticache modify-user-group --region ${region} --user-group-id ${userGroupId} --user-ids-to-add ${USER}`;
  return [
    `${userGroupId} has no user that could be that of Holdfast's functions, which read every key: ${create} && ${add}`,
    `Then begin again in an empty folder, with --auth ${way} --user ${USER}.`,
  ];
}

const USER = 'holdfast';

/** `shop, cart sign in by a password`; what a user of Holdfast's own needs is in docs/existing-store.md. */
function usersText({ users, userGroupId }: StoreFacts, type: 'iam' | 'password'): string {
  const names = users.filter(({ on, authentication }) => on && authentication === type).map(({ userName }) => userName);
  const how = type === 'iam' ? 'by IAM' : 'by a password';
  if (names.length > 0) return `${names.join(', ')} ${names.length === 1 ? 'signs' : 'sign'} in ${how}`;
  return `no user of ${userGroupId} signs in ${how} yet (docs/existing-store.md has the access string)`;
}
