import { App, aws_ec2 as ec2, Stack, Stage } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { Holdfast } from '../../infra/holdfast.ts';

const env = { account: '111122223333', region: 'eu-west-1' };
const web = { allowPlainHttp: true };
const stacksIn = (scope: App | Stage, config: Readonly<Record<string, unknown>>) => new Holdfast(scope, 'Holdfast', { config }).stacks;

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
