/** Every resource that exists, and how they belong together. */
import { AwsError } from '../service/service.ts';
import { groupsOf, type Listener, type LoadBalancer, type Rule, type TargetGroup } from './resources.ts';

export interface Registry {
  readonly loadBalancers: Map<string, LoadBalancer>;
  readonly targetGroups: Map<string, TargetGroup>;
  readonly listeners: Map<string, Listener>;
  readonly rules: Map<string, Rule>;
  /** @throws AwsError LoadBalancerNotFound */
  loadBalancer(arn: string): LoadBalancer;
  /** @throws AwsError TargetGroupNotFound */
  targetGroup(arn: string): TargetGroup;
  /** @throws AwsError ListenerNotFound */
  listener(arn: string): Listener;
  /** @throws AwsError RuleNotFound */
  rule(arn: string): Rule;
  listenersOf(loadBalancerArn: string): Listener[];
  /** The listener's rules, sorted by priority; the default rule is the last. */
  rulesOf(listenerArn: string): Rule[];
  /** Load balancers with a rule that forwards to the group. */
  loadBalancersUsing(targetGroupArn: string): string[];
  /** Groups that some rule of the load balancer forwards to. */
  groupsUsedBy(loadBalancerArn: string): Set<string>;
}

export function createRegistry(): Registry {
  const loadBalancers = new Map<string, LoadBalancer>();
  const targetGroups = new Map<string, TargetGroup>();
  const listeners = new Map<string, Listener>();
  const rules = new Map<string, Rule>();
  const rank = (rule: Rule): number => (rule.priority === 'default' ? Number.POSITIVE_INFINITY : rule.priority);

  const listenersOf = (arn: string): Listener[] => [...listeners.values()].filter((listener) => listener.loadBalancerArn === arn);
  const rulesOf = (arn: string): Rule[] =>
    [...rules.values()].filter((rule) => rule.listenerArn === arn).sort((one, other) => (rank(one) < rank(other) ? -1 : 1));
  const groupsUsedBy = (arn: string): Set<string> =>
    new Set(listenersOf(arn).flatMap((listener) => rulesOf(listener.arn).flatMap(groupsOf)));

  return {
    loadBalancers,
    targetGroups,
    listeners,
    rules,
    loadBalancer: (arn) => found(loadBalancers.get(arn), 'LoadBalancerNotFound', `Load balancers '[${arn}]' not found`),
    targetGroup: (arn) => found(targetGroups.get(arn), 'TargetGroupNotFound', `Target groups '${arn}' not found`),
    listener: (arn) => found(listeners.get(arn), 'ListenerNotFound', `Listeners '${arn}' not found`),
    rule: (arn) => found(rules.get(arn), 'RuleNotFound', `Rules '${arn}' not found`),
    listenersOf,
    rulesOf,
    groupsUsedBy,
    loadBalancersUsing: (arn) => [...loadBalancers.keys()].filter((loadBalancer) => groupsUsedBy(loadBalancer).has(arn)),
  };
}

function found<T>(resource: T | undefined, code: string, message: string): T {
  if (resource === undefined) throw new AwsError(code, message);
  return resource;
}
