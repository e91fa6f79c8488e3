import { readFileSync } from 'node:fs';
import path from 'node:path';
import { App, aws_ec2 as ec2, Stack, Stage } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { Holdfast, versionProblem } from '../../infra/holdfast.ts';
import { OWN_FOLDER } from '../../infra/own-files.ts';
import { manifestOf } from '../../package/manifest.ts';

const env = { account: '111122223333', region: 'eu-west-1' };
const web = { allowPlainHttp: true };
const stacksIn = (scope: App | Stage, config: Readonly<Record<string, unknown>>) => new Holdfast(scope, 'Holdfast', { config }).stacks;

it.each([
  [
    '20.20.2',
    '2.275.0',
    'The constructs of Holdfast need Node.js >=22, and this is 20.20.2. Nothing was synthesized. Install a newer version.',
  ],
  [
    '22.0.0',
    '2.99.1',
    'The constructs of Holdfast need aws-cdk-lib ^2.275.0, and this is 2.99.1. Nothing was synthesized. Install a newer version.',
  ],
  ['22.0.0', '2.275.0', undefined],
  ['26.1.0', '2.1148.1', undefined],
])('on Node.js %s with aws-cdk-lib %s the construct answers: %s', (node, cdk, expected) => {
  const { engines, peerDependencies } = manifestOf(JSON.parse(readFileSync(path.join(OWN_FOLDER, 'package.json'), 'utf8'))) as unknown as {
    readonly engines: { readonly node: string };
    readonly peerDependencies: Readonly<Record<string, string>>;
  };
  const found = (name: string) => ({ 'Node.js': node, 'aws-cdk-lib': cdk })[name] ?? '10.8.1';
  expect(versionProblem({ 'Node.js': engines.node, ...peerDependencies }, found)).toBe(expected);
});

describe('the construct', () => {
  it('is in the account and Region of its stage', () => {
    for (const { account, region } of stacksIn(new Stage(new App(), 'Prod', { env }), { fleets: { web } }))
      expect({ account, region }).toEqual(env);
  });

  it.each([
    ['region', 'us-east-1'],
    ['account', '999900001111'],
  ])('refuses another %s than that of its stage', (key, value) => {
    const stage = new Stage(new App(), 'Prod', { env });
    expect(() => stacksIn(stage, { [key]: value, fleets: { web } })).toThrow(`${key} ("${value}"): the stage that the construct is in has`);
  });

  it('must name its account where ids are tokens: the stack that has them needs the same', () => {
    const app = new App();
    const shop = new Stack(app, 'Shop', { env });
    const vpc = new ec2.Vpc(shop, 'Vpc', { availabilityZones: ['eu-west-1a', 'eu-west-1b'], natGateways: 0 });
    const subnets = vpc.publicSubnets.map(({ subnetId }) => subnetId);
    const network = { existing: { vpcId: vpc.vpcId, webSubnetIds: subnets, storeSubnetIds: subnets } };
    expect(() => stacksIn(app, { region: env.region, network, fleets: { web } })).toThrow(
      'account (absent): is required where ids are tokens',
    );
  });
});
