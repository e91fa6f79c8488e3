/** What `holdfast init --store` asks on a terminal. An empty answer leaves the mark in the file. Pure. */
import type { z } from 'zod';
import { arn } from '../../../infra/config/aws-names.ts';
import { keyPrefix } from '../../../infra/config/sessions.ts';
import type { Question } from '../../confirm.ts';
import { type Auth, decidedAuth, fittingUsers, possibleAuths, type StoreOptions } from './choose-sign-in.ts';
import type { StoreFacts } from './store-facts.ts';

type Key = 'keyPrefix' | 'auth' | 'user' | 'secret';

export function openQuestions(store: StoreFacts, options: StoreOptions): readonly Question[] {
  const auth = decidedAuth(store, options);
  const users = fittingUsers(store, auth);
  const hasUsers = store.userGroupId !== undefined;
  const auths = possibleAuths(store);
  const all: readonly (Question & { readonly key: Key; readonly asked: boolean })[] = [
    {
      key: 'keyPrefix',
      asked: true,
      text: 'What do the keys of the sessions begin with, such as sess:? (empty: decide later)',
      problemOf: byRule(keyPrefix),
    },
    {
      key: 'auth',
      asked: hasUsers && auth === undefined,
      text: `How do the functions sign in: ${auths.join(' or ')}? (iam needs no way to Secrets Manager; empty: decide later)`,
      problemOf: unlessOneOf(auths),
    },
    {
      key: 'user',
      // Where none fits, init prints the commands that create one.
      asked: hasUsers && auth !== 'none' && users.length > 0,
      text: `As which user: ${users.map(({ userName, authentication }) => `${userName} (${authentication})`).join(', ')}? (empty: decide later)`,
      problemOf: unlessOneOf(users.map(({ userName }) => userName)),
    },
    {
      key: 'secret',
      asked: auth === 'password',
      text: 'ARN of the secret with its password? (empty: decide later)',
      problemOf: byRule(arn('secretsmanager', 'secret:')),
    },
  ];
  return all.filter(({ key, asked }) => asked && options[key] === undefined);
}

const byRule = (rule: z.ZodType) => (answer: string) => rule.safeParse(answer).error?.issues[0]?.message;
const unlessOneOf = (values: readonly string[]) => (answer: string) =>
  values.includes(answer) ? undefined : `is none of ${values.join(', ')}`;

/** @param answers by the questions' keys; without those that were left empty */
export function withAnswers<T extends StoreOptions>(options: T, answers: Readonly<Record<string, string>>): T {
  const { auth, ...others } = answers;
  return { ...options, ...others, ...(auth !== undefined && { auth: auth as Auth }) };
}
