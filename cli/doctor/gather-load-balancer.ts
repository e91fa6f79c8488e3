/** The load balancer in front of a fleet: target group, listeners, certificates, and the rules that deploys and incidents change. */

import { type ACMClient, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { type CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeAccountLimitsCommand,
  DescribeListenerCertificatesCommand,
  DescribeLoadBalancerAttributesCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  paginateDescribeListeners,
  paginateDescribeRules,
  paginateDescribeTargetGroups,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type {
  CertificateFacts,
  DrainFacts,
  ListenerFacts,
  LoadBalancerFacts,
  ShownPage,
  TargetGroupFacts,
} from '../../functions/checks/facts.ts';
import { usedCertificates } from '../../functions/checks/front.ts';
import type { DrainArns, Subject } from '../../functions/checks/subject.ts';
import { ENV } from '../../functions/deploy/contract/environment.ts';
import { type IncidentRecord, SENT } from '../../functions/incidents/contract/incident.ts';
import type { MitigationName } from '../../functions/incidents/contract/mitigations.ts';
import { placeOf, receivers } from '../../functions/incidents/mitigate/balancer-rules.ts';
import { mitigationsOf } from '../../functions/incidents/report/describe-mitigations.ts';
import { createAttributesReader, describeTags } from '../../functions/shared/aws/attributes-reader.ts';
import { createDrainGroupsReader, createDrainRule } from '../../functions/shared/aws/drain-rule.ts';
import { DRAIN_ENV } from '../../functions/shared/aws/drain-rule-contract.ts';
import { createListenerRuleList } from '../../functions/shared/aws/listener-rule-list.ts';
import { createTargetGroup } from '../../functions/shared/aws/target-group.ts';
import { FLEET_TAG, fleetTagValue, INCIDENT_TAG } from '../../functions/shared/naming.ts';
import type { Clients } from './clients.ts';
import { aboutResource, allOf, andThen, known, type Lookup, type Lookups, lookUp, NotFound, SKIPPED } from './lookup.ts';

type OfGroup = 'targetGroup' | 'attributes' | 'targets' | 'registersWith' | 'targetGroupCounts';
type OfFront = 'loadBalancer' | 'idleTimeoutSeconds' | 'listeners' | 'limits';

/** Target group, its load balancer with listeners and rules, and how much of the quotas is used. */
export async function gatherLoadBalancing(elb: ElasticLoadBalancingV2Client, subject: Subject): Promise<Pick<Lookups, OfGroup | OfFront>> {
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
  const [idleTimeoutSeconds, listeners, targetGroupCounts] = await Promise.all([
    andThen(loadBalancer, (one) => readIdleTimeout(elb, one)),
    andThen(loadBalancer, (one) => readListeners(elb, one, targetGroup, subject)),
    andThen(loadBalancer, (one) => countTargetGroups(elb, one)),
  ]);
  const ofFront = { loadBalancer, idleTimeoutSeconds, listeners };
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

const readIdleTimeout = (elb: ElasticLoadBalancingV2Client, { arn }: LoadBalancerFacts) =>
  lookUp(of('attributes', arn, 'DescribeLoadBalancerAttributes'), async () => {
    const { Attributes = [] } = await elb.send(new DescribeLoadBalancerAttributesCommand({ LoadBalancerArn: arn }));
    return Number(Attributes.find(({ Key }) => Key === 'idle_timeout.timeout_seconds')?.Value);
  });

function readListeners(
  elb: ElasticLoadBalancingV2Client,
  { arn }: LoadBalancerFacts,
  targetGroup: Lookup<TargetGroupFacts>,
  { hosts }: Subject,
): Promise<Lookups['listeners']> {
  const groupArn = known(targetGroup)?.arn ?? '';
  return lookUp(
    of(
      'listeners and rules',
      arn,
      'DescribeListeners, elasticloadbalancing:DescribeListenerCertificates and elasticloadbalancing:DescribeRules',
    ),
    async () => {
      const listeners = await allOf(paginateDescribeListeners({ client: elb }, { LoadBalancerArn: arn }), (page) => page.Listeners);
      return Promise.all(listeners.map(async (one) => withRules(elb, hosts.length > 0 ? await withCertificates(elb, one) : one, groupArn)));
    },
  );
}

/** With those that the listener has for single host names: DescribeListeners returns the default one alone. */
async function withCertificates(elb: ElasticLoadBalancingV2Client, listener: Listener): Promise<Listener> {
  if (listener.Protocol !== 'HTTPS') return listener;
  const { Certificates } = await elb.send(new DescribeListenerCertificatesCommand({ ListenerArn: listener.ListenerArn, PageSize: 400 }));
  return { ...listener, Certificates };
}

/** A listener, with its rules about a target group. */
export async function withRules(elb: ElasticLoadBalancingV2Client, listener: Listener, groupArn: string): Promise<ListenerFacts> {
  const rules = await allOf(paginateDescribeRules({ client: elb }, { ListenerArn: listener.ListenerArn }), (page) => page.Rules);
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
const readLimits = (elb: ElasticLoadBalancingV2Client): Promise<Lookups['limits']> =>
  lookUp(of('quotas', 'Elastic Load Balancing', 'DescribeAccountLimits'), async () => {
    const { Limits = [] } = await elb.send(new DescribeAccountLimitsCommand({ PageSize: 400 }));
    return Object.fromEntries(Limits.map(({ Name = '', Max }) => [Name, Number(Max)]));
  });

const countTargetGroups = (elb: ElasticLoadBalancingV2Client, { arn }: LoadBalancerFacts): Promise<Lookups['targetGroupCounts']> =>
  lookUp(of('target groups', arn, 'DescribeTargetGroups'), async () => {
    const groups = await allOf(paginateDescribeTargetGroups({ client: elb }, {}), (page) => page.TargetGroups);
    return {
      ofAccount: groups.length,
      ofLoadBalancer: groups.filter(({ LoadBalancerArns = [] }) => LoadBalancerArns.includes(arn)).length,
    };
  });

/** What ACM knows of those certificates; ACM does not describe certificates that are stored in IAM. */
export function gatherCertificates(acm: ACMClient, subject: Subject, listeners: Lookups['listeners']): Promise<Lookups['certificates']> {
  return Promise.all(
    usedCertificates(subject, known(listeners))
      // ACM would report that a certificate of another Region does not exist.
      .filter((arn) => arn.split(':')[2] === 'acm' && arn.split(':')[3] === subject.region)
      .map((arn) => {
        const about = { named: true, absentOn: ['ResourceNotFoundException'] };
        return lookUp(aboutResource('certificate', arn, 'acm:DescribeCertificate', about), () => describe(acm, arn));
      }),
  );
}

async function describe(acm: ACMClient, arn: string): Promise<CertificateFacts> {
  const { Certificate: certificate } = await acm.send(new DescribeCertificateCommand({ CertificateArn: arn }));
  if (!certificate) throw new NotFound();
  return {
    arn,
    status: certificate.Status ?? '',
    notAfterMs: certificate.NotAfter?.getTime(),
    domains: [...new Set([certificate.DomainName ?? '', ...(certificate.SubjectAlternativeNames ?? [])])].filter((name) => name !== ''),
    renewedByAcm: certificate.RenewalEligibility === 'ELIGIBLE',
  };
}

const DAY_SECONDS = 86_400;

/**
 * Longest time that a target took to start its response, in the last day.
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function gatherLongestResponse(
  cloudWatch: CloudWatchClient,
  { targetGroup, loadBalancer, nowMs }: Pick<Lookups, 'targetGroup' | 'loadBalancer'> & { readonly nowMs: number },
): Promise<Lookups['longestResponseSeconds']> {
  return andThen(targetGroup, (group) =>
    andThen(loadBalancer, (front): Promise<Lookup<number | undefined>> => {
      const dimensions = [
        { Name: 'TargetGroup', Value: group.arn.split(':').at(-1) },
        { Name: 'LoadBalancer', Value: front.arn.split(':loadbalancer/').at(-1) },
      ];
      const about = { what: `response times of ${group.name}`, resource: group.arn, action: 'cloudwatch:GetMetricStatistics' };
      return lookUp(about, async () => {
        const { Datapoints = [] } = await cloudWatch.send(
          new GetMetricStatisticsCommand({
            Namespace: 'AWS/ApplicationELB',
            MetricName: 'TargetResponseTime',
            Dimensions: dimensions,
            StartTime: new Date(nowMs - DAY_SECONDS * 1_000),
            EndTime: new Date(nowMs),
            Period: 3_600,
            Statistics: ['Maximum'],
          }),
        );
        const seconds = Datapoints.flatMap(({ Maximum }) => Maximum ?? []);
        return seconds.length === 0 ? undefined : Math.max(...seconds);
      });
    }),
  );
}

const RULE_ABSENT = ['RuleNotFoundException', 'RuleNotFound', 'ListenerNotFoundException', 'ListenerNotFound'];

interface Arns extends DrainArns {
  readonly targetGroupArn: string;
}

/** The rule and the group by which deploys keep a server's sessions on it. */
export async function gatherDrainRule(
  elb: ElasticLoadBalancingV2Client,
  lambda: LambdaClient,
  { sessionDrain, targetGroup }: Subject,
): Promise<Lookup<DrainFacts>> {
  if (!sessionDrain) return SKIPPED;
  const { existing } = sessionDrain;
  const front: Lookup<Arns> = existing
    ? { state: 'known', value: { ...existing, targetGroupArn: targetGroup.id } }
    : await createdFront(lambda, sessionDrain.function);
  if (front.state !== 'known') return front;
  const { ruleArn, drainTargetGroupArn } = front.value;
  const about = { named: existing !== undefined, absentOn: RULE_ABSENT };
  return lookUp(aboutResource('drain rule', ruleArn, 'elasticloadbalancing:DescribeRules', about), async () => {
    const [rules, pinned, targets, groups] = await Promise.all([
      createListenerRuleList(elb, ruleArn)(),
      createDrainRule(elb, { ruleArn, drainTargetGroupArn }).read(),
      createTargetGroup(elb, drainTargetGroupArn).describeHealth(),
      createDrainGroupsReader(elb, front.value)(),
    ]);
    if (!rules.some(({ arn }) => arn === ruleArn)) throw new NotFound();
    return { ruleArn, drainTargetGroupArn, rules, ...(pinned !== undefined && { pinned }), targets, groups };
  });
}

/** A rule that the template created: its ARN is in the environment of the function that changes it. */
function createdFront(lambda: LambdaClient, functionName: string): Promise<Lookup<Arns>> {
  const about = aboutResource('function', functionName, 'lambda:GetFunctionConfiguration', { absentOn: ['ResourceNotFoundException'] });
  return lookUp(about, async () => {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
    const ruleArn = Environment?.Variables?.[DRAIN_ENV.drainRuleArn];
    const drainTargetGroupArn = Environment?.Variables?.[DRAIN_ENV.drainTargetGroupArn];
    const targetGroupArn = Environment?.Variables?.[ENV.targetGroupArn];
    if (ruleArn === undefined || drainTargetGroupArn === undefined || targetGroupArn === undefined) throw new NotFound();
    return { ruleArn, drainTargetGroupArn, targetGroupArn };
  });
}

const PAGE: MitigationName = 're-login-page';

/** The re-login pages that users of the fleet get now, and whether an incident's record knows of each. */
export function gatherShownPages(
  { elb, incidents }: Pick<Clients, 'elb' | 'incidents'>,
  { fleet, installation, recordsTable }: Subject,
  listeners: Lookups['listeners'],
): Promise<Lookups['shownPages']> {
  return andThen(listeners, (found) => {
    const rules = found.flatMap(({ fixedResponses }) => fixedResponses);
    const about = {
      what: `pages that incidents show, in the tags of rules and in table ${recordsTable}`,
      resource: recordsTable,
      action: 'elasticloadbalancing:DescribeTags and dynamodb:GetItem',
    };
    return lookUp(about, async () => {
      const tags = await describeTags(
        elb,
        rules.map(({ ruleArn }) => ruleArn),
      );
      const pages = rules.flatMap((rule) => {
        const ofRule = tags.get(rule.ruleArn);
        const incidentId = ofRule?.get(INCIDENT_TAG);
        return incidentId !== undefined && ofRule?.get(FLEET_TAG) === fleetTagValue(installation, fleet) ? [{ ...rule, incidentId }] : [];
      });
      return Promise.all(
        pages.map(async (page): Promise<ShownPage> => ({ ...page, isHeld: holds(await incidents.getIncident(page.incidentId), fleet) })),
      );
    });
  });
}

/** An incident of the store has a mitigation for each fleet: `re-login-page@web`. */
const holds = (incident: IncidentRecord | undefined, fleet: string): boolean =>
  incident !== undefined &&
  incident.closedAtMs === undefined &&
  mitigationsOf(incident).some(
    ([, { name, state, target }]) => name === PAGE && SENT.includes(state) && (target.fleet === undefined || target.fleet === fleet),
  );
