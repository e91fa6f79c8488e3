import {
  Duration,
  type aws_ec2 as ec2,
  aws_elasticloadbalancingv2 as elbv2,
  aws_elasticloadbalancingv2_targets as targets,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { GATE_ON } from '../../../functions/deploy/contract/environment.ts';
import type { Stickiness } from '../../../functions/incidents/contract/evidence.ts';
import { targetGroupName } from '../../../functions/shared/naming.ts';
import {
  createsLoadBalancer,
  createsTargetGroup,
  drainsSessions,
  type FleetConfig,
  type FleetWithLoadBalancer,
  type FleetWithTargetGroup,
  isStickyFleet,
} from '../../config/fleet.ts';
import { sessionGateOf } from '../../config/own-session-gate.ts';
import type { NamedFleet } from '../../config.ts';
import type { Network, Part } from '../network.ts';
import { createDrainFront, type DrainFrontArns, type DrainRulePlace, existingDrainFront, LAST_PRIORITY } from './drain-front.ts';

/**
 * How long a client is led to the server of its session. Each request restarts this time, so a client loses its server after a
 * day without a request: long after its session has ended.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/sticky-sessions.html
 */
const STICKINESS = Duration.days(1);

/**
 * The stickiness that the target group should have by the configuration. For an existing group only whether it is on: its owner chooses the
 * kind and duration.
 */
export function expectedStickiness(fleet: FleetConfig): Stickiness {
  if (!isStickyFleet(fleet)) return { enabled: false };
  if (!createsTargetGroup(fleet)) return { enabled: true };
  return { enabled: true, type: 'lb_cookie', durationSeconds: STICKINESS.toSeconds() };
}

export interface WebFrontProps extends NamedFleet {
  readonly network: Network;
  readonly securityGroup: ec2.ISecurityGroup | undefined;
}

export interface WebFront {
  readonly targetGroup: elbv2.IApplicationTargetGroup;
  /** Undefined for a fleet whose deploys do not wait for sessions, as is the next one. */
  readonly drain: Part<DrainFrontArns> | undefined;
  /** The drain group, for the stack that creates it: it cannot read the parameter that it creates. */
  readonly drainTargetGroupArn: string | undefined;
  readonly gate?: Part<DrainFrontArns> | undefined;
}

/** What routes requests to a fleet's servers, as far as it does not exist: the target group, and its load balancer or listener rule. */
export function webFront(scope: Construct, props: WebFrontProps): WebFront {
  const { fleet } = props;
  const { targetGroupArn, loadBalancerArn } = fleet.existing ?? {};
  if (!createsTargetGroup(fleet)) {
    const targetGroup = elbv2.ApplicationTargetGroup.fromTargetGroupAttributes(scope, 'Targets', {
      targetGroupArn: targetGroupArn as string,
      loadBalancerArns: loadBalancerArn as string,
    });
    if (!drainsSessions(fleet)) return { targetGroup, drain: undefined, drainTargetGroupArn: undefined };
    return { targetGroup, drain: existingDrainFront(fleet), drainTargetGroupArn: fleet.existing?.drainTargetGroupArn };
  }
  const targetGroup = createTargetGroup(scope, props, fleet);
  const place = createsLoadBalancer(fleet) ? createLoadBalancer(scope, props, fleet, targetGroup) : addRule(scope, props, targetGroup);
  const { config, fleetName } = props;
  const common = { installation: config.installation, fleetName };
  const gate =
    sessionGateOf(fleet) === GATE_ON
      ? createDrainFront(scope, { ...common, kind: 'gate', group: gateGroup(scope, props, fleet), place: gatePlace(place, fleet) })
      : undefined;
  if (!drainsSessions(fleet)) return { targetGroup, drain: undefined, drainTargetGroupArn: undefined, gate };
  const group = drainGroup(scope, props, fleet);
  const drain = createDrainFront(scope, { ...common, kind: 'drain', group, place });
  return { targetGroup, drain, drainTargetGroupArn: group.targetGroupArn };
}

/** A value that nobody can guess needs neither hosts nor paths. Before the drain rule, which a fleet that had one keeps until its stack is updated. */
const gatePlace = (place: DrainRulePlace, { existing }: FleetConfig): DrainRulePlace => ({
  ...place,
  ...{ priority: existing?.listenerRule?.gatePriority ?? LAST_PRIORITY - 1, hosts: [], paths: [] },
});

/** A server is in it for about a minute, which begins once it is healthy there; nobody's requests are waited for. */
const gateGroup = (scope: Construct, { network }: WebFrontProps, fleet: FleetWithTargetGroup): elbv2.ApplicationTargetGroup => {
  const { healthCheck, ...props } = groupProps(network, fleet);
  // AWS wants it above the timeout, which is the fleet's own.
  const interval = Duration.seconds(Math.max(5, fleet.healthCheckTimeoutSeconds + 1));
  return new elbv2.ApplicationTargetGroup(scope, 'GateTargets', {
    ...props,
    deregistrationDelay: Duration.seconds(0),
    healthCheck: { ...healthCheck, interval, healthyThresholdCount: 2 },
    targetGroupHealth: { dnsMinimumHealthyTargetCount: 0 },
  });
};

/**
 * The same as the fleet's own group, but without stickiness, whose cookie would replace that of the fleet's group; and Route 53 does not
 * judge the load balancer by it: it is empty between deploys, and a group without a healthy target would send every user to another Region.
 */
const drainGroup = (scope: Construct, { network }: WebFrontProps, fleet: FleetWithTargetGroup): elbv2.ApplicationTargetGroup =>
  new elbv2.ApplicationTargetGroup(scope, 'DrainTargets', {
    ...groupProps(network, fleet),
    // In the template 0 is `off`.
    targetGroupHealth: { dnsMinimumHealthyTargetCount: 0 },
  });

function createTargetGroup(
  scope: Construct,
  { config, fleetName, network }: WebFrontProps,
  fleet: FleetWithTargetGroup,
): elbv2.ApplicationTargetGroup {
  return new elbv2.ApplicationTargetGroup(scope, 'Targets', {
    ...groupProps(network, fleet),
    targetGroupName: targetGroupName(config.installation, fleetName),
    targets: existingTargets(fleet),
    ...(isStickyFleet(fleet) && { stickinessCookieDuration: STICKINESS }),
  });
}

function groupProps({ vpc }: Network, fleet: FleetWithTargetGroup): elbv2.ApplicationTargetGroupProps {
  return {
    vpc,
    port: fleet.port,
    protocol: elbv2.ApplicationProtocol.HTTP,
    targetType: fleet.members === 'ip' ? elbv2.TargetType.IP : elbv2.TargetType.INSTANCE,
    deregistrationDelay: Duration.seconds(fleet.deploy.deregistrationDelaySeconds),
    healthCheck: {
      path: fleet.healthPath,
      healthyHttpCodes: fleet.healthStatus,
      interval: Duration.seconds(fleet.healthCheckIntervalSeconds),
      timeout: Duration.seconds(fleet.healthCheckTimeoutSeconds),
      healthyThresholdCount: fleet.healthyThreshold,
      unhealthyThresholdCount: fleet.unhealthyThreshold,
    },
  };
}

/** Existing members are registered in a created target group from the start: they serve before the first deploy. */
function existingTargets({ existing = {} }: FleetConfig): elbv2.IApplicationLoadBalancerTarget[] {
  return [
    ...(existing.instanceIds ?? []).map((id) => new targets.InstanceIdTarget(id)),
    ...(existing.nodes ?? []).map(({ ip, port, availabilityZone }) => new targets.IpTarget(ip, port, availabilityZone)),
  ];
}

function createLoadBalancer(
  scope: Construct,
  { config, fleetName, network, securityGroup }: WebFrontProps,
  fleet: FleetWithLoadBalancer,
  targetGroup: elbv2.ApplicationTargetGroup,
): DrainRulePlace {
  const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', {
    loadBalancerName: targetGroupName(config.installation, fleetName),
    vpc: network.vpc,
    vpcSubnets: network.webSubnets,
    internetFacing: true,
    ...(securityGroup && { securityGroup }),
    idleTimeout: Duration.seconds(60),
    dropInvalidHeaderFields: true,
  });
  // On, it would make the rollback of a first creation fail; mentioned, each update would turn off what you have turned on.
  loadBalancer.removeAttribute('deletion_protection.enabled');
  if (fleet.certificateArn) {
    const listener = loadBalancer.addListener('Https', {
      port: 443,
      protocol: elbv2.ApplicationProtocol.HTTPS,
      certificates: [elbv2.ListenerCertificate.fromArn(fleet.certificateArn)],
      sslPolicy: elbv2.SslPolicy.RECOMMENDED_TLS,
      defaultTargetGroups: [targetGroup],
    });
    loadBalancer.addListener('Http', {
      port: 80,
      defaultAction: elbv2.ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }),
    });
    return lastOf(listener);
  }
  return lastOf(loadBalancer.addListener('Http', { port: 80, defaultTargetGroups: [targetGroup] }));
}

