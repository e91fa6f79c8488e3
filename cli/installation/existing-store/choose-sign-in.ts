/** How Holdfast's functions sign in to a store: what the store allows, and what a person has to decide. Pure. */
import { FILL_IN } from '../../../infra/config/explain-issue.ts';
import { badInput } from '../../failure.ts';
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

export const hasIam = ({ engine, engineVersion }: Pick<StoreFacts, 'engine' | 'engineVersion'>): boolean =>
  Number(engineVersion) >= (IAM_SINCE[engine] ?? Number.POSITIVE_INFINITY);

/** Ways that the store has, the one that needs least first. */
function waysToSignIn(store: StoreFacts): readonly Auth[] {
  const { users, userGroupId, authToken } = store;
  if (userGroupId === undefined) return authToken ? ['password'] : ['none'];
  const some = (type: string) => users.some(({ on, authentication }) => on && authentication === type);
  return [
    ...(hasIam(store) && some('iam') ? ['iam' as const] : []),
    ...(some('password') ? ['password' as const] : []),
    ...(unfitUsers(store) === undefined ? ['none' as const] : []),
  ];
}

/** Users that the functions can be, in one way, or in any that has a name. */
export function fittingUsers(store: StoreFacts, auth?: Auth): readonly StoreUser[] {
  const fits = (way: string) => (auth === undefined ? way === 'password' || (way === 'iam' && hasIam(store)) : way === auth);
  return store.users.filter(({ on, unable, authentication }) => on && unable === undefined && fits(authentication));
}

/** The way that was asked for, the only one of the named user or of a secret, or the only one of the store. */
export function decidedAuth(store: StoreFacts, { auth, user, secret }: SignInOptions): Auth | undefined {
  const ofUser = fittingUsers(store).find(({ userName }) => userName === user)?.authentication as Auth | undefined;
  const ways = waysToSignIn(store);
  return auth ?? ofUser ?? (secret !== undefined ? 'password' : ways.length === 1 ? ways[0] : undefined);
}

const SECRET = 'the secret with its password, arn:…:secretsmanager:…, as text or as JSON with "password"';

/** @throws CommandFailure InvalidOption for a way that the store does not have, or a user that cannot sign in by it */
export function chooseSignIn(store: StoreFacts, options: SignInOptions): SignIn {
  const { user, secret } = options;
  if (user !== undefined) refuseOtherUser(store, user, options.auth);
  const auth = decidedAuth(store, options);
  if (auth !== undefined) refuseWay(store, auth, options);
  switch (auth) {
    case 'none':
      return { auth };
    case 'iam':
      return { auth, userName: user ?? `${FILL_IN}the user of Holdfast's functions: ${usersText(store, 'iam')}` };
    case 'password':
      // Which of several users, and its secret, is one decision.
      if (options.auth === undefined && user === undefined && secret === undefined && fittingUsers(store, auth).length > 0)
        return { auth: `${FILL_IN}password; and add userName, ${usersText(store, 'password')}; and secretArn, ${SECRET}` };
      return {
        auth,
        ...(store.userGroupId !== undefined && {
          userName: user ?? `${FILL_IN}the user of Holdfast's functions: ${usersText(store, 'password')}`,
        }),
        secretArn: secret ?? `${FILL_IN}${SECRET}`,
      };
    default:
      return {
        auth: `${FILL_IN}iam, which needs no way to Secrets Manager, or password (then add secretArn); and add userName, the user of Holdfast's functions. ${usersText(store, 'iam')}; ${usersText(store, 'password')}`,
      };
  }
}

const refusal = (option: string, why: string, use: string) =>
  badInput('InvalidOption', `${option} cannot be: ${why}. Nothing was written. Use ${use}.`);

function refuseWay(store: StoreFacts, auth: Auth, { auth: asked, secret }: SignInOptions): void {
  const why = whyNot(store, auth);
  if (why !== undefined) {
    throw refusal(
      asked === undefined ? '--secret' : `--auth ${auth}`,
      why,
      possibleAuths(store)
        .map((other) => `--auth ${other}`)
        .join(' or '),
    );
  }
  if (secret !== undefined && auth !== 'password')
    throw refusal('--secret', `the functions sign in by ${auth}, without a secret`, 'the other options without it');
}

/** Those that a person can choose from. */
export const possibleAuths = (store: StoreFacts): readonly Auth[] => AUTHS.filter((auth) => whyNot(store, auth) === undefined);

/** Why the functions cannot sign in to the store in this way; by IAM or a password a user can be created. */
function whyNot(store: StoreFacts, auth: Auth): string | undefined {
  const { id, authToken, userGroupId } = store;
  if (userGroupId === undefined) return waysToSignIn(store)[0] === auth ? undefined : `${id} has ${signInText(authToken)}`;
  if (auth === 'iam' && !hasIam(store)) return `${store.engine} ${store.engineVersion} has no IAM authentication`;
  return auth === 'none' ? unfitUsers(store) : undefined;
}

const signInText = (authToken: boolean): string => (authToken ? 'one token and no users' : 'neither users nor a token');

/** Who signs in as nobody is the user `default`. */
function unfitUsers({ users, userGroupId }: StoreFacts): string | undefined {
  const found = users.find(({ userName }) => userName === 'default');
  if (found === undefined) return `${userGroupId} has no user default that lets in clients without a password`;
  const of = `the user default of ${userGroupId}`;
  if (!found.on) return `${of} is off`;
  if (found.authentication !== 'no-password') return `${of} needs a password`;
  return found.unable === undefined ? undefined : `${of} cannot be that of the functions: ${found.unable}`;
}

/** A name with a typo, or of a user that is off or reads too little, would show at the first connection alone: after the deployment. */
function refuseOtherUser(store: StoreFacts, name: string, auth: Auth | undefined): void {
  const { users, userGroupId, authToken, id } = store;
  if (userGroupId === undefined) throw refusal(`--user ${name}`, `${id} has ${signInText(authToken)}`, 'the other options without it');
  const fitting = fittingUsers(store, auth).map(({ userName }) => userName);
  if (fitting.includes(name)) return;
  const named = users.find(({ userName }) => userName === name);
  const others =
    fitting.length === 0
      ? 'the other options without it: for a group without a user that fits, init prints the commands that create one'
      : fitting.join(' or ');
  throw refusal(`--user ${name}`, named === undefined ? `${userGroupId} has no user of that name` : unfitUser(named, auth), others);
}

function unfitUser({ on, authentication, unable }: StoreUser, auth: Auth | undefined): string {
  if (!on) return 'it is off';
  const signsIn = auth === undefined ? authentication !== 'no-password' : authentication === auth;
  return signsIn && unable !== undefined ? unable : `it does not sign in by ${auth ?? 'iam or password'}`;
}

/** `shop, cart sign in by a password`, of users that fit; what a user of Holdfast's own needs is in docs/existing-store.md. */
function usersText(store: StoreFacts, type: 'iam' | 'password'): string {
  const names = fittingUsers(store, type).map(({ userName }) => userName);
  const how = type === 'iam' ? 'by IAM' : 'by a password';
  if (names.length > 0) return `${names.join(', ')} ${names.length === 1 ? 'signs' : 'sign'} in ${how}`;
  return `no user of ${store.userGroupId} that reads every key signs in ${how} yet (docs/existing-store.md has the access string)`;
}

/** What a person decides about a store that is there. */
export interface StoreOptions extends SignInOptions {
  readonly installation?: string;
  readonly keyPrefix?: string;
}
