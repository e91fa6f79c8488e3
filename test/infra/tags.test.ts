import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, EPHEMERAL_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

/** Our types that do not support tags in CloudFormation. */
const TAKES_NO_TAGS = [
  'AWS::AutoScaling::LifecycleHook',
  'AWS::CloudFormation::WaitConditionHandle',
  'AWS::EC2::Route',
  'AWS::EC2::SecurityGroupEgress',
  'AWS::EC2::SecurityGroupIngress',
  'AWS::EC2::SubnetRouteTableAssociation',
  'AWS::EC2::VPCGatewayAttachment',
  'AWS::IAM::InstanceProfile',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::S3::BucketPolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::StepFunctions::StateMachineVersion',
  'Custom::EmptyBucket',
  'Custom::Installation',
];

let apps: Record<'web' | 'shop', SynthesizedApp>;
beforeAll(async () => {
  apps = { web: await SynthesizedApp.create(AWS_CONFIG), shop: await SynthesizedApp.create(EPHEMERAL_CONFIG) };
});
afterAll(async () => {
  for (const app of Object.values(apps)) await app.remove();
});

type Tag = { readonly Key: string; readonly Value: unknown };

/** Every tag, in each form: a list, a map, or the tag specifications of a launch template. */
function tagsOf({ Properties = {} }: Partial<FoundResource>): Record<string, unknown> {
  const tags = (Properties['Tags'] ?? []) as readonly Tag[] | Record<string, unknown>;
  const specifications = (Properties['TagSpecifications'] ?? []) as readonly { readonly Tags: readonly Tag[] }[];
  if (!Array.isArray(tags)) return tags as Record<string, unknown>;
  return Object.fromEntries([...tags, ...specifications.flatMap(({ Tags }) => Tags)].map(({ Key, Value }) => [Key, Value]));
}

describe('tags', () => {
  it('identify the installation on every resource that supports tags', () => {
    const untagged = Object.values(apps)
      .flatMap(({ everything }) => everything)
      .filter((resource) => tagsOf(resource)['holdfast:installation'] !== 'holdfast');
    expect([...new Set(untagged.map(({ Type }) => Type))].toSorted()).toEqual(TAKES_NO_TAGS);
  });

  it.each(['web', 'shop'] as const)('identify the fleet %s on every resource of its two stacks that supports tags', (fleet) => {
    const own = apps[fleet].everything.filter(({ stackName }) => stackName.startsWith(`holdfast-${fleet}-`));
    const taggable = own.filter(({ Type }) => !TAKES_NO_TAGS.includes(Type));
    expect(taggable.length).toBeGreaterThan(20);
    for (const resource of taggable) {
      expect(tagsOf(resource)['holdfast:fleet'], `${resource.stackName} ${resource.logicalId}`).toBe(`holdfast/${fleet}`);
    }
  });

  it('reach the instances and disks of a launch template', () => {
    for (const { Properties } of apps.web.resources('AWS::EC2::LaunchTemplate')) {
      const { TagSpecifications } = Properties['LaunchTemplateData'] as {
        TagSpecifications: { ResourceType: string; Tags: Tag[] }[];
      };
      expect(TagSpecifications.map(({ ResourceType }) => ResourceType).toSorted()).toEqual(['instance', 'volume']);
      for (const { Tags } of TagSpecifications) expect(Tags).toContainEqual({ Key: 'holdfast:fleet', Value: 'holdfast/web' });
    }
  });
});
