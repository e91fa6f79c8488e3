import {
  DescribeAccountLimitsCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  paginateDescribeListeners,
  paginateDescribeRules,
  paginateDescribeTargetGroups,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { placeOf, receivers } from '../../../functions/incidents/mitigate/balancer-rules.ts';
import { createAttributesReader } from '../../../functions/shared/aws/attributes-reader.ts';
import { createTargetGroup } from '../../../functions/shared/aws/target-group.ts';
import { aboutResource, andThen, known, type Lookup, lookUp, NotFound, part, SKIPPED } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { ListenerFacts, LoadBalancerFacts, LoadBalancingLookups, TargetGroupFacts } from './load-balancing-facts.ts';

/** Certificates, response times and the drain rule are looked up elsewhere. */
type Found = Omit<LoadBalancingLookups, 'certificates' | 'longestResponseSeconds' | 'drain'>;

/** Target group, its load balancer with listeners and rules, and how much of the quotas is used. */
export async function gatherLoadBalancing(elb: ElasticLoadBalancingV2Client, subject: Subject): Promise<Found> {
  const [targetGroup, limits] = await Promise.all([readTargetGroup(elb, subject), readLimits(elb)]);
  const [attributes, targets, registersWith, loadBalancer] = await Promise.all([
    andThen(targetGroup, ({ arn }) => lookUp(of('attributes', arn, 'DescribeTargetGroupAttributes'), createAttributesReader(elb, arn))),
    andThen(targetGroup, ({ arn }) =>
      lookUp(of('targets', arn, 'DescribeTargetHealth'), () => createTargetGroup(elb, arn).describeHealth()),
    ),
    subject.members === 'autoScalingGroup'
      ? SKIPPED
      : andThen(targetGroup, ({ arn }) =>
          lookUp(of('other target groups', arn, 'DescribeTargetHealth'), () => createTargetGroup(elb, arn).registersWith()),
        ),
    readLoadBalancer(elb, subject, targetGroup),
  ]);
  const [ofLoadBalancer, listeners, targetGroupCounts] = await Promise.all([
    andThen(loadBalancer, (one) => readLoadBalancerAttributes(elb, one)),
    andThen(loadBalancer, (one) => readListeners(elb, one, targetGroup)),
    andThen(loadBalancer, (one) => countTargetGroups(elb, one)),
  ]);
  const idleTimeoutSeconds = part(ofLoadBalancer, (one) => one.idleTimeoutSeconds);
  const loadBalancerProtection = part(ofLoadBalancer, (one) => one.isProtected);
  const ofFront = { loadBalancer, idleTimeoutSeconds, loadBalancerProtection, listeners };
  return { targetGroup, attributes, targets, registersWith, ...ofFront, limits, targetGroupCounts };
}

const of = (things: string, resource: string, operation: string) =>
  aboutResource(`${things} of`, resource, `elasticloadbalancing:${operation}`);

function readTargetGroup(elb: ElasticLoadBalancingV2Client, { targetGroup: { id, named } }: Subject): Promise<Lookup<TargetGroupFacts>> {
  const about = { named, absentOn: ['TargetGroupNotFoundException', 'TargetGroupNotFound'] };
  return lookUp(aboutResource('target group', id, 'elasticloadbalancing:DescribeTargetGroups', about), async () => {
    const { TargetGroups } = await elb.send(new DescribeTargetGroupsCommand(named ? { TargetGroupArns: [id] } : { Names: [id] }));
    const group = TargetGroups?.[0];
    if (!group?.TargetGroupArn) throw new NotFound();
    return {
      arn: group.TargetGroupArn,
      name: group.TargetGroupName ?? id,
      targetType: group.TargetType ?? 'instance',
      port: group.Port ?? 0,
      healthPath: group.HealthCheckPath ?? '',
      healthStatus: group.Matcher?.HttpCode ?? '',
      loadBalancerArns: group.LoadBalancerArns ?? [],
    };
  });
}

/** The load balancer that the configuration names, or else the one in front of the target group. */
async function readLoadBalancer(
  elb: ElasticLoadBalancingV2Client,
  { loadBalancerArn }: Subject,
  targetGroup: Lookup<TargetGroupFacts>,
): Promise<Lookup<LoadBalancerFacts>> {
  const arn = loadBalancerArn ?? known(targetGroup)?.loadBalancerArns[0];
  if (arn === undefined) return SKIPPED;
  const about = { named: loadBalancerArn !== undefined, absentOn: ['LoadBalancerNotFoundException', 'LoadBalancerNotFound'] };
  return lookUp(aboutResource('load balancer', arn, 'elasticloadbalancing:DescribeLoadBalancers', about), async () => {
    const { LoadBalancers } = await elb.send(new DescribeLoadBalancersCommand({ LoadBalancerArns: [arn] }));
    const found = LoadBalancers?.[0];
    if (!found) throw new NotFound();
    return { arn, name: found.LoadBalancerName ?? arn, securityGroupIds: found.SecurityGroups ?? [] };
  });
}

const readLoadBalancerAttributes = (elb: ElasticLoadBalancingV2Client, { arn }: LoadBalancerFacts) =>
  lookUp(of('attributes', arn, 'DescribeLoadBalancerAttributes'), async () => {
    const { Attributes = [] } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }));
    const value = (key: string) => Attributes.find(({ Key }) => Key === key)?.Value;
    return {
      idleTimeoutSeconds: Number(value('idle_timeout.timeout_seconds')),
      isProtected: value('deletion_protection.enabled') === 'true',
    };
  });

