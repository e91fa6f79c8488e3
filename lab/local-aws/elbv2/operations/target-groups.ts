/** Operations on target groups. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { flag, tagList, text, texts, whole } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { targetGroupArn } from '../arns.ts';
import { attributeOutput, defaultsOf, numberOf, setAttributes, TARGET_GROUP_ATTRIBUTES } from '../attributes.ts';
import type { ElbContext } from '../context.ts';
import { describeTargetGroup } from '../describe.ts';
import { page, parseInput, port, resourceName, toTags } from '../input.ts';
import type { Attributes, HealthCheck, Target, TargetGroup } from '../resources.ts';

const healthCheckInput = z.object({
  HealthCheckEnabled: flag.optional(),
  HealthCheckProtocol: z.enum(['HTTP', 'HTTPS']).optional(),
  HealthCheckPort: z.union([z.literal('traffic-port'), port.transform(String)]).optional(),
  HealthCheckPath: text.pipe(z.string().startsWith('/', 'must start with /')).optional(),
  HealthCheckIntervalSeconds: whole(5, 300).optional(),
  HealthCheckTimeoutSeconds: whole(2, 120).optional(),
  HealthyThresholdCount: whole(2, 10).optional(),
  UnhealthyThresholdCount: whole(2, 10).optional(),
  Matcher: z
    .object({ HttpCode: text.pipe(z.string().regex(/^\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*$/, 'must be codes from 200 to 499')).optional() })
    .optional(),
});
const createInput = healthCheckInput.extend({
  Name: resourceName,
  Protocol: z.enum(['HTTP', 'HTTPS']),
  ProtocolVersion: z.enum(['HTTP1']).default('HTTP1'),
  Port: port,
  VpcId: text.optional(),
  TargetType: z.enum(['instance', 'ip']).default('instance'),
  Tags: tagList.optional(),
});
const describeInput = z.object({ LoadBalancerArn: text.optional(), TargetGroupArns: texts.optional(), Names: texts.optional() });
const oneInput = z.object({ TargetGroupArn: text });

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
const INITIAL_HEALTH_CHECK: HealthCheck = {
  enabled: true,
  protocol: 'HTTP',
  port: 'traffic-port',
  path: '/',
  intervalSeconds: 30,
  timeoutSeconds: 5,
  healthyThreshold: 5,
  unhealthyThreshold: 2,
  matcher: '200',
};

export function targetGroupOperations({ registry, lifecycle, checks, region }: Omit<ElbContext, 'dataPlane'>): Record<string, Operation> {
  const named = (name: string): TargetGroup | undefined => [...registry.targetGroups.values()].find((one) => one.name === name);

  return {
    CreateTargetGroup(input) {
      const request = parseInput(createInput, input);
      const existing = named(request.Name);
      if (existing !== undefined) {
        // The same settings again are not an error (API reference, CreateTargetGroup).
        if (sameSettings(existing, request)) return { TargetGroups: [describeTargetGroup(existing, registry)] };
        throw new AwsError(
          'DuplicateTargetGroupName',
          `A target group with the same name '${request.Name}' exists, but with different settings`,
        );
      }
      const group: TargetGroup = {
        ...targetGroupArn(region, request.Name),
        name: request.Name,
        protocol: request.Protocol,
        protocolVersion: request.ProtocolVersion,
        port: request.Port,
        vpcId: request.VpcId,
        targetType: request.TargetType,
        healthCheck: changedHealthCheck(INITIAL_HEALTH_CHECK, request),
        attributes: defaultsOf(TARGET_GROUP_ATTRIBUTES),
        tags: toTags(request.Tags),
        targets: new Map(),
      };
      registry.targetGroups.set(group.arn, group);
      return { TargetGroups: [describeTargetGroup(group, registry)] };
    },

    DescribeTargetGroups(input) {
      const { LoadBalancerArn, TargetGroupArns, Names } = parseInput(describeInput, input);
      const ofLoadBalancer =
        LoadBalancerArn && [...registry.groupsUsedBy(registry.loadBalancer(LoadBalancerArn).arn)].map(registry.targetGroup);
      const byName = Names?.map((name) => {
        const group = named(name);
        if (group === undefined) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found');
        return group;
      });
      const chosen = TargetGroupArns?.map(registry.targetGroup) ?? byName ?? (ofLoadBalancer || [...registry.targetGroups.values()]);
      const { items, nextMarker } = page(chosen, input);
      return { TargetGroups: items.map((group) => describeTargetGroup(group, registry)), ...nextMarker };
    },

    ModifyTargetGroup(input) {
      const request = parseInput(healthCheckInput.extend(oneInput.shape), input);
      const group = registry.targetGroup(request.TargetGroupArn);
      group.healthCheck = changedHealthCheck(group.healthCheck, request);
      checks.sync();
      return { TargetGroups: [describeTargetGroup(group, registry)] };
    },

    DeleteTargetGroup(input) {
      const { TargetGroupArn } = parseInput(oneInput, input);
      const group = registry.targetGroups.get(TargetGroupArn);
      if (group === undefined) return {};
      if (registry.loadBalancersUsing(TargetGroupArn).length > 0) {
        throw new AwsError('ResourceInUse', `Target group '${TargetGroupArn}' is currently in use by a listener or a rule`);
      }
      registry.targetGroups.delete(TargetGroupArn);
      lifecycle.discard(group);
      return {};
    },

    DescribeTargetGroupAttributes(input) {
      return { Attributes: attributeOutput(registry.targetGroup(parseInput(oneInput, input).TargetGroupArn).attributes) };
    },
    ModifyTargetGroupAttributes(input) {
      const { TargetGroupArn, Attributes } = parseInput(oneInput.extend({ Attributes: tagList }), input);
      const { attributes, targets } = registry.targetGroup(TargetGroupArn);
      const after = new Map(attributes);
      setAttributes(after, Attributes, TARGET_GROUP_ATTRIBUTES);
      if (
        after.get('stickiness.enabled') === 'true' &&
        after.get('stickiness.type') === 'app_cookie' &&
        !after.get('stickiness.app_cookie.cookie_name')
      ) {
        throw new AwsError(
          'InvalidConfigurationRequest',
          "'stickiness.app_cookie.cookie_name' is required for application-based stickiness",
        );
      }
      checkCrossZone(after, targets.values());
      checkThresholds(after);
      if (after.get('slow_start.duration_seconds') !== '0' && after.get('load_balancing.algorithm.type') === 'least_outstanding_requests') {
        throw new AwsError('InvalidConfigurationRequest', 'Slow start does not work with least outstanding requests');
      }
      for (const [key, value] of after) attributes.set(key, value);
      return { Attributes: attributeOutput(attributes) };
    },
  };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html */
