/** What `holdfast init --store` asks on a terminal. An empty answer leaves the mark in the file. Pure. */
import { KEY_PREFIX, PREFIXED_FRAMEWORKS } from '../../../functions/sweep/contract/settings.ts';
import type { Question } from '../../confirm.ts';
import { AUTHS, type Auth, waysToSignIn } from './choose-sign-in.ts';
import type { StoreOptions } from './store-config.ts';
import type { StoreFacts } from './store-facts.ts';

type Key = 'keyPrefix' | 'framework' | 'auth' | 'user' | 'secret';

export function openQuestions(store: StoreFacts, options: StoreOptions): readonly Question[] {
  const ways = waysToSignIn(store);
  const names = store.users.filter(({ on }) => on).map(({ userName, authentication }) => `${userName} (${authentication})`);
  const auth = options.auth ?? (ways.length === 1 ? ways[0] : undefined);
  const hasUsers = store.userGroupId !== undefined;
  const all: readonly (Question & { readonly key: Key; readonly asked: boolean })[] = [
    {
      key: 'keyPrefix',
      asked: true,
      text: 'What do the keys of the sessions begin with, such as sess:? (empty: decide later)',
      takes: matches(KEY_PREFIX),
    },
    {
      key: 'framework',
      asked: true,
      text: `Which framework writes them: ${PREFIXED_FRAMEWORKS.join(', ')}? (empty: decide later)`,
      takes: isOneOf(PREFIXED_FRAMEWORKS),
    },
    {
      key: 'auth',
      asked: hasUsers && auth === undefined,
      text: 'How do the functions sign in: iam, password or none? (iam needs no way to Secrets Manager; empty: decide later)',
      takes: isOneOf(AUTHS),
    },
    {
      key: 'user',
      asked: hasUsers && auth !== 'none',
      text: `As which user: ${names.join(', ')}? (empty: decide later)`,
      takes: matches(/^[A-Za-z0-9._-]{1,128}$/),
    },
    {
      key: 'secret',
      asked: auth === 'password',
      text: 'ARN of the secret with its password? (empty: decide later)',
      takes: matches(/^arn:aws[a-z-]*:secretsmanager:\S+$/),
    },
  ];
  return all.filter(({ key, asked }) => asked && options[key] === undefined);
}

const matches = (pattern: RegExp) => (answer: string) => pattern.test(answer);
const isOneOf = (values: readonly string[]) => (answer: string) => values.includes(answer);

/** @param answers by the questions' keys; without those that were left empty */
export function withAnswers<T extends StoreOptions>(options: T, answers: Readonly<Record<string, string>>): T {
  const { auth, ...others } = answers;
  return { ...options, ...others, ...(auth !== undefined && { auth: auth as Auth }) };
}