const lastOf = ({ listenerArn, node }: elbv2.ApplicationListener): DrainRulePlace => ({
  listenerArn,
  listener: node.id,
  priority: LAST_PRIORITY,
  hosts: [],
  paths: [],
});

/** Adds a rule to an existing listener. The rule is deleted with the stack. */
function addRule(scope: Construct, { fleet, securityGroup }: WebFrontProps, targetGroup: elbv2.ApplicationTargetGroup): DrainRulePlace {
  const { listenerArn, listenerRule } = fleet.existing ?? {};
  const { priority, hosts, paths, drainPriority = priority - 1 } = listenerRule ?? { priority: 1, hosts: [], paths: [] };
  const listener = elbv2.ApplicationListener.fromApplicationListenerAttributes(scope, 'Listener', {
    listenerArn: listenerArn as string,
    // The CDK reads it only for created servers; the configuration's rules ensure that it is set for them.
    securityGroup: securityGroup as ec2.ISecurityGroup,
  });
  new elbv2.ApplicationListenerRule(scope, 'Rule', {
    listener,
    priority,
    conditions: [
      ...(hosts.length > 0 ? [elbv2.ListenerCondition.hostHeaders(hosts)] : []),
      ...(paths.length > 0 ? [elbv2.ListenerCondition.pathPatterns(paths)] : []),
    ],
    targetGroups: [targetGroup],
  });
  return { listenerArn: listenerArn as string, listener: listenerArn as string, priority: drainPriority, hosts, paths };
}
