/** The load balancer's resources: one target group behind one listener, by its default action, or by a rule where it has other services too. */
import {
  defaultsOf,
  LISTENER_ATTRIBUTES,
  LOAD_BALANCER_ATTRIBUTES,
  setAttributes,
  TARGET_GROUP_ATTRIBUTES,
} from '#local-aws/elbv2/attributes.ts';
import { readConditions } from '#local-aws/elbv2/read-conditions.ts';
import { createRegistry, type Registry } from '#local-aws/elbv2/registry.ts';
import type { Action, ForwardAction, LoadBalancer, Rule, TargetGroup } from '#local-aws/elbv2/resources.ts';
import type { Installation, ListenerRule, TargetGroup as TargetGroupSettings } from '../installation/installation.ts';

export type Front = Pick<Installation, 'targetGroup' | 'ownRule' | 'drain'>;

export interface LoadBalancerResources {
  readonly registry: Registry;
  readonly loadBalancer: LoadBalancer;
  readonly group: TargetGroup;
  readonly forward: ForwardAction;
  /** The drain group and its rule; absent for a fleet without sessions in memory. */
  readonly drain?: { readonly group: TargetGroup; readonly rule: Rule };
}

export function createResources({ targetGroup, ownRule, drain }: Front): LoadBalancerResources {
  const { arn, loadBalancerFullName } = targetGroup;
  const registry = createRegistry();
  const group = createGroup(targetGroup);
  const loadBalancerArn = arn.replace(/:targetgroup\/.*/, `:loadbalancer/${loadBalancerFullName}`);
  const loadBalancer: LoadBalancer = {
    arn: loadBalancerArn,
    name: loadBalancerFullName.split('/')[1] ?? '',
    fullName: loadBalancerFullName,
    scheme: 'internet-facing',
    createdAtMs: 0,
    ipAddressType: 'ipv4',
    subnets: [],
    securityGroups: [],
    attributes: defaultsOf(LOAD_BALANCER_ATTRIBUTES),
    tags: new Map(),
  };
  const forward: ForwardAction = { type: 'forward', groups: [{ arn: group.arn, weight: 1 }] };
  const ownListenerArn = `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/0000000000000001`;
  // A rule's ARN begins with its listener's.
  const listenerArn = drain?.rule.arn.replace(':listener-rule/', ':listener/').replace(/\/[^/]*$/, '') ?? ownListenerArn;
  registry.loadBalancers.set(loadBalancer.arn, loadBalancer);
  registry.targetGroups.set(group.arn, group);
  registry.listeners.set(listenerArn, {
    arn: listenerArn,
    loadBalancerArn,
    port: 443,
    protocol: 'HTTPS',
    certificates: [],
    attributes: defaultsOf(LISTENER_ATTRIBUTES),
    tags: new Map(),
  });
  const ruleArn = `${listenerArn.replace(':listener/', ':listener-rule/')}/0000000000000001`;
  // The fleet's users never come to what other services have behind the listener.
  const others: Action = { type: 'fixed-response', statusCode: 404 };
  const byDefault = ownRule ? others : forward;
  registry.rules.set(ruleArn, { arn: ruleArn, listenerArn, priority: 'default', conditions: [], actions: [byDefault], tags: new Map() });
  if (ownRule) registry.rules.set(ownRule.arn, createRule(ownRule, listenerArn, forward));
  if (drain === undefined) return { registry, loadBalancer, group, forward };
  const drainGroup = createGroup(drain.targetGroup);
  registry.targetGroups.set(drainGroup.arn, drainGroup);
  const rule = createRule(drain.rule, listenerArn, { type: 'forward', groups: [{ arn: drainGroup.arn, weight: 1 }] });
  registry.rules.set(rule.arn, rule);
  return { registry, loadBalancer, group, forward, drain: { group: drainGroup, rule } };
}

const createRule = ({ arn, priority, conditions }: ListenerRule, listenerArn: string, action: Action): Rule => ({
  arn,
  listenerArn,
  priority,
  conditions: readConditions(conditions),
  actions: [action],
  tags: new Map(),
});

function createGroup({ arn, port, healthCheck, attributes, ofAddresses }: TargetGroupSettings): TargetGroup {
  const { codes, ...check } = healthCheck;
  const group: TargetGroup = {
    arn,
    name: arn.split('/')[1] ?? '',
    fullName: arn.slice(arn.lastIndexOf(':') + 1),
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port,
    targetType: ofAddresses ? 'ip' : 'instance',
    healthCheck: { ...check, enabled: true, protocol: 'HTTP', port: 'traffic-port', matcher: codes },
    attributes: defaultsOf(TARGET_GROUP_ATTRIBUTES),
    tags: new Map(),
    targets: new Map(),
  };
  setAttributes(
    group.attributes,
    Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
    TARGET_GROUP_ATTRIBUTES,
  );
  return group;
}
