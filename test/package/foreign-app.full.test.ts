/** The construct in an app that `cdk init` made: its templates are the checkout's whatever the app's flags are, and other stacks are left alone. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { adopted } from '../infra/adopted-configs.ts';
import { REPOSITORY } from '../infra/synthesized.ts';
import { InstalledPackage } from './installed-package.ts';
import { readTemplates, type Templates } from './read-templates.ts';

vi.unmock('../../infra/constructs/bundle-function.ts');

const LIMIT_MS = 400_000;
const MODULES = ['aws-cdk-lib', 'constructs', '@types'];
/** The app's CDK, and constructs: a folder of modules in which a newer one is installed than the checkout has. */
const CDK_MODULES = process.env['HOLDFAST_TEST_CDK_MODULES'] ?? path.join(REPOSITORY, 'node_modules');

/** Values of the outputs that the app imports; as literals they are in the configuration. */
const IMPORTED: Readonly<Record<string, string>> = {
  'shop-vpc': 'vpc-0123456789abcdef0',
  'shop-web-a': 'subnet-00000000000000001',
  'shop-web-b': 'subnet-00000000000000002',
  'shop-store-a': 'subnet-00000000000000003',
  'shop-store-b': 'subnet-00000000000000004',
  'shop-servers': 'sg-0123456789abcdef1',
  'shop-store': 'sg-0123456789abcdef0',
};

const CONFIG = JSON.stringify(adopted());

/** What the user writes: one installation, and a stack that uses what the construct offers. */
const APP = `#!/usr/bin/env node
import * as cdk from 'aws-cdk-lib';
import { Holdfast, type HoldfastFleet } from 'holdfast/cdk';

const app = new cdk.App();
new ShopStack(app, 'ShopStack');
const mode = process.env['MODE'];
if (mode !== 'alone') {
  const given = JSON.stringify(${CONFIG});
  const ids: Readonly<Record<string, string>> = ${JSON.stringify(IMPORTED)};
  const config: Record<string, unknown> = JSON.parse(given, (_, value: unknown) => {
    const name = Object.keys(ids).find((one) => ids[one] === value);
    return mode === 'tokens' && name !== undefined ? cdk.Fn.importValue(name) : value;
  });
  const holdfast = new Holdfast(app, 'Holdfast', { config });
  if (mode === 'used') {
    const fleet: HoldfastFleet | undefined = holdfast.fleets['web'];
    if (fleet === undefined) throw new Error('there is no fleet web');
    const pipeline = new cdk.Stack(app, 'Pipeline', { env: { account: '111122223333', region: 'us-east-1' } });
    const role = new cdk.aws_iam.Role(pipeline, 'Role', { assumedBy: new cdk.aws_iam.AccountRootPrincipal() });
    for (const policy of [fleet.publisherPolicy, fleet.operatorPolicy, fleet.readerPolicy]) role.addManagedPolicy(policy);
    for (const topic of [holdfast.alarmsTopic, fleet.deploysTopic]) topic.grantSubscribe(role);
    const names: string[] = holdfast.stacks.map(({ stackName }) => stackName);
    if (names.length < 5) throw new Error(names.join());
  }
}
`;

/** What docs/install-new.md shows. */
const [, EXAMPLE = ''] = /^```ts\n(.*?)^```$/ms.exec(readFileSync(path.join(REPOSITORY, 'docs/install-new.md'), 'utf8')) ?? [];

let installed: InstalledPackage;
let app: string;
let init: Record<string, unknown>;

beforeAll(async () => {
  installed = await InstalledPackage.create();
  app = path.join(installed.folder, 'shop');
  mkdirSync(app);
  const cdk = path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk');
  const made = await installed.run(process.execPath, [cdk, 'init', 'app', '--language', 'typescript', '--generate-only', '--no-notices'], {
    cwd: app,
  });
  if (made.code !== 0) throw new Error(made.stderr);
  mkdirSync(path.join(app, 'node_modules'));
  for (const name of MODULES) {
    const modules = name === '@types' ? path.join(REPOSITORY, 'node_modules') : CDK_MODULES;
    symlinkSync(path.join(modules, name), path.join(app, 'node_modules', name));
  }
  // Not a link: Node looks for the CDK next to where the package is.
  cpSync(path.join(installed.folder, 'a'), path.join(app, 'node_modules/holdfast'), { recursive: true });
  writeFileSync(path.join(app, 'bin/shop.ts'), APP);
  writeFileSync(path.join(app, 'bin/example.ts'), EXAMPLE);
  writeFileSync(path.join(app, 'lib/shop-stack.ts'), FOREIGN_STACK);
  init = JSON.parse(readFileSync(path.join(app, 'cdk.json'), 'utf8')) as Record<string, unknown>;
}, LIMIT_MS);
afterAll(() => installed?.remove());

/** Where the app's flags show: a bucket, a table, a policy and a VPC. */
const FOREIGN_STACK = `import * as cdk from 'aws-cdk-lib';
import { Construct } from 'constructs';

export class ShopStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const bucket = new cdk.aws_s3.Bucket(this, 'Files', { enforceSSL: true });
    const role = new cdk.aws_iam.Role(this, 'Role', { assumedBy: new cdk.aws_iam.AccountRootPrincipal() });
    bucket.grantRead(role);
    bucket.grantDelete(role);
    new cdk.aws_ec2.Vpc(this, 'Vpc', { natGateways: 0, maxAzs: 2 });
  }
}
`;

