import { expect, it } from 'vitest';
import { judgeDrainRule } from '../../../../functions/deploy/sessions/judge-drain-rule.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';

const rule = (arn: string, priority: number, more: Partial<ListedRule> = {}): ListedRule => ({
  arn,
  priority,
  hosts: ['shop.example.com'],
  paths: [],
  actions: ['forward'],
  targetGroupArns: ['main'],
  ...more,
});
const DRAIN = rule('drain', 9, { targetGroupArns: ['group'] });
const MAIN = rule('own', 10);
const OTHER = rule('other', 5, { targetGroupArns: ['another'] });
const judge = (...rules: ListedRule[]) => judgeDrainRule({ rules, ruleArn: 'drain', drainTargetGroupArn: 'group', targetGroupArn: 'main' });

it('accepts a rule directly above the fleet’s own, and the last one above a default action', () => {
  expect(judge(OTHER, DRAIN, MAIN)).toEqual([]);
  const plain = { hosts: [], paths: [] };
  expect(judge(OTHER, rule('drain', 50_000, { ...plain, targetGroupArns: ['group'] }), rule('default', Infinity, plain))).toEqual([]);
});

it.each<[string, ListedRule[], RegExp]>([
  ['does not exist', [MAIN], /does not exist/],
  ['is on another listener', [DRAIN], /no rule of the drain rule's listener forwards/],
  ['is below', [MAIN, rule('drain', 11, { targetGroupArns: ['group'] })], /is below the fleet's rule/],
  [
    'has another service’s rule below it',
    [rule('drain', 4, { targetGroupArns: ['group'] }), OTHER, MAIN],
    /a rule with priority 5 is between/,
  ],
  ['has other hosts', [{ ...DRAIN, hosts: [] }, MAIN], /hosts and paths of the fleet's rule/],
  ['forwards elsewhere', [{ ...DRAIN, targetGroupArns: ['main'] }, MAIN], /does not forward to the drain group alone/],
  ['would leave out a login at the load balancer', [DRAIN, { ...MAIN, actions: ['authenticate-oidc', 'forward'] }], /signs users in/],
  [
    'has no room for the cookie',
    [
      { ...DRAIN, hosts: ['a', 'b', 'c', 'd'] },
      { ...MAIN, hosts: ['a', 'b', 'c', 'd'] },
    ],
    /has 4 hosts and paths/,
  ],
  ['stands before a weighted rule', [DRAIN, { ...MAIN, targetGroupArns: ['main', 'canary'] }], /several target groups/],
])('refuses one that %s', (_, rules, problem) => expect(judge(...rules).join('; ')).toMatch(problem));
