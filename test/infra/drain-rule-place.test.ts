/** Where the template puts the drain rule of a fleet that is added to an existing listener. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DRAIN_HEADER } from '../../functions/shared/aws/drain-rule-contract.ts';
import { adopted, LISTENER } from './adopted-configs.ts';
import { SynthesizedApp } from './synthesized.ts';

const RULE = { priority: 20, hosts: ['shop.example.com'], paths: ['/shop/*', '/cart'] };
const BEHIND = { listenerArn: LISTENER, loadBalancerSecurityGroupId: 'sg-0123456789abcdef2' };
const fleet = (rule: object) => adopted({ strategy: 'sticky', existing: { ...BEHIND, listenerRule: { ...RULE, ...rule } } });

const apps = {} as Record<'byDefault' | 'chosen', SynthesizedApp>;
beforeAll(async () => {
  apps.byDefault = await SynthesizedApp.create(fleet({}));
  apps.chosen = await SynthesizedApp.create(fleet({ drainPriority: 12 }));
});
afterAll(async () => {
  for (const app of Object.values(apps)) await app.remove();
});

interface Condition {
  readonly Field: string;
}
const rulesOf = (app: SynthesizedApp) =>
  app.resources('AWS::ElasticLoadBalancingV2::ListenerRule').map(({ logicalId, Properties }) => ({ logicalId, ...Properties }));

it.each([
  ['directly above the fleet’s own rule by default', 'byDefault', 19],
  ['where the configuration puts it', 'chosen', 12],
] as const)('is %s', (_where, which, priority) => {
  const rules = rulesOf(apps[which]);
  expect(rules).toHaveLength(2);
  expect(rules).toContainEqual(expect.objectContaining({ logicalId: 'DrainRule', ListenerArn: LISTENER, Priority: priority }));
  expect(rules).toContainEqual(expect.objectContaining({ ListenerArn: LISTENER, Priority: RULE.priority }));
});

it('has the hosts and paths of that rule, and one header that no request has', () => {
  const rules = rulesOf(apps.byDefault);
  const conditionsOf = (isDrain: boolean) =>
    (rules.find(({ logicalId }) => (logicalId === 'DrainRule') === isDrain) as unknown as { Conditions: Condition[] }).Conditions;
  const places = [
    { Field: 'host-header', HostHeaderConfig: { Values: RULE.hosts } },
    { Field: 'path-pattern', PathPatternConfig: { Values: RULE.paths } },
  ];
  expect(conditionsOf(false)).toEqual(places);
  const [group] = apps.byDefault
    .resources('AWS::ElasticLoadBalancingV2::TargetGroup')
    .filter(({ logicalId }) => logicalId.startsWith('DrainTargets'));
  const fullName = { 'Fn::GetAtt': [group?.logicalId, 'TargetGroupFullName'] };
  expect(conditionsOf(true)).toEqual([
    ...places,
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: DRAIN_HEADER, Values: [fullName] } },
  ]);
});

it('forwards to the drain group alone, and the other rule to the fleet’s', () => {
  const receivers = rulesOf(apps.byDefault).map((rule) => [rule.logicalId === 'DrainRule', JSON.stringify(rule).includes('DrainTargets')]);
  expect(receivers.sort()).toEqual([
    [false, false],
    [true, true],
  ]);
});
