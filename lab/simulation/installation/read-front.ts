/** The group of servers, what routes requests to them, and the alarms that deploys watch. */
import type { Alarm, AutoScalingGroup, Installation, ListenerRule, TargetGroup } from './installation.ts';
import { only } from './only.ts';
import type { ResolvedResource, Templates } from './resolve.ts';

type Front = Pick<Installation, 'group' | 'targetGroup' | 'ownRule' | 'drain' | 'alarms'>;

/** The group, target group, drain group and alarms that the templates create. */
export function readFront(templates: Templates, alarmNames: readonly string[]): Front {
  const loadBalancer = readLoadBalancer(templates);
  const groups = templates.all('AWS::ElasticLoadBalancingV2::TargetGroup');
  // The fleet's own has a name.
  const [named, unnamed] = [groups.filter((one) => one.get('Name') !== undefined), groups.filter((one) => one.get('Name') === undefined)];
  const own = only(named, 'target group');
  const ownRule = readRule(templates, own);
  const [drain] = unnamed;
  const drainRule = drain && readRule(templates, drain);
  return {
    group: readGroup(only(templates.all('AWS::AutoScaling::AutoScalingGroup'), 'Auto Scaling group')),
    targetGroup: readTargetGroup(own, loadBalancer),
    ...(ownRule && { ownRule }),
    ...(drain && drainRule && { drain: { targetGroup: readTargetGroup(drain, loadBalancer), rule: drainRule } }),
    alarms: readAlarms(templates, alarmNames),
  };
}

/** @returns its full name; one that existed before has the listener that the rules are added to */
function readLoadBalancer(templates: Templates): string {
  const [created] = templates.all('AWS::ElasticLoadBalancingV2::LoadBalancer');
  if (created) return created.ref().split(':loadbalancer/')[1] as string;
  const listeners = templates.all('AWS::ElasticLoadBalancingV2::ListenerRule').map((rule) => rule.text('ListenerArn'));
  return only([...new Set(listeners)], 'listener').replace(/^.*:listener\/|\/[^/]*$/g, '');
}

/** The listener's rule that forwards to this group. */
function readRule(templates: Templates, group: ResolvedResource): ListenerRule | undefined {
  const rule = templates.all('AWS::ElasticLoadBalancingV2::ListenerRule').find((one) => {
    const actions = one.get('Actions') as readonly { readonly TargetGroupArn?: string }[];
    return actions.some(({ TargetGroupArn }) => TargetGroupArn === group.ref());
  });
  return rule && { arn: rule.ref(), priority: rule.get('Priority') as number, conditions: rule.get('Conditions') as unknown[] };
}

/** What existed before Holdfast is in no template: it is like what Holdfast creates, behind the load balancer that the alarms name. */
export function existingFront(templates: Templates, alarmNames: readonly string[], targetGroupArn: string): Front {
  const alarms = readAlarms(templates, alarmNames);
  const names = new Set(templates.all('AWS::AutoScaling::LifecycleHook').map((hook) => hook.text('AutoScalingGroupName')));
  return {
    group: {
      name: only([...names], 'Auto Scaling group with hooks'),
      minSize: 3,
      maxSize: 5,
      desiredCapacity: 3,
      healthCheckType: 'ELB',
      gracePeriodSeconds: 300,
    },
    targetGroup: {
      arn: targetGroupArn,
      fullName: targetGroupArn.slice(targetGroupArn.indexOf('targetgroup/')),
      loadBalancerFullName: alarms[0]?.dimensions?.['LoadBalancer'] as string,
      port: 8080,
      healthCheck: { path: '/live', intervalSeconds: 10, timeoutSeconds: 5, healthyThreshold: 2, unhealthyThreshold: 3, codes: '200' },
      deregistrationDelaySeconds: 30,
      attributes: { 'deregistration_delay.timeout_seconds': '30', 'stickiness.enabled': 'false' },
    },
    alarms,
  };
}

function readGroup(group: ResolvedResource): AutoScalingGroup {
  const minSize = Number(group.get('MinSize'));
  return {
    name: group.ref(),
    minSize,
    maxSize: Number(group.get('MaxSize')),
    desiredCapacity: Number(group.get('DesiredCapacity') ?? minSize),
    healthCheckType: group.text('HealthCheckType'),
    gracePeriodSeconds: group.get('HealthCheckGracePeriod') as number,
  };
}

function readTargetGroup(group: ResolvedResource, loadBalancerFullName: string): TargetGroup {
  const arn = group.ref();
  const attributes = Object.fromEntries(
    (group.get('TargetGroupAttributes') as { readonly Key: string; readonly Value: string }[]).map(({ Key, Value }) => [Key, Value]),
  );
  return {
    arn,
    fullName: arn.slice(arn.indexOf('targetgroup/')),
    loadBalancerFullName,
    port: group.get('Port') as number,
    healthCheck: {
      path: group.text('HealthCheckPath'),
      intervalSeconds: group.get('HealthCheckIntervalSeconds') as number,
      timeoutSeconds: group.get('HealthCheckTimeoutSeconds') as number,
      healthyThreshold: group.get('HealthyThresholdCount') as number,
      unhealthyThreshold: group.get('UnhealthyThresholdCount') as number,
      codes: (group.get('Matcher') as { readonly HttpCode: string }).HttpCode,
    },
    // AWS's own default is 300.
    deregistrationDelaySeconds: Number(attributes['deregistration_delay.timeout_seconds'] ?? 300),
    attributes,
  };
}

function readAlarms(templates: Templates, names: readonly string[]): Alarm[] {
  const all = templates.all('AWS::CloudWatch::Alarm');
  return names.map((name) => {
    const alarm = only(
      all.filter((one) => one.get('AlarmName') === name),
      `alarm ${name}`,
    );
    const queries = alarm.get('Metrics') as readonly unknown[] | undefined;
    const dimensions = (alarm.get('Dimensions') ?? []) as { readonly Name: string; readonly Value: string }[];
    return {
      name,
      ...(queries
        ? { queries }
        : {
            namespace: alarm.text('Namespace'),
            metricName: alarm.text('MetricName'),
            dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])),
            statistic: alarm.text('Statistic'),
            periodSeconds: alarm.get('Period') as number,
          }),
      evaluationPeriods: alarm.get('EvaluationPeriods') as number,
      datapointsToAlarm: alarm.get('DatapointsToAlarm') as number,
      threshold: alarm.get('Threshold') as number,
      comparisonOperator: alarm.text('ComparisonOperator'),
      treatMissingData: alarm.text('TreatMissingData'),
    };
  });
}
