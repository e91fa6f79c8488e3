/** What `init --store` refuses: another installation's name, users and secrets that cannot be, values that the configuration refuses. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type InitStoreOptions, initStore } from '../../../../cli/installation/existing-store/init-store.ts';
import { createOutput } from '../../../../cli/output.ts';
import { type Answers, groupWith, placeIn, refusal } from './aws-answers.ts';

let folder: string;
let printed: Record<string, unknown>[];
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  printed = [];
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = (json = true) => ({
  ...createOutput(json),
  progress: () => {},
  result: (value: object) => void printed.push(value as Record<string, unknown>),
});
const place = (answers: Answers = {}) => placeIn(folder, answers, asked);
const OF_SHOP: InitStoreOptions = { store: 'shop', region: 'eu-west-1', keyPrefix: 'sess:' };
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:s';
const stackAs = (StackStatus: string): Answers => ({ DescribeStacks: { Stacks: [{ StackName: 'holdfast-releases', StackStatus }] } });
const nextOf = () => (printed[0]?.['next'] ?? []) as string[];
const existing = () => JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8')).store.existing;

/** Users of the group, by name: access string and way to sign in. */
const usersAre = (users: Readonly<Record<string, readonly [access: string, type: string]>>): Answers => ({
  DescribeUserGroups: { UserGroups: [{ UserGroupId: 'shop-users', UserIds: Object.keys(users) }] },
  DescribeUsers: ({ UserId }) => {
    const [AccessString, Type] = users[UserId as string] ?? [];
    return { Users: [{ UserName: UserId, AccessString, Authentication: { Type } }] };
  },
});

const SWEEP = 'on %R~* ~sess:* -@all +ping +info +scan +pttl';
const DEPLOY_AND_SWEEP = usersAre({
  default: ['off -@all', 'password'],
  'holdfast-deploy': ['on ~* -@all +ping +info', 'iam'],
  web: ['on ~sess:* +@all', 'iam'],
  'holdfast-sweep': [SWEEP, 'iam'],
});

async function refused(
  options: Partial<InitStoreOptions>,
  answers: Answers = {},
): Promise<{ readonly code: string; readonly message: string }> {
  const failure = await initStore({ ...OF_SHOP, ...options }, output(), place(answers)).catch((error: unknown) => error);
  expect(readdirSync(folder)).toEqual([]);
  return failure as { readonly code: string; readonly message: string };
}

describe('a name that is taken', () => {
  it('is refused, before a deployment replaces the installation that has it', async () => {
    expect(await refused({}, stackAs('UPDATE_COMPLETE'))).toMatchObject({
      code: 'InstallationExists',
      message:
        'eu-west-1 has an installation holdfast already (stack holdfast-releases), which "cdk deploy" of this one would replace. Nothing was written. Use --installation shop to add one; change the other where its configuration is.',
    });
    expect(asked).toEqual(['DescribeStacks']);
  });

  it('is looked for by the name that was given', async () => {
    const answers: Answers = { DescribeStacks: ({ StackName }) => ({ Stacks: [{ StackName, StackStatus: 'CREATE_COMPLETE' }] }) };
    expect((await refused({ installation: 'shop' }, answers)).message).toContain('(stack shop-releases)');
  });

  it.each(['REVIEW_IN_PROGRESS', 'ROLLBACK_COMPLETE'])('is free where the stack is in %s, and has nothing to lose', async (status) => {
    await initStore({ ...OF_SHOP, user: 'shop-watch' }, output(), place(stackAs(status)));
    expect(printed[0]?.['notes']).toEqual([]);
  });

  it('is named as unknown where the credentials do not allow to look', async () => {
    await initStore({ ...OF_SHOP, user: 'shop-watch' }, output(), place({ DescribeStacks: refusal('AccessDenied') }));
    expect(printed[0]?.['notes']).toEqual([
      expect.stringMatching(
        /^Whether eu-west-1 has an installation holdfast is not known, since .+ cloudformation:DescribeStacks: make sure/,
      ),
    ]);
  });

  it('is in the policy as the one stack that is read', async () => {
    await initStore({ store: 'shop', region: 'cn-north-1', installation: 'watch', printPolicy: true }, output(), place());
    expect(printed[0]?.['Statement']).toContainEqual({
      Sid: 'FindAnInstallationOfThisName',
      Effect: 'Allow',
      Action: ['cloudformation:DescribeStacks'],
      Resource: 'arn:aws-cn:cloudformation:cn-north-1:*:stack/watch-releases/*',
    });
  });
});

