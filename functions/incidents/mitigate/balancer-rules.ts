import {
  type Action,
  CreateRuleCommand,
  DeleteRuleCommand,
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTargetGroupsCommand,
  type ElasticLoadBalancingV2Client,
  type Listener,
  type Rule,
  type RuleCondition,
  type TargetGroupTuple,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeTags } from '../../shared/aws/attributes-reader.ts';
import { isAwsError } from '../../shared/aws/classify-aws-error.ts';
import { DRAIN_HEADER } from '../../shared/aws/drain-rule-contract.ts';
import { FLEET_TAG, INCIDENT_TAG } from '../../shared/naming.ts';
import type { ListenerRule, ListenerRules, PageRule } from '../re-login/choose-rule.ts';

/** Page by page. @param read reads the page that a marker leads to, or the first one */
export async function* pagesOf<Page extends { readonly Marker?: string; readonly NextMarker?: string }>(
  read: (from: { readonly Marker?: string }) => Promise<Page>,
): AsyncGenerator<Page> {
  let Marker: string | undefined;
  do {
    const page = await read({ ...(Marker && { Marker }) });
    yield page;
    Marker = page.NextMarker ?? page.Marker;
  } while (Marker);
}

export interface FoundRule extends ListenerRule {
  readonly ruleArn: string;
  /** Of a page: its incident's id, and the tag's value of the fleet that it is in front of. Several fleets can have one listener. */
  readonly page?: PageTags;
}

export interface FoundListener extends ListenerRules {
  readonly rules: readonly FoundRule[];
}

export interface BalancerRules {
  /** @param drainTargetGroupArn the group of the fleet's drain rule, if deploys wait for its sessions */
  listenersOf(targetGroupArn: string, drainTargetGroupArn?: string): Promise<readonly FoundListener[]>;
  listenerAt(listenerArn: string, targetGroupArn: string, drainTargetGroupArn?: string): Promise<FoundListener | undefined>;
  create(page: PageRule, html: string, tags: PageTags, targetGroupArn: string): Promise<boolean>;
  delete(ruleArn: string): Promise<void>;
}

export type PageTags = { readonly fleet: string; readonly incidentId: string };

export function createBalancerRules(client: Pick<ElasticLoadBalancingV2Client, 'send'>): BalancerRules {
  return {
    async listenersOf(targetGroupArn, drainTargetGroupArn) {
      const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [targetGroupArn] }));
      const listeners: Listener[] = [];
      for (const LoadBalancerArn of TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns)) {
        const pages = pagesOf((from) => client.send(new DescribeListenersCommand({ LoadBalancerArn, ...from })));
        for await (const { Listeners = [] } of pages) listeners.push(...Listeners);
      }
      return Promise.all(listeners.map((listener) => placed(client, listener, targetGroupArn, drainTargetGroupArn)));
    },
    async listenerAt(listenerArn, targetGroupArn, drainTargetGroupArn) {
      try {
        const { Listeners = [] } = await client.send(new DescribeListenersCommand({ ListenerArns: [listenerArn] }));
        const [listener] = Listeners;
        return listener && (await placed(client, listener, targetGroupArn, drainTargetGroupArn));
      } catch (error) {
        if (isAwsError(error, 'ListenerNotFound', 'ListenerNotFoundException')) return undefined;
        throw error;
      }
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
  drainTargetGroupArn?: string,
): Promise<FoundListener> {
  const found = await rulesOf(client, listenerArn);
  const place = placeOf({ ListenerArn: listenerArn, DefaultActions }, found, targetGroupArn, drainTargetGroupArn);
  const pages = new Map(found.map(({ RuleArn, page }) => [RuleArn, page]));
  const rules = place.rules.map((rule): FoundRule => {
    const page = pages.get(rule.ruleArn);
    return { ...rule, ...(page && { page }) };
  });
  return { ...place, rules };
}