function checkCrossZone(attributes: Attributes, targets: Iterable<Target>): void {
  if (attributes.get('load_balancing.cross_zone.enabled') !== 'false') return;
  if (attributes.get('stickiness.enabled') === 'true') {
    throw new AwsError('InvalidConfigurationRequest', 'Stickiness is not supported when cross-zone load balancing is off');
  }
  for (const { id, availabilityZone } of targets) {
    if (availabilityZone !== 'all') continue;
    throw new AwsError('InvalidConfigurationRequest', `Cross-zone load balancing cannot be off while target '${id}' is in zone 'all'`);
  }
}

/**
 * Users leave a zone before, or when, its unhealthy targets get requests.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health.html
 */
function checkThresholds(attributes: Attributes): void {
  for (const kind of ['count', 'percentage']) {
    const least = (action: string) => numberOf(attributes, `target_group_health.${action}.minimum_healthy_targets.${kind}`);
    // A threshold that is off compares as not a number: nothing is below it.
    if (least('dns_failover') < least('unhealthy_state_routing'))
      throw new AwsError('InvalidConfigurationRequest', `The ${kind} for DNS failover cannot be below the ${kind} for routing failover`);
  }
}

function sameSettings(group: TargetGroup, request: z.infer<typeof createInput>): boolean {
  const wanted = [request.Protocol, request.Port, request.VpcId, request.TargetType, changedHealthCheck(INITIAL_HEALTH_CHECK, request)];
  return isDeepStrictEqual(wanted, [group.protocol, group.port, group.vpcId, group.targetType, group.healthCheck]);
}

function changedHealthCheck(before: HealthCheck, change: z.infer<typeof healthCheckInput>): HealthCheck {
  const after: HealthCheck = {
    enabled: change.HealthCheckEnabled ?? before.enabled,
    protocol: change.HealthCheckProtocol ?? before.protocol,
    port: change.HealthCheckPort ?? before.port,
    path: change.HealthCheckPath ?? before.path,
    intervalSeconds: change.HealthCheckIntervalSeconds ?? before.intervalSeconds,
    timeoutSeconds: change.HealthCheckTimeoutSeconds ?? before.timeoutSeconds,
    healthyThreshold: change.HealthyThresholdCount ?? before.healthyThreshold,
    unhealthyThreshold: change.UnhealthyThresholdCount ?? before.unhealthyThreshold,
    matcher: change.Matcher?.HttpCode ?? before.matcher,
  };
  if (after.timeoutSeconds >= after.intervalSeconds) {
    throw new AwsError('ValidationError', 'Health check interval must be greater than the timeout.');
  }
  if (!after.enabled)
    throw new AwsError('InvalidConfigurationRequest', 'Health checks cannot be disabled for targets that are instances or IP addresses');
  return after;
}