describe('refuses a user or a way to sign in that cannot be:', () => {
  it.each<[string, Partial<InitStoreOptions>, Answers, string]>([
    [
      'a user that may not scan',
      { user: 'holdfast-deploy' },
      DEPLOY_AND_SWEEP,
      '--user holdfast-deploy cannot be: its access string does not allow SCAN. Nothing was written. Use holdfast-sweep.',
    ],
    [
      'a user of one prefix',
      { user: 'web', auth: 'iam' },
      DEPLOY_AND_SWEEP,
      '--user web cannot be: its access string has neither %R~* nor ~*, which reads every key. Nothing was written. Use holdfast-sweep.',
    ],
    [
      'a name with a typo, where no other user fits',
      { user: 'webb' },
      usersAre({ default: ['off -@all', 'password'], web: ['on ~sess:* +@all', 'iam'] }),
      'shop-users has no user of that name. Nothing was written. Use the other options without it: for a group without a user that fits, init prints the commands that create one.',
    ],
    [
      'a user of a group with a token',
      { user: 'web' },
      groupWith({ UserGroupIds: [], AuthTokenEnabled: true }),
      '--user web cannot be: shop has one token and no users. Nothing was written. Use the other options without it.',
    ],
    [
      'no sign-in, where the default user is off',
      { auth: 'none' },
      DEPLOY_AND_SWEEP,
      '--auth none cannot be: the user default of shop-users is off. Nothing was written. Use --auth password or --auth iam.',
    ],
    [
      'no sign-in, where the default user needs a password',
      { auth: 'none' },
      usersAre({ default: ['on ~* +@all', 'password'] }),
      '--auth none cannot be: the user default of shop-users needs a password.',
    ],
    [
      'no sign-in, where the default user reads little',
      { auth: 'none' },
      usersAre({ default: ['on ~web:* +@all', 'no-password'] }),
      '--auth none cannot be: the user default of shop-users cannot be that of the functions: its access string has neither',
    ],
    [
      'IAM of an engine that has none',
      { auth: 'iam' },
      {
        ...groupWith({ Engine: 'redis' }),
        DescribeCacheClusters: { CacheClusters: [{ CacheClusterId: 'shop-001', EngineVersion: '6.2.6', CacheSubnetGroupName: 'shop' }] },
      },
      '--auth iam cannot be: redis 6.2 has no IAM authentication. Nothing was written. Use --auth password.',
    ],
    [
      'a secret of a user with IAM',
      { user: 'shop-watch', secret: SECRET },
      {},
      '--secret cannot be: the functions sign in by iam, without a secret. Nothing was written.',
    ],
    [
      'a secret of a group without users and token',
      { secret: SECRET },
      groupWith({ UserGroupIds: [] }),
      '--secret cannot be: shop has neither users nor a token. Nothing was written. Use --auth none.',
    ],
  ])('%s', async (_, options, answers, sentence) => {
    expect(await refused(options, answers)).toMatchObject({ code: 'InvalidOption', message: expect.stringContaining(sentence) });
  });
});

it('takes no sign-in where the default user is open', async () => {
  await initStore({ ...OF_SHOP, auth: 'none' }, output(), place(usersAre({ default: ['on ~* +@all', 'no-password'] })));
  expect(existing()).toMatchObject({ auth: 'none' });
});

it('signs in as the named user does', async () => {
  await initStore({ ...OF_SHOP, user: 'shop-watch' }, output(), place());
  expect(existing()).toMatchObject({ auth: 'iam', userName: 'shop-watch' });
  expect(printed[0]?.['decide']).toEqual([]);
});

