import { aws_elasticloadbalancingv2 as elbv2 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DRAIN_HEADER } from '../../../functions/shared/aws/drain-rule-contract.ts';
import type { FleetConfig } from '../../config/fleet.ts';

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

/** Deploys change the rule's header condition and the group's targets. A deployment of the template resets the rule to this. */
export function createDrainFront(scope: Construct, group: elbv2.ApplicationTargetGroup, place: DrainRulePlace): DrainFront {
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
  return { targetGroupArn: group.targetGroupArn, ruleArn: rule.attrRuleArn };
}

/** Of an existing target group the configuration names them. */
export function existingDrainFront({ existing = {} }: FleetConfig): DrainFront | undefined {
  const { drainTargetGroupArn: targetGroupArn, drainRuleArn: ruleArn } = existing;
  return targetGroupArn !== undefined && ruleArn !== undefined ? { targetGroupArn, ruleArn } : undefined;
}
