/** What the templates allow a server's role, and that docs/security.md names each secret and table of it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, EXISTING_GROUP, SECRET } from './adopted-configs.ts';
import { statementsIn } from './role-statements.ts';
import { AWS_CONFIG, EXTENDED_CONFIG, REPOSITORY, SynthesizedApp } from './synthesized.ts';

const SECURITY = readFileSync(path.join(REPOSITORY, 'docs/security.md'), 'utf8').split('\n');
const ROW = SECURITY.find((line) => line.startsWith('| a server (instance role)')) ?? '';

/** By what a resource of a policy is named, or refers to; and the words of the page for it. */
const READ_SECRETS: readonly (readonly [resource: RegExp, words: string])[] = [
  [/ApplicationSecret|secret:shop-store-AbCdEf/, "the store's secret of its fleet"],
  [/CriticalActionsKey/, 'the key of critical actions (`incidents.criticalActions`)'],
];
const TABLES: readonly (readonly [resource: RegExp, words: string])[] = [
  [/CriticalActionsTable/, "put, update and query items of its fleet's table of critical actions (no scan, no index)"],
];
const EVERYTHING = { incidents: { criticalActions: true } } as const;
const CONFIGS = {
  created: AWS_CONFIG,
  'created with all of it': EXTENDED_CONFIG,
  existing: adopted({ ...EXISTING_GROUP, ...EVERYTHING }),
};

const apps = new Map<string, SynthesizedApp>();
beforeAll(async () => {
  for (const [name, config] of Object.entries(CONFIGS)) apps.set(name, await SynthesizedApp.create(config));
});
afterAll(async () => {
  for (const app of apps.values()) await app.remove();
});

const ofServers = (name: string) =>
  statementsIn(apps.get(name) as SynthesizedApp).filter(({ role, effect }) => role.startsWith('InstanceRole') && effect === 'Allow');
const resourcesOf = (name: string, action: RegExp) =>
  ofServers(name)
    .filter(({ actions }) => actions.some((one) => action.test(one)))
    .flatMap(({ resources }) => resources.map((one) => JSON.stringify(one)));
const wordsOf = (resources: readonly string[], known: typeof READ_SECRETS) =>
  resources.map((resource) => known.find(([pattern]) => pattern.test(resource))?.[1] ?? `not in the page: ${resource}`);

describe('the role of servers', () => {
  it.each(Object.keys(CONFIGS))('(%s) has no secret and no table that docs/security.md does not name', (name) => {
    const secrets = wordsOf(resourcesOf(name, /^secretsmanager:/), READ_SECRETS);
    const tables = wordsOf(resourcesOf(name, /^dynamodb:/), TABLES);
    expect(secrets.length).toBeGreaterThan(0);
    for (const words of [...secrets, ...tables]) expect(ROW).toContain(words);
  });

  it('has each that the page names, where its configuration asks for it', () => {
    const all = Object.keys(CONFIGS).flatMap((name) => [
      ...wordsOf(resourcesOf(name, /^secretsmanager:GetSecretValue$/), READ_SECRETS),
      ...wordsOf(resourcesOf(name, /^dynamodb:/), TABLES),
    ]);
    expect([...new Set(all)].toSorted()).toEqual([...READ_SECRETS, ...TABLES].map(([, words]) => words).toSorted());
    expect(wordsOf(resourcesOf('created', /^(secretsmanager|dynamodb):/), READ_SECRETS)).toEqual([READ_SECRETS[0]?.[1]]);
  });

  it.each(Object.keys(CONFIGS))('(%s) is allowed these actions and no others', (name) => {
    const actions = new Set(ofServers(name).flatMap((statement) => statement.actions));
    for (const action of actions)
      expect([
        's3:GetObject',
        's3:ListBucket',
        'secretsmanager:GetSecretValue',
        'secretsmanager:DescribeSecret',
        'dynamodb:PutItem',
        'dynamodb:Query',
        'dynamodb:UpdateItem',
      ]).toContain(action);
    expect(resourcesOf(name, /^secretsmanager:/).some((resource) => /[*?]/.test(resource))).toBe(false);
  });

  it('is refused every parameter where Holdfast has created it; an existing one keeps what it has, and gets one policy more', () => {
    const denied = (name: string) =>
      statementsIn(apps.get(name) as SynthesizedApp)
        .filter(({ effect }) => effect === 'Deny')
        .flatMap(({ actions }) => actions);
    expect([denied('created'), denied('existing')]).toEqual([['ssm:GetParameter*'], []]);
    expect(ROW).toContain('read Parameter Store (a created role)');
    const policies =
      apps
        .get('existing')
        ?.resources('AWS::IAM::Policy')
        .filter(({ Properties }) => JSON.stringify(Properties['Roles']) === '["shop-instance"]') ?? [];
    expect(policies.map(({ Properties }) => Properties['PolicyName'])).toEqual([expect.stringMatching(/^InstanceRole/)]);
    expect(JSON.stringify(policies)).toContain(SECRET);
    expect(SECURITY.find((line) => line.includes('`InstanceRole`'))).toContain('gets one policy more');
  });
});