/** As the CDK's command line starts an app, with the flags that \`cdk init\` wrote. */
async function synthesize(mode: string, program = 'shop'): Promise<Templates> {
  const outdir = mkdtempSync(path.join(installed.folder, `${mode}-`));
  const compiled = path.join(app, 'compiled');
  const { code, stdout, stderr } = await installed.run(process.execPath, [path.join(compiled, `bin/${program}.js`)], {
    cwd: app,
    env: { MODE: mode, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(init['context']) },
  });
  expect(code, `${stdout}${stderr}`).toBe(0);
  return readTemplates(outdir);
}

/** With the imported values in their places, and strings that CloudFormation would join as one. */
function withValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withValues);
  if (value === null || typeof value !== 'object') return value;
  const { 'Fn::ImportValue': name, 'Fn::Join': join } = value as Record<string, unknown>;
  if (typeof name === 'string' && name in IMPORTED) return IMPORTED[name];
  if (Array.isArray(join) && join[0] === '' && Array.isArray(join[1])) return joined(join[1].map(withValues));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withValues(one)]));
}

function joined(parts: readonly unknown[]): unknown {
  const merged: unknown[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part;
    else merged.push(part);
  }
  return merged.length === 1 && typeof merged[0] === 'string' ? merged[0] : { 'Fn::Join': ['', merged] };
}

/** The CDK names a function's version by a hash of its properties, of which some are tokens. */
const withoutVersions = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value).replaceAll(/(CurrentVersion[0-9A-F]{8})[0-9a-f]{32}/g, '$1'));

const withoutForeign = ({ ShopStack: _, Pipeline: __, ...own }: Templates): Templates => own;

describe('an app that cdk init made', () => {
  it('passes tsc --strict, as does the example of docs/install-new.md', { timeout: LIMIT_MS }, async () => {
    const tsc = path.join(REPOSITORY, 'node_modules/typescript/bin/tsc');
    const strict = [
      '--strict',
      '--noEmit',
      'false',
      '--outDir',
      'compiled',
      '--types',
      'node',
      '--skipLibCheck',
      'false',
      '--rootDir',
      '.',
    ];
    writeFileSync(
      path.join(app, 'tsconfig.app.json'),
      JSON.stringify({ extends: './tsconfig.json', files: ['bin/shop.ts', 'bin/example.ts'], include: [], exclude: [] }),
    );
    const { code, stdout, stderr } = await installed.run(process.execPath, [tsc, '-p', 'tsconfig.app.json', ...strict], { cwd: app });
    expect([code, stdout, stderr]).toEqual([0, '', '']);
  });

  it('has the templates of the checkout, and its own stack as without Holdfast', { timeout: LIMIT_MS }, async () => {
    const alone = await synthesize('alone');
    expect(Object.keys(alone)).toEqual(['ShopStack']);
    const literal = await synthesize('literal');
    expect(literal['ShopStack']).toEqual(alone['ShopStack']);

    const checkout = path.join(installed.folder, 'checkout.out');
    const config = path.join(installed.folder, 'checkout.config.json');
    writeFileSync(config, CONFIG);
    const CDK_CONTEXT_JSON = JSON.stringify({ checks: 'off', config });
    const made = await installed.run(process.execPath, ['infra/app.ts'], {
      cwd: REPOSITORY,
      env: { CDK_OUTDIR: checkout, CDK_CONTEXT_JSON },
    });
    expect([made.code, made.stderr]).toEqual([0, expect.any(String)]);
    expect(withoutForeign(literal)).toEqual(readTemplates(checkout));
  });

  it('can be the example of docs/install-new.md, whose installation is in the network of another stack', {
    timeout: LIMIT_MS,
  }, async () => {
    const { Network, ...own } = await synthesize('example', 'example');
    expect(Network?.Outputs).toBeDefined();
    expect(Object.keys(own)).toEqual(expect.arrayContaining(['holdfast-web-web-tier', 'holdfast-web-deploy', 'holdfast-session-store']));
    expect(JSON.stringify(own['holdfast-session-store'])).toContain('{"Fn::ImportValue":"Network:');
    expect(JSON.stringify(own['holdfast-alarms'])).toContain('team@example.com');
  });

  it('gives ids as tokens: the templates differ by these alone', { timeout: LIMIT_MS }, async () => {
    const [literal, tokens] = [await synthesize('literal'), await synthesize('tokens')];
    expect(tokens['ShopStack']).toEqual(literal['ShopStack']);
    const text = JSON.stringify(tokens);
    for (const [name, id] of Object.entries(IMPORTED)) {
      expect(text, name).toContain(`{"Fn::ImportValue":"${name}"}`);
      expect(text, id).not.toContain(id);
    }
    expect(withoutVersions(withValues(tokens))).toEqual(withoutVersions(withValues(literal)));
  });

  it('lets other stacks use its policies and topics, which adds exports alone', { timeout: LIMIT_MS }, async () => {
    const [literal, used] = [await synthesize('literal'), await synthesize('used')];
    expect(used['ShopStack']).toEqual(literal['ShopStack']);
    expect(JSON.stringify(used['Pipeline'])).toContain('holdfast');
    for (const [stack, { Outputs, ...rest }] of Object.entries(withoutForeign(literal))) {
      const { Outputs: more, ...same } = used[stack] as Templates[string];
      expect(same, stack).toEqual(rest);
      expect(more ?? {}, stack).toMatchObject(Outputs ?? {});
    }
  });
});
