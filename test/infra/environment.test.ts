/** Variables of a fleet's application: what a configuration may say, the list that servers read, and their rights. */
import { describe, expect, it } from 'vitest';
import { environmentArns, environmentList } from '../../infra/config/environment.ts';
import { parseConfig } from '../../infra/config.ts';
import { adopted } from './adopted-configs.ts';
import { foundBy } from './found-by.ts';
import { SynthesizedApp } from './synthesized.ts';

const arn = (service: string, rest: string, region = 'us-east-1') => `arn:aws:${service}:${region}:111122223333:${rest}`;
const KEYED = arn('secretsmanager', 'secret:key-AbCdEf');
const config = (environment: object, more: object = {}) =>
  ({ fleets: { web: { allowPlainHttp: true, environment, ...more } } }) as Parameters<typeof SynthesizedApp.create>[0];
const refusal = (given: object): string[] => {
  try {
    parseConfig(JSON.stringify(given), 'the test');
  } catch (error) {
    return (error as Error).message.split('\n  ').slice(1);
  }
  return [];
};

describe('a configuration is refused', () => {
  it.each<[string, object, RegExp]>([
    [
      'two names that differ in case alone',
      { Flags: 'a', FLAGS: 'b' },
      /^fleets\.web\.environment\.FLAGS .*differs from Flags in case alone/,
    ],
    ['a library that is loaded first', { LD_PRELOAD: '/tmp/x.so' }, /decides which programs run/],
    ['where programs are', { Path: '/tmp' }, /decides which programs run/],
    ["one of Holdfast's", { SESSION_STORE_HOST: 'x' }, /is a variable of Holdfast/],
    ["the key of the list's version", { list: 'x' }, /is a variable of Holdfast/],
    ['options of Node.js from a secret', { NODE_OPTIONS: { secret: 'x' } }, /takes a text only/],
    ['options of Java from a parameter', { JAVA_TOOL_OPTIONS: { parameter: '/x' } }, /takes a text only.*EnvironmentPropertySource/],
    [
      'a parameter of another Region',
      { A: { parameter: arn('ssm', 'parameter/a', 'eu-west-1') } },
      /is in eu-west-1, and servers in us-east-1/,
    ],
    [
      'a secret by way of Parameter Store',
      { A: { parameter: '/aws/reference/secretsmanager/shop/db' } },
      /a secret is named as \{ "secret" \}/,
    ],
    ['a name that is none', { 'A-B': 'x' }, /must be a name of letters/],
    ['a key of another name', { A: { secret: 'x', field: 'y' } }, /must be a text, \{ "secret", "key" \} or \{ "parameter" \}|field/],
    ['a number', { A: 1 }, /must be a text, \{ "secret"/],
    ['a NUL', { A: 'a\0b' }, /contains a NUL/],
    ['more than a parameter has', { A: 'x'.repeat(4_000), B: 'ä'.repeat(20) }, /has 4135 characters as JSON, and a parameter at most 4096/],
  ])('%s', (_, environment, why) => {
    expect(refusal(config(environment))).toEqual([expect.stringMatching(why)]);
  });

  it('a secret in an option of Java', () => {
    const app = { kind: 'tomcat', home: '/usr/share/tomcat10', javaOptions: ['-Ddb.password=$' + '{DB_PASSWORD}'] };
    expect(refusal(config({ DB_PASSWORD: { secret: 'db' } }, { app, strategy: 'sticky' }))).toEqual([
      expect.stringMatching(/app\.javaOptions .*names DB_PASSWORD, a secret: options are texts/),
    ]);
  });

  it("options that Tomcat's own scripts would read, whatever their source", () => {
    const app = { kind: 'tomcat', home: '/usr/share/tomcat10' };
    const options = { CATALINA_OPTS: '-Xmx2g', JAVA_OPTS: { secret: 'x' }, JAVA_TOOL_OPTIONS: '-Dx=y' };
    expect(refusal(config(options, { app, strategy: 'sticky' }))).toEqual(
      ['CATALINA_OPTS', 'JAVA_OPTS'].map((name) => expect.stringMatching(`${name} .*: put each option into app.javaOptions`)),
    );
  });

  it('options of Node.js and Java as texts are not', () => {
    expect(refusal(config({ NODE_OPTIONS: '--max-old-space-size=512', CATALINA_OPTS: '-Xmx512m' }))).toEqual([]);
  });
});

it('the list is ASCII without two opening braces, and reads as what was written', () => {
  const written = { A: 'Grüße {{name}} 🦆', B: { secret: 'x' } };
  const list = environmentList(written);
  expect(list).toMatch(/^[ -~]+$/);
  expect(list).not.toContain('{{');
  expect(JSON.parse(list)).toEqual(written);
});

it('a role that the configuration does not name: what it needs is printed', () => {
  const environment = { KEY: { secret: 'shop/key' }, FLAGS: { parameter: 'flags' }, LEVEL: 'info' };
  const found = (more: object) => {
    const { allowPlainHttp: _, ...web } = { ...adopted().fleets?.['web'], allowPlainHttp: undefined } as Record<string, unknown>;
    const { instanceRoleName: __, ...existing } = web['existing'] as Record<string, unknown>;
    const config = { ...adopted(), fleets: { web: { ...web, environment, existing: { ...existing, ...more } } } };
    return foundBy(parseConfig(JSON.stringify(config), 'the test'), 'environment-rights').map(({ sentence }) => sentence);
  };
  expect(found({ instanceRoleName: 'shop' })).toEqual([]);
  expect(found({})).toEqual([
    expect.stringMatching(
      /^The role of the servers of web needs ssm:GetParameter on arn:aws:ssm:us-east-1:111122223333:parameter\/holdfast\/holdfast\/web\/environment, \S+:parameter\/flags, and secretsmanager:GetSecretValue on \S+:secret:shop\/key-\?{6}, and kms:Decrypt/,
    ),
  ]);
});

it.each([
  ['a name', 'shop/db', 'arn:aws:secretsmanager:r:1:secret:shop/db-??????'],
  ['a name that ends like an ARN', 'xyz-secret', 'arn:aws:secretsmanager:r:1:secret:xyz-secret-??????'],
  ['an ARN', KEYED, KEYED],
  ['an ARN without its end', KEYED.slice(0, -7), `${KEYED.slice(0, -7)}-??????`],
])('%s of a secret: what the role may read', (_, secret, arn) => {
  expect(environmentArns({ A: { secret } }, '/list', (service) => `arn:aws:${service}:r:1`).secrets).toEqual([arn]);
});

describe('the templates', () => {
  const environment = {
    LEVEL: 'info',
    PASSWORD: { secret: 'shop/db', key: 'password' },
    USER: { secret: 'shop/db', key: 'user' },
    KEY: { secret: KEYED },
    FLAGS: { parameter: '/shop/flags' },
  };
  const statementsOf = (app: SynthesizedApp, logicalId: RegExp) =>
    app
      .resources('AWS::IAM::Policy')
      .filter((one) => logicalId.test(one.logicalId))
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] }).Statement);

  it('have the list in a parameter, rights for exactly what it names, and no list without variables', async () => {
    const app = await SynthesizedApp.create(config(environment));
    const [list, ...others] = app
      .resources('AWS::SSM::Parameter')
      .filter(({ Properties: { Name } }) => String(Name).endsWith('/web/environment'));
    expect([JSON.parse(String(list?.Properties['Value'])), others]).toEqual([environment, []]);
    const statements = JSON.stringify(statementsOf(app, /^InstanceRole/)).replaceAll(
      /\{"Fn::Join":\["",\[(.*?)\]\]\}/g,
      (_, parts: string) => {
        const text = parts.replaceAll(/\{"Ref":"AWS::(\w+)"\}/g, '"$1"');
        return JSON.stringify((JSON.parse(`[${text}]`) as string[]).join(''));
      },
    );
    const secrets = [`arn:Partition:secretsmanager:us-east-1:AccountId:secret:shop/db-??????`, KEYED];
    expect(JSON.parse(statements)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Effect: 'Deny',
          Action: 'ssm:GetParameter*',
          NotResource: expect.arrayContaining([expect.stringContaining('parameter/shop/flags')]),
        }),
        expect.objectContaining({ Action: 'secretsmanager:GetSecretValue', Resource: expect.arrayContaining(secrets) }),
        expect.objectContaining({
          Action: 'kms:Decrypt',
          Condition: expect.objectContaining({ StringLike: { 'kms:EncryptionContext:SecretARN': secrets } }),
        }),
      ]),
    );
    const userData = JSON.stringify(app.resources('AWS::EC2::LaunchTemplate'));
    expect(userData).toContain("environment_parameter='/holdfast/holdfast/web/environment'");
    expect(userData).not.toContain('shop/db');
    await app.remove();
    const without = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true } } });
    expect(without.resources('AWS::SSM::Parameter').map(({ Properties: { Name } }) => Name)).not.toContain(
      '/holdfast/holdfast/web/environment',
    );
    await without.remove();
  });
});
