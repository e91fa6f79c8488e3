import type { DrainGroups } from '../../shared/aws/drain-rule.ts';
import type { ListedRule } from '../../shared/aws/listener-rule-list.ts';
import { type JudgedFront, judgeDrainGroups } from './judge-drain-groups.ts';
import { type DrainRuleFacts, judgeDrainRule } from './judge-drain-rule.ts';

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
