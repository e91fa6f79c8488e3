import { aws_elasticloadbalancingv2 as elbv2, Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DRAIN_HEADER } from '../../../functions/shared/aws/drain-rule-contract.ts';
import { drainParameterName } from '../../../functions/shared/naming.ts';
import type { FleetConfig } from '../../config/fleet.ts';
import type { Part } from '../network.ts';

/** Where a server's sessions stay while new ones go elsewhere. Between deploys the rule matches nobody and the group is empty. */
export interface DrainFront {
  readonly targetGroupArn: string;
  readonly ruleArn: string;
}

/** Directly above what forwards to the fleet, with its conditions. */
export interface DrainRulePlace {
  readonly listenerArn: string;
  readonly priority: number;
  readonly hosts: readonly string[];
  readonly paths: readonly string[];
}

/** Behind every other rule of a listener, directly above its default action. */
export const LAST_PRIORITY = 50_000;

export interface DrainFrontProps {
  readonly installation: string;
  readonly fleetName: string;
  readonly group: elbv2.ApplicationTargetGroup;
  readonly place: DrainRulePlace;
}

/**
 * Deploys change the rule's header condition and the group's targets. A deployment of the template resets the rule to this. Other stacks
 * read the ARNs from parameters, each time they are deployed: CloudFormation neither deletes nor replaces what another stack imports, and
 * the rule goes with the strategy, and is replaced with its listener.
 */
export function createDrainFront(scope: Construct, { installation, fleetName, group, place }: DrainFrontProps): Part<DrainFront> {
  const { listenerArn, priority, hosts, paths } = place;
  const rule = new elbv2.CfnListenerRule(scope, 'DrainRule', {
    listenerArn,
    priority,
    conditions: [
      ...(hosts.length > 0 ? [{ field: 'host-header', hostHeaderConfig: { values: [...hosts] } }] : []),
      ...(paths.length > 0 ? [{ field: 'path-pattern', pathPatternConfig: { values: [...paths] } }] : []),
      // As neutralValue in the functions: AWS makes the group's id up.
      { field: 'http-header', httpHeaderConfig: { httpHeaderName: DRAIN_HEADER, values: [group.targetGroupFullName] } },
    ],
    actions: [{ type: 'forward', targetGroupArn: group.targetGroupArn }],
  });
  const named = (id: string, what: 'rule' | 'target-group', stringValue: string) => {
    const parameterName = drainParameterName(installation, fleetName, what);
    new ssm.StringParameter(scope, id, {
      parameterName,
      description: `ARN of the drain ${what.replace('-', ' ')} of ${fleetName}`,
      stringValue,
    });
    return (client: Construct) => ssm.StringParameter.valueForStringParameter(client, parameterName);
  };
  const ruleArn = named('DrainRuleArn', 'rule', rule.attrRuleArn);
  const targetGroupArn = named('DrainTargetsArn', 'target-group', group.targetGroupArn);
  return (client) => {
    Stack.of(client).addStackDependency(Stack.of(scope));
    return { ruleArn: ruleArn(client), targetGroupArn: targetGroupArn(client) };
  };
}

/** Of an existing target group the configuration names them. */
export function existingDrainFront({ existing = {} }: FleetConfig): Part<DrainFront> | undefined {
  const { drainTargetGroupArn: targetGroupArn, drainRuleArn: ruleArn } = existing;
  return targetGroupArn !== undefined && ruleArn !== undefined ? () => ({ targetGroupArn, ruleArn }) : undefined;
}
