/** What the pages of installation say: what is added to existing resources, the configurations and the policy that they show, how to leave. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { validate } from '../../cli/installation/config.ts';
import type { Output } from '../../cli/output.ts';
import { DESCRIBED } from '../../infra/constructs/doctor-reads.ts';
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
  const [, section = ''] = read('docs/install-existing.md').split('## What changes on your servers, roles and groups?\n');
  expect(added.filter((type) => !section.split('\n## ')[0]?.includes(`\`${type}\``))).toEqual([]);
});

it('README says what is added and what a deploy changes, and does not say that nothing is', () => {
  const [, section = ''] = read('README.md').split('## Install\n');
  const text = section.split('\n## ')[0] ?? '';
  expect(text).not.toMatch(/never change/);
  expect(text).toMatch(/what is added.*docs\/cost\.md/);
  expect(read('docs/cost.md')).toMatch(/install-existing\.md#what-changes-on-your-servers-roles-and-groups/);
  expect(text).toMatch(/stopped and disabled/);
});

it.each([
  'README.md',
  'docs/runbook/administration.md',
  'docs/install-existing.md',
  'docs/uninstall.md',
  'docs/upgrade.md',
  'docs/watch-a-store.md',
  'docs/install-new.md',
  'docs/configuration.md',
])('%s promises no cdk destroy that the default refuses', (page) => {
  const paragraphs = read(page)
    .replace(/^ *```.*?^ *```$/gms, '')
    .split(/\n\n|\n(?=\|)/)
    .filter((text) => text.includes('cdk destroy'));
  expect(paragraphs.filter((text) => !/protect|ephemeral|uninstall\.md|refuses/.test(text))).toEqual([]);
});

const EXAMPLES = globSync('examples/configurations/*.json', { cwd: REPOSITORY });

it('has configurations for each kind of installation', () => {
  expect(EXAMPLES.map((file) => path.basename(file, '.json')).toSorted()).toEqual([
    'existing-bundles',
    'existing-group',
    'existing-tomcats',
    'new-fleet',
    'store-alone',
  ]);
});

it.each(EXAMPLES)('%s is valid, and a synthesis warns of nothing but a choice about sweeps that is open', async (file) => {
  const printed: unknown[] = [];
  const quiet = { at: () => {}, print: () => {}, progress: () => {}, view: () => ({ show: () => {} }) };
  const output: Output = { json: true, ...quiet, result: (value) => void printed.push(value) };
  await validate(path.join(REPOSITORY, file), {}, output);
  const isOpen = /existing-(bundles|group|tomcats)/.test(file);
  const warnings = isOpen ? [expect.stringMatching(/^The store is yours, and sweep\.policy is absent/)] : [];
  expect(printed).toMatchObject([{ valid: true, warnings }]);
});

it('a fleet of two is refused by default, and its example sets what to set', () => {
  const { fleets } = JSON.parse(read('examples/configurations/existing-tomcats.json'));
  expect([fleets.shop.existing.instanceIds.length, fleets.shop.deploy.minimumHealthyTargets]).toEqual([2, 1]);
});

it('the policy for doctor before an installation allows what its reader policy describes', () => {
  const { Statement } = JSON.parse(read('examples/policies/doctor-before.json'));
  const ofServers = ['autoscaling:DescribeAutoScalingGroups', 'autoscaling:DescribeLifecycleHooks'];
  const ofRoles = [
    'ec2:DescribeLaunchTemplateVersions',
    'iam:GetAccountSummary',
    'iam:GetInstanceProfile',
    'iam:GetRole',
    'iam:ListAttachedRolePolicies',
    'iam:SimulatePrincipalPolicy',
  ];
  expect(Statement[0].Action).toEqual([...DESCRIBED, ...ofServers, ...ofRoles].toSorted());
});