type TaggedRule = Rule & { readonly page: PageTags | undefined };

/** Rules are created and deleted meanwhile, by the schedule and a runbook at once among others: the tags of one that is gone are refused. */
const MOST_READS = 4;

async function rulesOf(client: Pick<ElasticLoadBalancingV2Client, 'send'>, ListenerArn: string): Promise<readonly TaggedRule[]> {
  for (let reads = 1; ; reads += 1) {
    const found: Rule[] = [];
    const pages = pagesOf((from) => client.send(new DescribeRulesCommand({ ListenerArn, ...from })));
    for await (const { Rules = [] } of pages) found.push(...Rules.filter(({ Priority }) => Priority !== 'default'));
    try {
      return await tagged(client, found);
    } catch (error) {
      if (!isAwsError(error, 'RuleNotFound', 'RuleNotFoundException') || reads === MOST_READS) throw error;
    }
  }
}

async function tagged(client: Pick<ElasticLoadBalancingV2Client, 'send'>, rules: readonly Rule[]): Promise<readonly TaggedRule[]> {
  const tags = await describeTags(
    client,
    rules.map(({ RuleArn = '' }) => RuleArn),
  );
  return rules.map((rule) => {
    const [incidentId, fleet = ''] = [INCIDENT_TAG, FLEET_TAG].map((key) => tags.get(rule.RuleArn ?? '')?.get(key));
    return { ...rule, page: incidentId ? { incidentId, fleet } : undefined };
  });
}

/** A condition by regular expressions counts as any host or path. The fleet's drain rule forwards to it too: the page outranks it. */
export const placeOf = (
  { ListenerArn: listenerArn = '', DefaultActions = [] }: Listener,
  own: readonly Rule[],
  targetGroupArn: string,
  drainTargetGroupArn?: string,
): FoundListener => ({
  listenerArn,
  forwardsByDefault: forwards(DefaultActions, targetGroupArn),
  ...(hasMore(DefaultActions) && { guardedByDefault: true }),
  rules: own.map(({ RuleArn: ruleArn = '', Priority, Conditions = [], Actions }) => ({
    ruleArn,
    priority: Number(Priority),
    hosts: valuesOn('host-header', Conditions),
    paths: valuesOn('path-pattern', Conditions),
    forwards: forwards(Actions, targetGroupArn) || forwards(Actions, drainTargetGroupArn),
    ...((hasMore(Actions) || Conditions.some(asksForMore)) && { guarded: true as const }),
  })),
});

/** The values of each condition on a field. Those of two conditions are not joined: a request has to match both. */
const valuesOn = (field: string, conditions: readonly RuleCondition[]): readonly (readonly string[])[] =>
  conditions
    .filter(({ Field }) => Field === field)
    .map(({ Values, HostHeaderConfig, PathPatternConfig }) => (HostHeaderConfig ?? PathPatternConfig)?.Values ?? Values ?? []);

const BY_PLACE = ['host-header', 'path-pattern'];
/** The header of a drain rule that pins no sessions guards nothing: no request has it. */
const asksForMore = ({ Field = '', HttpHeaderConfig }: RuleCondition): boolean =>
  !BY_PLACE.includes(Field) && HttpHeaderConfig?.HttpHeaderName?.toLowerCase() !== DRAIN_HEADER.toLowerCase();
/** An action before the forwarding one: the load balancer authenticates users. */
const hasMore = (actions: readonly Action[] = []): boolean => actions.some(({ Type }) => Type !== 'forward');

const forwards = (actions: readonly Action[] = [], arn: string | undefined): boolean =>
  arn !== undefined && receivers(actions).some(({ TargetGroupArn }) => TargetGroupArn === arn);

export const receivers = (actions: readonly Action[] = []): readonly TargetGroupTuple[] =>
  actions.flatMap(({ TargetGroupArn, ForwardConfig }) => ForwardConfig?.TargetGroups ?? [{ TargetGroupArn }]);
