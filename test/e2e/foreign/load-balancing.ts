/** The shop's load balancer: a listener and a target group for each kind of servers, and a listener that has a rule of its own. */
import { LISTENERS, ON_PREMISES, SERVER_PORT } from './names.ts';

export const loadBalancing = (): object => ({
  LoadBalancer: {
    Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    Properties: {
      Name: 'foreign-shop',
      Type: 'application',
      Scheme: 'internet-facing',
      Subnets: [{ Ref: 'WebSubnetA' }, { Ref: 'WebSubnetB' }],
      SecurityGroups: [{ 'Fn::GetAtt': ['LoadBalancerSecurityGroup', 'GroupId'] }],
      LoadBalancerAttributes: [{ Key: 'idle_timeout.timeout_seconds', Value: '65' }],
      Tags: [{ Key: 'owner', Value: 'shop' }],
    },
  },
  AsgTargets: targetGroup('foreign-asg', 'instance', {
    'stickiness.enabled': 'true',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '3600',
  }),
  PlainTargets: targetGroup(
    'foreign-plain',
    'instance',
    { 'load_balancing.algorithm.type': 'least_outstanding_requests' },
    ['Instance1', 'Instance2', 'Instance3'].map((instance) => ({ Id: { Ref: instance }, Port: SERVER_PORT })),
  ),
  EdgeTargets: targetGroup(
    'foreign-edge',
    'ip',
    {},
    ON_PREMISES.map((Id) => ({ Id, Port: SERVER_PORT, AvailabilityZone: 'all' })),
  ),
  AsgListener: listener(LISTENERS.asg, forwardTo('AsgTargets')),
  PlainListener: listener(LISTENERS.plain, forwardTo('PlainTargets')),
  EdgeListener: listener(LISTENERS.edge, forwardTo('EdgeTargets')),
  OpenListener: listener(LISTENERS.open, {
    Type: 'fixed-response',
    FixedResponseConfig: { StatusCode: '404', ContentType: 'text/plain', MessageBody: 'no such shop' },
  }),
  OpenRule: {
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: { Ref: 'OpenListener' },
      Priority: 20,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/old/*'] } }],
      Actions: [{ Type: 'redirect', RedirectConfig: { StatusCode: 'HTTP_301', Path: '/' } }],
    },
  },
});

const forwardTo = (targetGroup: string): object => ({ Type: 'forward', TargetGroupArn: { Ref: targetGroup } });

const listener = (Port: number, action: object): object => ({
  Type: 'AWS::ElasticLoadBalancingV2::Listener',
  Properties: { LoadBalancerArn: { Ref: 'LoadBalancer' }, Port, Protocol: 'HTTP', DefaultActions: [action] },
});

function targetGroup(Name: string, TargetType: string, attributes: Record<string, string>, Targets?: object[]): object {
  return {
    Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    Properties: {
      Name,
      VpcId: { Ref: 'Vpc' },
      TargetType,
      Port: SERVER_PORT,
      Protocol: 'HTTP',
      HealthCheckPath: '/live',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 3,
      TargetGroupAttributes: Object.entries({ 'deregistration_delay.timeout_seconds': '30', ...attributes }).map(([Key, Value]) => ({
        Key,
        Value,
      })),
      Tags: [{ Key: 'owner', Value: 'shop' }],
      ...(Targets && { Targets }),
    },
  };
}
