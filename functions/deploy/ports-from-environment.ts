import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { type AutoScalingGroup, createAutoScalingGroup } from '../shared/aws/auto-scaling.ts';
import { CLIENT_OPTIONS } from '../shared/aws/client-options.ts';
import { createDrainGroupsReader, createDrainRule, type DrainGroups, type DrainRule } from '../shared/aws/drain-rule.ts';
import { DRAIN_ENV, GATE_RULE_ENV } from '../shared/aws/drain-rule-contract.ts';
import { createGateRule, type GateFront } from '../shared/aws/gate-front.ts';
import { createListenerRuleList, type ListedRule } from '../shared/aws/listener-rule-list.ts';
import { createTargetGroup, type ExistingMember, type TargetGroup } from '../shared/aws/target-group.ts';
import { type Environment, optional, required } from '../shared/environment.ts';
import { ENV, parseMembers } from './contract/environment.ts';
import { InvalidInput } from './errors.ts';

/**
 * The SDK does not repeat a change of the target group: 20 s after the first attempt a clean-up can hold the lock. The state machine
 * repeats the step, which asks for the lock anew.
 * @throws MissingEnvironment
 */
export function targetGroupFrom(environment: Environment): TargetGroup {
  const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const changing = new ElasticLoadBalancingV2Client({ ...CLIENT_OPTIONS, maxAttempts: 1 });
  return createTargetGroup(client, required(environment, ENV.targetGroupArn), readMembers(environment), changing);
}

interface DrainFrontPorts {
  readonly drainGroup: TargetGroup;
  readonly rule: DrainRule;
  /** Rules of the drain rule's load balancer. */
  readonly rules: () => Promise<readonly ListedRule[]>;
  readonly arns: { readonly ruleArn: string; readonly drainTargetGroupArn: string; readonly targetGroupArn: string };
}

/** The drain group and the rule before it. @throws MissingEnvironment */
export function drainFrontFrom(environment: Environment): DrainFrontPorts {
  const drainTargetGroupArn = required(environment, DRAIN_ENV.drainTargetGroupArn);
  const ruleArn = required(environment, DRAIN_ENV.drainRuleArn);
  const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const changing = new ElasticLoadBalancingV2Client({ ...CLIENT_OPTIONS, maxAttempts: 1 });
  return {
    drainGroup: createTargetGroup(client, drainTargetGroupArn, readMembers(environment), changing),
    rule: createDrainRule(client, { ruleArn, drainTargetGroupArn }, changing),
    rules: createListenerRuleList(client, ruleArn),
    arns: { ruleArn, drainTargetGroupArn, targetGroupArn: required(environment, ENV.targetGroupArn) },
  };
}

/** The gate rule and its group: repeated calls change what no user meets. @throws MissingEnvironment */
export function gateFrontFrom(environment: Environment): GateFront {
  const targetGroupArn = required(environment, GATE_RULE_ENV.gateTargetGroupArn);
  const client = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  return {
    rule: createGateRule(client, { ruleArn: required(environment, GATE_RULE_ENV.gateRuleArn), targetGroupArn }),
    group: createTargetGroup(client, targetGroupArn, readMembers(environment)),
  };
}

/** Of a function that closes the gate where the fleet has one. */
export const gateToClose = (environment: Environment): { readonly gate?: GateFront } =>
  optional(environment, GATE_RULE_ENV.gateRuleArn) === undefined ? {} : { gate: gateFrontFrom(environment) };

/** How the drain group is set, next to the fleet's own: for the functions that judge it. @throws MissingEnvironment */
export const drainGroupsFrom = (environment: Environment): (() => Promise<DrainGroups>) =>
  createDrainGroupsReader(new ElasticLoadBalancingV2Client(CLIENT_OPTIONS), {
    targetGroupArn: required(environment, ENV.targetGroupArn),
    drainTargetGroupArn: required(environment, DRAIN_ENV.drainTargetGroupArn),
  });

/** Undefined for a fleet without an Auto Scaling group. */
export function autoScalingGroupFrom(environment: Environment): AutoScalingGroup | undefined {
  const name = optional(environment, ENV.autoScalingGroupName);
  return name === undefined ? undefined : createAutoScalingGroup(new AutoScalingClient(CLIENT_OPTIONS), name);
}

/**
 * The members that the configuration names; undefined for a fleet whose members are its Auto Scaling group's.
 * @throws InvalidInput quoting what is wrong
 */
export function readMembers(environment: Environment): readonly ExistingMember[] | undefined {
  const text = optional(environment, ENV.members);
  if (text === undefined) return undefined;
  try {
    return parseMembers(text);
  } catch (error) {
    throw new InvalidInput(`${ENV.members} is not a valid list of members: ${(error as Error).message}`);
  }
}
