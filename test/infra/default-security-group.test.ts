/**
 * Nothing is in the VPC's default security group, so what that group allows (its members to reach each other) reaches
 * nothing. Closing it takes a custom resource: a function whose role may change rules of security groups.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

interface Properties {
  readonly SecurityGroups?: unknown;
  readonly SecurityGroupIds?: unknown;
  readonly VpcConfig?: { readonly SecurityGroupIds?: unknown };
  readonly LaunchTemplateData?: {
    readonly NetworkInterfaces?: readonly { readonly Groups?: unknown }[];
    readonly SecurityGroupIds?: unknown;
  };
}

/** What names the security groups, by the type of the resource; without it AWS uses the default group. */
const GROUPS_OF: Readonly<Record<string, (properties: Properties) => unknown>> = {
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ({ SecurityGroups }) => SecurityGroups,
  'AWS::ElastiCache::ReplicationGroup': ({ SecurityGroupIds }) => SecurityGroupIds,
  'AWS::EC2::LaunchTemplate': ({ LaunchTemplateData: data }) => data?.NetworkInterfaces?.[0]?.Groups ?? data?.SecurityGroupIds,
  'AWS::Lambda::Function': ({ VpcConfig }) => (VpcConfig === undefined ? ['outside the VPC'] : VpcConfig.SecurityGroupIds),
};

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

it.each(Object.keys(GROUPS_OF))('no resource is in the default security group of the VPC: %s', (type) => {
  const resources = app.resources(type);
  expect(resources.length).toBeGreaterThan(0);
  for (const { logicalId, Properties } of resources) {
    const groups = GROUPS_OF[type]?.(Properties);
    expect(groups, logicalId).toBeInstanceOf(Array);
    expect(groups, logicalId).not.toEqual([]);
    expect(JSON.stringify(groups), logicalId).not.toContain('DefaultSecurityGroup');
  }
});

it('no other type of resource takes security groups', () => {
  const types = new Set([
    'AWS::EC2::SecurityGroup',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::EC2::SecurityGroupEgress',
    ...Object.keys(GROUPS_OF),
  ]);
  const named = /"(SecurityGroup|SecurityGroups|SecurityGroupIds|VpcSecurityGroupIds)"/;
  const others = app.everything.filter(({ Type, Properties }) => !types.has(Type) && named.test(JSON.stringify(Properties ?? {})));
  expect(others.map(({ Type }) => Type)).toEqual([]);
});
