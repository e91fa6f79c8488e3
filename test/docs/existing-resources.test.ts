/** What the pages say of existing resources: what is added to them, and how to leave again. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP, EXISTING_STORE } from '../infra/adopted-configs.ts';
import { type FoundResource, REPOSITORY, SynthesizedApp } from '../infra/synthesized.ts';

const read = (page: string) => readFileSync(path.join(REPOSITORY, page), 'utf8');

/** What is a part of an existing resource by its own property, of which the configuration names the id. */
const EXISTING = [
  ...Object.values(EXISTING_GROUP.existing ?? {}),
  ...Object.values(BEHIND_A_LISTENER.existing ?? {}),
  EXISTING_STORE.securityGroupId,
];
const PARTS = ['GroupId', 'Roles', 'AutoScalingGroupName', 'ListenerArn'];
const isAdded = ({ Type, Properties = {} }: Partial<FoundResource> & { readonly Type: string }) =>
  !['AWS::SSM::Parameter', 'AWS::Lambda::Function'].includes(Type) &&
  PARTS.some((property) => [Properties[property]].flat().some((value) => EXISTING.includes(value as string)));

it.each([
  ['an Auto Scaling group', EXISTING_GROUP, ['AWS::AutoScaling::LifecycleHook', 'AWS::EC2::SecurityGroupIngress', 'AWS::IAM::Policy']],
  ['a listener', BEHIND_A_LISTENER, ['AWS::EC2::SecurityGroupIngress', 'AWS::ElasticLoadBalancingV2::ListenerRule']],
])('the page lists what templates add to %s', async (_, web, types) => {
  const app = await SynthesizedApp.create(adopted(web));
  const added = [...new Set(app.everything.filter(isAdded).map(({ Type }) => Type))].toSorted();
  await app.remove();
  expect(added).toEqual(expect.arrayContaining(types));
  const [, section = ''] = read('docs/existing-resources.md').split('## What does Holdfast change of them?\n');
  expect(added.filter((type) => !section.split('\n## ')[0]?.includes(`\`${type}\``))).toEqual([]);
});

it('README says what is added and what a deploy changes, and does not say that nothing is', () => {
  const [, section = ''] = read('README.md').split('## I already have an ALB');
  const text = section.split('\n## ')[0] ?? '';
  expect(text).not.toMatch(/never change/);
  expect(text).toMatch(/existing-resources\.md#what-does-holdfast-change-of-them/);
  expect(text).toMatch(/stopped and disabled/);
});

it.each([
  'README.md',
  'docs/runbook/administration.md',
  'docs/existing-resources.md',
  'docs/aws.md',
  'docs/configuration.md',
  'docs/first-day.md',
])('%s promises no cdk destroy that the default refuses', (page) => {
  const paragraphs = read(page)
    .replace(/^```.*?^```$/gms, '')
    .split(/\n\n|\n(?=\|)/)
    .filter((text) => text.includes('cdk destroy'));
  expect(paragraphs.filter((text) => !/protect|ephemeral|take-an-installation-down|refuses/.test(text))).toEqual([]);
});
