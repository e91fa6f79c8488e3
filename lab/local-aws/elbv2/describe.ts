/** Resources in the shapes of the API's replies. */
import type { Registry } from './registry.ts';
import type { Action, Condition, Listener, LoadBalancer, Rule, TargetGroup } from './resources.ts';

/** Where every load balancer of the local cloud answers. */
export const DNS_NAME = 'localhost';
/** A made-up hosted zone: nothing here has an alias record. */
export const HOSTED_ZONE_ID = 'Z00000000LOCAL';

/** Subnets have the zones a, b, c, … in their order, as those of Auto Scaling groups have. */
export function zonesOf({
  arn,
  subnets,
}: Pick<LoadBalancer, 'arn' | 'subnets'>): { readonly ZoneName: string; readonly SubnetId: string }[] {
  const region = arn.split(':')[3] ?? '';
  return subnets.map((SubnetId, index) => ({ ZoneName: `${region}${'abcdef'[index % 6]}`, SubnetId }));
}

export function describeLoadBalancer(loadBalancer: LoadBalancer): object {
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: DNS_NAME,
    CanonicalHostedZoneId: HOSTED_ZONE_ID,
    CreatedTime: new Date(loadBalancer.createdAtMs).toISOString(),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: 'vpc-local',
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: zonesOf(loadBalancer).map((zone) => ({ ...zone, LoadBalancerAddresses: [] })),
    SecurityGroups: loadBalancer.securityGroups,
    IpAddressType: loadBalancer.ipAddressType,
  };
}

export function describeTargetGroup(group: TargetGroup, registry: Registry): object {
  const { healthCheck } = group;
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: healthCheck.protocol,
    HealthCheckPort: healthCheck.port,
    HealthCheckEnabled: healthCheck.enabled,
    HealthCheckIntervalSeconds: healthCheck.intervalSeconds,
    HealthCheckTimeoutSeconds: healthCheck.timeoutSeconds,
    HealthyThresholdCount: healthCheck.healthyThreshold,
    UnhealthyThresholdCount: healthCheck.unhealthyThreshold,
    HealthCheckPath: healthCheck.path,
    Matcher: { HttpCode: healthCheck.matcher },
    LoadBalancerArns: registry.loadBalancersUsing(group.arn),
    TargetType: group.targetType,
    ProtocolVersion: group.protocolVersion,
    IpAddressType: 'ipv4',
  };
}

/** @param defaultActions those of the listener's default rule */
export function describeListener(listener: Listener, defaultActions: readonly Action[]): object {
  const [first] = listener.certificates;
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    SslPolicy: listener.sslPolicy,
    Certificates: first === undefined ? [] : [{ CertificateArn: first }],
    DefaultActions: defaultActions.map(describeAction),
  };
}

export function describeRule(rule: Rule): object {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: rule.conditions.map(describeCondition),
    Actions: rule.actions.map(describeAction),
    IsDefault: rule.priority === 'default',
  };
}

function describeAction(action: Action): object {
  const base = { Type: action.type, Order: action.order };
  switch (action.type) {
    case 'forward': {
      const [only, ...others] = action.groups;
      const stickiness = { Enabled: action.stickySeconds !== undefined, DurationSeconds: action.stickySeconds };
      return {
        ...base,
        TargetGroupArn: others.length === 0 ? only?.arn : undefined,
        ForwardConfig: {
          TargetGroups: action.groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
          TargetGroupStickinessConfig: stickiness,
        },
      };
    }
    case 'fixed-response':
      return {
        ...base,
        FixedResponseConfig: { StatusCode: String(action.statusCode), ContentType: action.contentType, MessageBody: action.body },
      };
    case 'redirect': {
      const { protocol, host, port, path, query, statusCode } = action;
      return { ...base, RedirectConfig: { Protocol: protocol, Host: host, Port: port, Path: path, Query: query, StatusCode: statusCode } };
    }
  }
}

function describeCondition(condition: Condition): object {
  const base = { Field: condition.field };
  switch (condition.field) {
    case 'host-header':
    case 'path-pattern': {
      const config = { Values: condition.values, RegexValues: condition.regexValues };
      return condition.field === 'host-header'
        ? { ...base, Values: condition.values, HostHeaderConfig: config }
        : { ...base, Values: condition.values, PathPatternConfig: config };
    }
    case 'http-header':
      return {
        ...base,
        HttpHeaderConfig: { HttpHeaderName: condition.name, Values: condition.values, RegexValues: condition.regexValues },
      };
    case 'http-request-method':
      return { ...base, HttpRequestMethodConfig: { Values: condition.values } };
    case 'source-ip':
      return { ...base, SourceIpConfig: { Values: condition.values } };
    case 'query-string':
      return { ...base, QueryStringConfig: { Values: condition.values.map(({ key, value }) => ({ Key: key, Value: value })) } };
  }
}