function readListeners(
  elb: ElasticLoadBalancingV2Client,
  { arn }: LoadBalancerFacts,
  targetGroup: Lookup<TargetGroupFacts>,
): Promise<LoadBalancingLookups['listeners']> {
  const groupArn = known(targetGroup)?.arn ?? '';
  return lookUp(of('listeners and rules', arn, 'DescribeListeners and elasticloadbalancing:DescribeRules'), async () => {
    const listeners: Listener[] = [];
    for await (const page of paginateDescribeListeners({ client: elb }, { LoadBalancerArn: arn }))
      listeners.push(...(page.Listeners ?? []));
    return Promise.all(listeners.map((listener) => withRules(elb, listener, groupArn)));
  });
}

async function withRules(elb: ElasticLoadBalancingV2Client, listener: Listener, groupArn: string): Promise<ListenerFacts> {
  const rules: Rule[] = [];
  for await (const page of paginateDescribeRules({ client: elb }, { ListenerArn: listener.ListenerArn })) rules.push(...(page.Rules ?? []));
  const own = rules.filter(({ IsDefault }) => !IsDefault);
  const routes = placeOf(listener, own, groupArn);
  // The default action is a rule too, and comes with the others.
  const shared = rules.map(({ Actions }) => receivers(Actions)).filter((all) => all.some((one) => one.TargetGroupArn === groupArn));
  const others = shared.flat().flatMap(({ TargetGroupArn = groupArn, Weight }) => (Weight === 0 ? [] : TargetGroupArn));
  return {
    arn: routes.listenerArn,
    port: listener.Port ?? 0,
    protocol: listener.Protocol ?? '',
    certificateArns: (listener.Certificates ?? []).flatMap(({ CertificateArn }) => CertificateArn ?? []),
    rules: own.length,
    forwards: routes.forwardsByDefault || routes.rules.some(({ forwards }) => forwards),
    alsoForwardsTo: [...new Set(others)].filter((arn) => arn !== groupArn),
    routes,
    fixedResponses: own
      .filter(({ Actions = [] }) => Actions.some(({ Type }) => Type === 'fixed-response'))
      .map(({ RuleArn: ruleArn = '', Priority }) => ({ ruleArn, priority: Number(Priority) })),
  };
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Limit.html */
const readLimits = (elb: ElasticLoadBalancingV2Client): Promise<LoadBalancingLookups['limits']> =>
  lookUp(of('quotas', 'Elastic Load Balancing', 'DescribeAccountLimits'), async () => {
    const { Limits = [] } = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 400 }));
    return Object.fromEntries(Limits.map(({ Name = '', Max }) => [Name, Number(Max)]));
  });

const countTargetGroups = (
  elb: ElasticLoadBalancingV2Client,
  { arn }: LoadBalancerFacts,
): Promise<LoadBalancingLookups['targetGroupCounts']> =>
  lookUp(of('target groups', arn, 'DescribeTargetGroups'), async () => {
    const groups: (readonly string[])[] = [];
    for await (const page of paginateDescribeTargetGroups({ client: elb }, {}))
      groups.push(...(page.TargetGroups ?? []).map(({ LoadBalancerArns = [] }) => LoadBalancerArns));
    return { ofAccount: groups.length, ofLoadBalancer: groups.filter((arns) => arns.includes(arn)).length };
  });
