import { aws_elasticloadbalancingv2 as elbv2, Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DRAIN_ENV, DRAIN_HEADER, GATE_HEADER, GATE_RULE_ENV } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { frontParameterName } from '../../../functions/shared/naming.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import type { Part } from '../network.ts';

/**
 * The drain rule and its target group, which keep a server's sessions on it while new ones go elsewhere. Between deploys the rule matches
 * nobody, and the group is empty.
 */
export interface DrainFrontArns {
  readonly targetGroupArn: string;
  readonly ruleArn: string;
  /**
   * A name of the rule's listener, known when the templates are made. The ARNs are read as a stack is deployed, so that a template is the same
   * for a rule that was replaced with its listener: the CDK publishes no new version of a function for it.
   */
  readonly listener: string;
}

/** What a function needs that changes the rule, in a form that publishes a new version of it for a new rule. */
export const drainEnvironment = ({ ruleArn, targetGroupArn, listener }: DrainFrontArns): Readonly<Record<string, string>> => ({
  [DRAIN_ENV.drainTargetGroupArn]: targetGroupArn,
  [DRAIN_ENV.drainRuleArn]: ruleArn,
  [DRAIN_ENV.drainListener]: listener,
});

export const gateEnvironment = ({ ruleArn, targetGroupArn, listener }: DrainFrontArns): Readonly<Record<string, string>> => ({
  [GATE_RULE_ENV.gateTargetGroupArn]: targetGroupArn,
  [GATE_RULE_ENV.gateRuleArn]: ruleArn,
  [GATE_RULE_ENV.gateListener]: listener,
});

/** Where the drain rule is: directly above what forwards to the fleet, with the conditions of that. */
export interface DrainRulePlace {
  readonly listenerArn: string;
  /** {@link DrainFrontArns.listener}. */
  readonly listener: string;
  readonly priority: number;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/** Behind every other rule of a listener, directly above its default action. */
export const LAST_PRIORITY = 50_000;

const KINDS = {
  drain: { header: DRAIN_HEADER, id: 'Drain' },
  gate: { header: GATE_HEADER, id: 'Gate' },
} as const;

export interface DrainFrontProps {
  /** `gate`: of the session gate's rule, whose value deploys change for a minute. */
  readonly kind: keyof typeof KINDS;
  readonly installation: string;
  readonly fleetName: string;
  readonly group: elbv2.ApplicationTargetGroup;
  readonly place: DrainRulePlace;
}

/**
 * Creates the drain rule in the state that it has between deploys. Deploys change its header condition and the group's targets; updating
 * the stack resets the rule. Other stacks read the ARNs from parameters and not from exports: CloudFormation can neither delete nor replace
 * what another stack imports, and this rule is deleted with the strategy and replaced with its listener.
 */
export function createDrainFront(scope: Construct, { kind, installation, fleetName, group, place }: DrainFrontProps): Part<DrainFrontArns> {
  const { header, id } = KINDS[kind];
  const { listenerArn, listener, priority, hosts, paths } = place;
  const rule = new elbv2.CfnListenerRule(scope, `${id}Rule`, {
    listenerArn,
    priority,
    conditions: [
      ...(hosts.length > 0 ? [{ field: 'host-header', hostHeaderConfig: { values: [...hosts] } }] : []),
      ...(paths.length > 0 ? [{ field: 'path-pattern', pathPatternConfig: { values: [...paths] } }] : []),
      // A header value that no client sends, as neutralValue in the functions computes it: it contains the group's id, which AWS generates.
      { field: 'http-header', httpHeaderConfig: { httpHeaderName: header, values: [group.targetGroupFullName] } },
    ],
    actions: [{ type: 'forward', targetGroupArn: group.targetGroupArn }],
  });
  const named = (part: string, what: 'rule' | 'target-group', stringValue: string) => {
    const parameterName = frontParameterName(installation, fleetName, kind, what);
    new ssm.StringParameter(scope, `${id}${part}`, {
      parameterName,
      description: `ARN of the ${kind} ${what.replace('-', ' ')} of ${fleetName}`,
      stringValue,
    });
    return (client: Construct) => ssm.StringParameter.valueForStringParameter(client, parameterName);
  };
  const ruleArn = named('RuleArn', 'rule', rule.attrRuleArn);
  const targetGroupArn = named('TargetsArn', 'target-group', group.targetGroupArn);
  return (client) => {
    Stack.of(client).addStackDependency(Stack.of(scope));
    // A stack gets a parameter of its template for what it uses, and for nothing else.
    return {
      get ruleArn() {
        return ruleArn(client);
      },
      get targetGroupArn() {
        return targetGroupArn(client);
      },
      listener,
    };
  };
}

/** The drain rule and group of a fleet with an existing target group: the configuration names both. */
export function existingDrainFront({ existing = {} }: FleetConfig): Part<DrainFrontArns> | undefined {
  const { drainTargetGroupArn: targetGroupArn, drainRuleArn: ruleArn } = existing;
  // Its ARN is in the configuration, so that a new one changes the template.
  return targetGroupArn !== undefined && ruleArn !== undefined ? () => ({ targetGroupArn, ruleArn, listener: '' }) : undefined;
}
