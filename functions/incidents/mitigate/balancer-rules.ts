import {
  type Action,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  type Rule,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { FLEET_TAG, INCIDENT_TAG } from '../../shared/naming.ts';
import type { ListenerRule, ListenerRules, PageRule } from '../re-login/choose-rule.ts';

/** A rule as it was found. */
export interface FoundRule extends ListenerRule {
  readonly ruleArn: string;
  /** Id of the incident whose page it is. */
  readonly incidentId?: string;
}

export interface FoundListener extends ListenerRules {
  readonly rules: readonly FoundRule[];
}

/** Rules of the load balancers in front of a fleet. */
export interface BalancerRules {
  listenersOf(targetGroupArn: string): Promise<readonly FoundListener[]>;
  /** False when the priority was taken meanwhile. */
  create(page: PageRule, html: string, tags: PageTags, targetGroupArn: string): Promise<boolean>;
  /** Succeeds for a rule that no longer exists. */
  delete(ruleArn: string): Promise<void>;
}

export interface PageTags {
  /** Value of the tag `holdfast:fleet`. */
  readonly fleet: string;
  readonly incidentId: string;
}

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const TAGGED_AT_ONCE = 20;

export function createBalancerRules(client: Pick<ElasticLoadBalancingV2Client, 'send'>): BalancerRules {
  return {
    async listenersOf(targetGroupArn) {
      const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
      const listeners: Listener[] = [];
      for (const LoadBalancerArn of TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns)) {
        let Marker: string | undefined;
        do {
          const page = await client.send(new DescribeListenersCommand({ LoadBalancerArn, ...(Marker && { Marker }) }));
          listeners.push(...(page.Listeners ?? []));
          Marker = page.NextMarker;
        } while (Marker);
      }
      return Promise.all(listeners.map((listener) => placed(client, listener, targetGroupArn)));
    },
    async create(page, html, tags, targetGroupArn) {
      try {
        await client.send(new CreateRuleCommand(pageRule(page, html, tags, targetGroupArn)));
        return true;
      } catch (error) {
        if (isAwsError(error, 'PriorityInUse', 'PriorityInUseException')) return false;
        throw error;
      }
    },
    async delete(RuleArn) {
      try {
        await client.send(new DeleteRuleCommand({ RuleArn }));
      } catch (error) {
        if (!isAwsError(error, 'RuleNotFound', 'RuleNotFoundException')) throw error;
      }
    },
  };
}

/** The request that creates a rule: the page with 503, so that no cache or search engine keeps it, or one that spares a path. */
export const pageRule = (
  { listenerArn, priority, hosts, paths, spares }: PageRule,
  html: string,
  { fleet, incidentId }: PageTags,
  targetGroupArn: string,
) => ({
  ListenerArn: listenerArn,
  Priority: priority,
  Conditions: [
    ...(hosts.length > 0 ? [{ Field: 'host-header', HostHeaderConfig: { Values: [...hosts] } }] : []),
    ...(paths.length > 0 ? [{ Field: 'path-pattern', PathPatternConfig: { Values: [...paths] } }] : []),
  ],
  Actions: [
    spares
      ? { Type: 'forward' as const, TargetGroupArn: targetGroupArn }
      : { Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503', ContentType: 'text/html', MessageBody: html } },
  ],
  Tags: [
    { Key: FLEET_TAG, Value: fleet },
    { Key: INCIDENT_TAG, Value: incidentId },
  ],
});

async function placed(
  client: Pick<ElasticLoadBalancingV2Client, 'send'>,
  { ListenerArn: listenerArn = '', DefaultActions = [] }: Listener,
  targetGroupArn: string,
): Promise<FoundListener> {
  const found: Rule[] = [];
  let Marker: string | undefined;
  do {
    const page = await client.send(new DescribeRulesCommand({ ListenerArn: listenerArn, ...(Marker && { Marker }) }));
    found.push(...(page.Rules ?? []).filter(({ Priority }) => Priority !== 'default'));
    Marker = page.NextMarker;
  } while (Marker);
  const incidents = await incidentsOf(
    client,
    found.map(({ RuleArn = '' }) => RuleArn),
  );
  const rules = found.map(({ RuleArn: ruleArn = '', Priority, Conditions = [], Actions }): FoundRule => {
    const incidentId = incidents.get(ruleArn);
    return {
      ruleArn,
      priority: Number(Priority),
      hosts: Conditions.flatMap(({ HostHeaderConfig }) => HostHeaderConfig?.Values ?? []),
      paths: Conditions.flatMap(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []),
      forwards: forwards(Actions, targetGroupArn),
      ...((hasMore(Actions) || Conditions.some(({ Field = '' }) => !BY_PLACE.includes(Field))) && { guarded: true }),
      ...(incidentId && { incidentId }),
    };
  });
  return {
    listenerArn,
    forwardsByDefault: forwards(DefaultActions, targetGroupArn),
    ...(hasMore(DefaultActions) && { guardedByDefault: true }),
    rules,
  };
}

const BY_PLACE = ['host-header', 'path-pattern'];
/** An action before the forwarding one: the load balancer authenticates users. */
const hasMore = (actions: readonly Action[] = []): boolean => actions.some(({ Type }) => Type !== 'forward');

const forwards = (actions: readonly Action[] = [], arn: string): boolean =>
  actions.some(
    ({ TargetGroupArn, ForwardConfig }) => TargetGroupArn === arn || ForwardConfig?.TargetGroups?.some((one) => one.TargetGroupArn === arn),
  );

async function incidentsOf(
  client: Pick<ElasticLoadBalancingV2Client, 'send'>,
  ruleArns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (let at = 0; at < ruleArns.length; at += TAGGED_AT_ONCE) {
    const ResourceArns = ruleArns.slice(at, at + TAGGED_AT_ONCE);
    const { TagDescriptions = [] } = await client.send(new DescribeTagsCommand({ ResourceArns }));
    for (const { ResourceArn = '', Tags = [] } of TagDescriptions) {
      const incidentId = Tags.find(({ Key }) => Key === INCIDENT_TAG)?.Value;
      if (incidentId !== undefined) found.set(ResourceArn, incidentId);
    }
  }
  return found;
}