describe('refuses a secret', () => {
  it('that does not exist, and takes it for no missing installation', async () => {
    const answers = { DescribeSecret: refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.") };
    expect(await refused({ secret: SECRET }, answers)).toMatchObject({
      code: 'NoSuchSecret',
      message: `There is no secret ${SECRET} in eu-west-1. Nothing was written.`,
    });
  });

  it('that is being deleted', async () => {
    const failure = await refused({ secret: SECRET }, { DescribeSecret: { DeletedDate: new Date(0) } });
    expect(failure).toMatchObject({ code: 'UnusableSecret', message: `The secret ${SECRET} is being deleted. Nothing was written.` });
  });
});

describe('refuses what the configuration would refuse, and calls nothing:', () => {
  it.each<[string, Partial<InitStoreOptions>, string]>([
    ['every key', { keyPrefix: '*' }, 'store.sessions.0.keyPrefix ("*"): must be 1 to 100 letters'],
    ['no prefix', { keyPrefix: '' }, 'store.sessions.0.keyPrefix (""): must be 1 to 100 letters'],
    ['a prefix with a space', { keyPrefix: 'sess:we b' }, 'store.sessions.0.keyPrefix ("sess:we b"): must be'],
    ['a prefix with half a pair', { keyPrefix: 'sess:{' }, 'has a brace without its pair'],
    ['what is no ARN', { secret: 'foo' }, 'store.existing.secretArn ("foo"): must be an ARN of secretsmanager:secret:'],
    ['a secret of another Region', { secret: SECRET.replace('eu-west-1', 'eu-west-3') }, 'store.existing.secretArn'],
    ['what is no ARN, for the policy too', { secret: 'foo', printPolicy: true }, 'must be an ARN'],
    ['a user for nobody', { auth: 'none', user: 'web' }, 'cannot be combined with auth "none"'],
  ])('%s', async (_, options, problem) => {
    const failure = await refused(options);
    expect(failure).toMatchObject({ code: 'InvalidOption', message: expect.stringContaining(problem) });
    expect(failure.message).toMatch(/^What the options would write is not valid: .+\. Nothing was written\.$/);
    expect([asked, printed]).toEqual([[], []]);
  });
});

describe('the advice for a missing user', () => {
  it('names what is to be written in the place of what is open, and repeats what was given', async () => {
    const options = { store: 'shop', region: 'eu-west-1', installation: 'watch' };
    const answers = usersAre({ default: ['off -@all', 'password'], holdfast: ['on ~web:* +@all', 'password'] });
    await initStore({ ...options, auth: 'password' }, output(), place(answers));
    const next = nextOf();
    expect(next[0]).toContain(
      '--user-id holdfast-functions --user-name holdfast-functions --authentication-mode Type=password,Passwords=PASSWORD',
    );
    expect(next[0]).toContain('~PREFIX*');
    expect(String(printed[0]?.['missing'])).toMatch(
      /with what the keys of the sessions begin with in the place of PREFIX and the password of its secret in the place of PASSWORD\./,
    );
    expect(next.slice(2)).toEqual([
      'node_modules/.bin/holdfast init --store shop --region eu-west-1 --installation watch --key-prefix PREFIX --auth password --user holdfast-functions',
    ]);
  });

  it('quotes a prefix that a shell would read, and asks for no way that a user with IAM does without', async () => {
    await initStore({ ...OF_SHOP, keyPrefix: '{app}#:' }, output(), place(usersAre({ web: ['on ~web:* +@all', 'password'] })));
    expect(nextOf()[2]).toContain(`--key-prefix '{app}#:' --auth iam --user holdfast`);
    expect(printed[0]?.['missing']).toHaveLength(1);
  });
});

describe('on a terminal', () => {
  /** @returns what was asked and said */
  async function answered(answers: readonly string[], of: Answers): Promise<string> {
    const left = [...answers];
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const questions = Object.assign(new PassThrough(), { isTTY: true });
    let said = '';
    questions.on('data', (text: Buffer) => {
      said += String(text);
      if (/[?)] $/.test(String(text)) && left.length > 0) setImmediate(() => input.write(`${left.shift()}\n`));
    });
    await initStore({ store: 'shop', region: 'eu-west-1' }, output(false), { ...place(of), terminal: { input, output: questions } });
    return said;
  }

  it('says why an answer cannot be, and offers only users that can be', async () => {
    const said = await answered(['sess:{', 'sess:', 'web', 'holdfast-sweep'], DEPLOY_AND_SWEEP);
    expect(said).toContain('"sess:{" has a brace without its pair');
    expect(said).toContain('As which user: holdfast-sweep (iam)?');
    expect(said).toContain('"web" is none of holdfast-sweep.');
    expect(existing()).toMatchObject({ auth: 'iam', userName: 'holdfast-sweep' });
    expect(printed[0]?.['decide']).toEqual([]);
  });

  it('asks for no user where none can be', async () => {
    const said = await answered(['sess:', 'iam'], usersAre({ default: ['off -@all', 'password'], web: ['on ~web:* +@all', 'iam'] }));
    expect(said).not.toContain('As which user');
    expect(nextOf()[0]).toContain('create-user');
  });
});
