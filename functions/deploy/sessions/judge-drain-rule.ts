import type { DrainGroups } from '../../shared/aws/drain-rule.ts';
import { DRAIN_HEADER, PINNED_HEADER } from '../../shared/aws/drain-rule-contract.ts';
import { headerCondition, type ListedRule, listenerOf } from '../../shared/aws/listener-rule-list.ts';
import { type JudgedFront, judgeDrainGroups } from './judge-drain-groups.ts';

export interface DrainRuleFacts {
  /** The rules of every listener of the drain rule's load balancer, by priority. */
  readonly rules: readonly ListedRule[];
  readonly ruleArn: string;
  readonly drainTargetGroupArn: string;
  readonly targetGroupArn: string;
}

/** A rule takes five condition values; the cookie needs one, and one stays free. */
const MOST_VALUES = 3;

/** Why the drain rule would send a session to the wrong place, each with what to do, in sentences without a full stop. */
export function judgeDrainRule({ rules: all, ruleArn, drainTargetGroupArn, targetGroupArn }: DrainRuleFacts): readonly string[] {
  const isHere = ({ arn }: ListedRule) => listenerOf(arn) === listenerOf(ruleArn);
  const rules = all.filter(isHere);
  const drain = rules.find(({ arn }) => arn === ruleArn);
  const own = rules.filter((rule) => rule.arn !== ruleArn && rule.targetGroupArns.includes(targetGroupArn));
  const [main, second] = own;
  if (!drain) return [`the drain rule ${ruleArn} does not exist: deploy the web tier's stack, or correct existing.drainRuleArn`];
  if (!main)
    return [`no rule of the drain rule's listener forwards to the fleet's target group: put the drain rule on the listener that does`];
  const problems: string[] = [];
  const elsewhere = all.filter((rule) => !isHere(rule) && rule.targetGroupArns.includes(targetGroupArn));
  if (elsewhere.length > 0)
    problems.push(
      `another listener, ${elsewhere.map(({ arn }) => listenerOf(arn)).join(', ')}, forwards to the fleet's target group too, and the drain rule does not see its requests: let that listener redirect to the other`,
    );
  if (second) problems.push(`${own.length} rules of the listener forward to the fleet's target group, and the drain rule is for one`);
  if (drain.targetGroupArns.some((arn) => arn !== drainTargetGroupArn) || drain.targetGroupArns.length !== 1)
    problems.push('the drain rule does not forward to the drain group alone: correct its action');
  const authenticates = [main, drain].flatMap(({ actions }) => actions.filter((type) => type.startsWith('authenticate')));
  if (authenticates.length > 0)
    problems.push(
      `the load balancer itself signs users in (${authenticates[0]}), which a drain rule would leave out: set deploy.sessionDrainSeconds to 0 once no deploy runs`,
    );
  if (main.targetGroupArns.length > 1)
    problems.push("the fleet's rule forwards to several target groups: sessions of the others cannot be distinguished from the fleet's");
  const values = main.hosts.length + main.paths.length + main.others.flat().length;
  if (values > MOST_VALUES)
    problems.push(
      `the fleet's rule has ${values} condition values, and next to the cookie a rule takes ${MOST_VALUES}: merge them with wildcards`,
    );
  const others = drain.others.filter((values) => !OWN_HEADERS.some((header) => values[0]?.startsWith(header)));
  if (!isSame(main.hosts, drain.hosts) || !isSame(main.paths, drain.paths) || !isSame(eachInOrder(main.others), eachInOrder(others)))
    problems.push(
      "the drain rule does not have the hosts, paths and other conditions of the fleet's rule, so that it would take requests of others: give it the same",
    );
  if (!isSame(main.transforms, drain.transforms))
    problems.push("the drain rule does not rewrite requests as the fleet's rule does: give it the same transforms");
  if (drain.priority > main.priority)
    problems.push(`the drain rule (priority ${drain.priority}) is below the fleet's rule: move it directly above`);
  const between = rules.filter(({ priority }) => priority > drain.priority && priority < main.priority);
  if (between.length > 0)
    problems.push(
      `${between.length === 1 ? 'a rule' : 'rules'} with priority ${between.map(({ priority }) => priority).join(', ')} ${between.length === 1 ? 'is' : 'are'} between the drain rule and the fleet's, whose requests it would take: move the drain rule directly above the fleet's`,
    );
  return problems;
}

/** What deploys change of the drain rule. */
const OWN_HEADERS = [DRAIN_HEADER, PINNED_HEADER].map(headerCondition);

/** A text for each condition. */
const eachInOrder = (conditions: readonly (readonly string[])[]): readonly string[] =>
  conditions.map((values) => JSON.stringify([...values].sort()));

const isSame = (some: readonly string[], others: readonly string[]): boolean =>
  JSON.stringify([...some].sort()) === JSON.stringify([...others].sort());

export interface DrainFrontReads {
  /** Rules of the drain rule's load balancer. */
  readonly rules: () => Promise<readonly ListedRule[]>;
  /** Settings of both groups. */
  readonly groups: () => Promise<DrainGroups>;
  readonly arns: Omit<DrainRuleFacts, 'rules'>;
}

/** The drain rule, and where that is right, the group that it leads to: a rule that is wrong can name one that does not exist. */
export async function judgeDrainFront({ rules, groups, arns }: DrainFrontReads): Promise<JudgedFront> {
  const problems = judgeDrainRule({ ...arns, rules: await rules() });
  return problems.length > 0 ? { problems, warnings: [] } : judgeDrainGroups(await groups());
}
