/** The load balancer's resources: one target group behind the default rule of one listener. */
import {
  defaultsOf,
  LISTENER_ATTRIBUTES,
  LOAD_BALANCER_ATTRIBUTES,
  setAttributes,
  TARGET_GROUP_ATTRIBUTES,
} from '../../../local/aws/elbv2/attributes.ts';
import { createRegistry, type Registry } from '../../../local/aws/elbv2/registry.ts';
import type { ForwardAction, LoadBalancer, TargetGroup } from '../../../local/aws/elbv2/resources.ts';

/** Properties of AWS::ElasticLoadBalancingV2::TargetGroup, as a template has them, every reference resolved. */
export interface TargetGroupProperties {
  readonly Name: string;
  readonly Port: number;
  readonly HealthCheckPath: string;
  readonly HealthCheckIntervalSeconds: number;
  readonly HealthCheckTimeoutSeconds: number;
  readonly HealthyThresholdCount: number;
  readonly UnhealthyThresholdCount: number;
  readonly Matcher: { readonly HttpCode: string };
  readonly TargetGroupAttributes: readonly { readonly Key: string; readonly Value: string }[];
}

export interface LoadBalancerSettings {
  readonly targetGroupArn: string;
  readonly targetGroup: TargetGroupProperties;
  /** `…:loadbalancer/app/NAME/ID` */
  readonly loadBalancerArn: string;
}

export interface LoadBalancerResources {
  readonly registry: Registry;
  readonly loadBalancer: LoadBalancer;
  readonly group: TargetGroup;
  readonly forward: ForwardAction;
}

export function createResources({ targetGroupArn, targetGroup, loadBalancerArn }: LoadBalancerSettings): LoadBalancerResources {
  const registry = createRegistry();
  const group: TargetGroup = {
    arn: targetGroupArn,
    name: targetGroup.Name,
    fullName: targetGroupArn.slice(targetGroupArn.lastIndexOf(':') + 1),
    protocol: 'HTTP',
    protocolVersion: 'HTTP1',
    port: targetGroup.Port,
    targetType: 'instance',
    healthCheck: {
      enabled: true,
      protocol: 'HTTP',
      port: 'traffic-port',
      path: targetGroup.HealthCheckPath,
      intervalSeconds: targetGroup.HealthCheckIntervalSeconds,
      timeoutSeconds: targetGroup.HealthCheckTimeoutSeconds,
      healthyThreshold: targetGroup.HealthyThresholdCount,
      unhealthyThreshold: targetGroup.UnhealthyThresholdCount,
      matcher: targetGroup.Matcher.HttpCode,
    },
    attributes: defaultsOf(TARGET_GROUP_ATTRIBUTES),
    tags: new Map(),
    targets: new Map(),
  };
  setAttributes(group.attributes, targetGroup.TargetGroupAttributes, TARGET_GROUP_ATTRIBUTES);
  const fullName = loadBalancerArn.slice(loadBalancerArn.indexOf('app/'));
  const loadBalancer: LoadBalancer = {
    arn: loadBalancerArn,
    name: fullName.split('/')[1] ?? '',
    fullName,
    scheme: 'internet-facing',
    createdAtMs: 0,
    ipAddressType: 'ipv4',
    subnets: [],
    securityGroups: [],
    attributes: defaultsOf(LOAD_BALANCER_ATTRIBUTES),
    tags: new Map(),
  };
  const forward: ForwardAction = { type: 'forward', groups: [{ arn: group.arn, weight: 1 }] };
  const listenerArn = `${loadBalancerArn.replace(':loadbalancer/', ':listener/')}/0000000000000001`;
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
  registry.rules.set(ruleArn, { arn: ruleArn, listenerArn, priority: 'default', conditions: [], actions: [forward], tags: new Map() });
  return { registry, loadBalancer, group, forward };
}
