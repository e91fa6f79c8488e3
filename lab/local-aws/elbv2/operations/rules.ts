/** Operations on rules. */
import { z } from 'zod';
import { list, tagList, text, texts, whole } from '../../service/parse-input.ts';
import { AwsError, type Operation } from '../../service/service.ts';
import { ruleArn } from '../arns.ts';
import type { ElbContext } from '../context.ts';
import { describeRule } from '../describe.ts';
import { page, parseInput, toTags } from '../input.ts';
import { actionList, readActions } from '../read-actions.ts';
import { conditionList, readConditions } from '../read-conditions.ts';
import type { Rule } from '../resources.ts';
import { checkGroupUse, checkRuleCount } from '../rule-limits.ts';

const priority = whole(1, 50_000);
const createInput = z.object({
  ListenerArn: text,
  Priority: priority,
  Conditions: conditionList,
  Actions: actionList,
  Tags: tagList.optional(),
});
const modifyInput = z.object({ RuleArn: text, Conditions: conditionList.optional(), Actions: actionList.optional() });
const describeInput = z.object({ ListenerArn: text.optional(), RuleArns: texts.optional() });
const prioritiesInput = z.object({ RulePriorities: list(z.object({ RuleArn: text, Priority: priority })) });

export function ruleOperations({ registry, dataPlane, checks }: ElbContext): Record<string, Operation> {
  const applied = (listenerArn: string): void => {
    checks.sync();
    dataPlane.publish(listenerArn);
  };

  return {
    CreateRule(input) {
      const request = parseInput(createInput, input);
      const listener = registry.listener(request.ListenerArn);
      const conditions = readConditions(request.Conditions);
      const actions = readActions(request.Actions, registry);
      if (registry.rulesOf(listener.arn).some((rule) => rule.priority === request.Priority)) {
        throw new AwsError('PriorityInUse', `Priority '${request.Priority}' is currently in use`);
      }
      checkRuleCount(registry, listener.loadBalancerArn);
      checkGroupUse(registry, listener.loadBalancerArn, actions);
      const rule: Rule = {
        arn: ruleArn(listener.arn),
        listenerArn: listener.arn,
        priority: request.Priority,
        conditions,
        actions,
        tags: toTags(request.Tags),
      };
      registry.rules.set(rule.arn, rule);
      applied(listener.arn);
      return { Rules: [describeRule(rule)] };
    },

    DescribeRules(input) {
      const { ListenerArn, RuleArns } = parseInput(describeInput, input);
      if (RuleArns === undefined && ListenerArn === undefined)
        throw new AwsError('ValidationError', 'You must specify either rule ARNs or a listener ARN');
      const chosen = RuleArns?.map(registry.rule) ?? registry.rulesOf(registry.listener(ListenerArn ?? '').arn);
      const { items, nextMarker } = page(chosen, input);
      return { Rules: items.map(describeRule), ...nextMarker };
    },

    ModifyRule(input) {
      const request = parseInput(modifyInput, input);
      const rule = registry.rule(request.RuleArn);
      if (rule.priority === 'default') throw new AwsError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be modified`);
      const conditions = request.Conditions === undefined ? rule.conditions : readConditions(request.Conditions);
      const actions = request.Actions === undefined ? rule.actions : readActions(request.Actions, registry);
      checkGroupUse(registry, registry.listener(rule.listenerArn).loadBalancerArn, actions, rule);
      Object.assign(rule, { conditions, actions });
      applied(rule.listenerArn);
      return { Rules: [describeRule(rule)] };
    },

    DeleteRule(input) {
      const rule = registry.rule(parseInput(z.object({ RuleArn: text }), input).RuleArn);
      if (rule.priority === 'default') throw new AwsError('OperationNotPermitted', `Default rule '${rule.arn}' cannot be deleted`);
      registry.rules.delete(rule.arn);
      applied(rule.listenerArn);
      return {};
    },

    SetRulePriorities(input) {
      const { RulePriorities } = parseInput(prioritiesInput, input);
      const wanted = new Map(RulePriorities.map(({ RuleArn, Priority }) => [registry.rule(RuleArn), Priority]));
      for (const [rule, wish] of wanted) {
        if (rule.priority === 'default') throw new AwsError('OperationNotPermitted', `Default rule '${rule.arn}' has no priority`);
        const rival = registry.rulesOf(rule.listenerArn).find((other) => other !== rule && (wanted.get(other) ?? other.priority) === wish);
        if (rival !== undefined) throw new AwsError('PriorityInUse', `Priority '${wish}' is currently in use`);
      }
      for (const [rule, wish] of wanted) rule.priority = wish;
      for (const listenerArn of new Set([...wanted.keys()].map((rule) => rule.listenerArn))) applied(listenerArn);
      return { Rules: [...wanted.keys()].map(describeRule) };
    },
  };
}
