import { expect, it } from 'vitest';
import { judgeDrainRule } from '../../../../functions/deploy/sessions/judge-drain-rule.ts';
import type { ListedRule } from '../../../../functions/shared/aws/listener-rule-list.ts';

const LISTENER = 'arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/shop/1/1';
const rule = (name: string, priority: number, more: Partial<ListedRule> = {}, listener = LISTENER): ListedRule => ({
  arn: `${listener}/${name}`,
  priority,
  hosts: ['shop.example.com'],
  paths: [],
  others: [],
  transforms: [],
  actions: ['forward'],
  targetGroupArns: ['main'],
  ...more,
});
const DRAIN = rule('drain', 9, { targetGroupArns: ['group'] });
const MAIN = rule('own', 10);
// As a deploy leaves it, or changes it.
const ANY_HEADER = ['http-header x-holdfast-drain targetgroup/a/1', 'http-header cookie regex ^a$'];
const OTHER = rule('other', 5, { targetGroupArns: ['another'] });
const judge = (...rules: ListedRule[]) =>
  judgeDrainRule({ rules, ruleArn: `${LISTENER}/drain`, drainTargetGroupArn: 'group', targetGroupArn: 'main' });

it('accepts a rule directly above the fleet’s own, and the last one above a default action', () => {
  expect(judge(OTHER, DRAIN, MAIN)).toEqual([]);
  for (const header of ANY_HEADER) expect(judge({ ...DRAIN, others: [[header]] }, MAIN)).toEqual([]);
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
  ['has other hosts', [{ ...DRAIN, hosts: [] }, MAIN], /hosts, paths and other conditions of the fleet's rule/],
  ['takes every source', [DRAIN, { ...MAIN, others: [['source-ip 10.0.0.0/8']] }], /would take requests of others/],
  [
    'takes one of two headers where the fleet’s rule asks for both',
    [
      { ...DRAIN, others: [['http-header x-a 1', 'http-header x-a 2']] },
      { ...MAIN, others: [['http-header x-a 1'], ['http-header x-a 2']] },
    ],
    /would take requests of others/,
  ],
  ['rewrites nothing', [DRAIN, { ...MAIN, transforms: ['{"Type":"url-rewrite"}'] }], /give it the same transforms/],
  [
    'has no room for the cookie after a list of methods',
    [DRAIN, { ...MAIN, others: [['http-request-method GET', 'http-request-method PUT', 'http-request-method POST']] }],
    /has 4 condition values/,
  ],
  [
    'does not see the requests of another listener',
    [DRAIN, MAIN, rule('3', 1, {}, LISTENER.replace(/1$/, '2'))],
    /another listener, arn:\S+:listener\/app\/shop\/1\/2, forwards to the fleet's target group too/,
  ],
  ['forwards elsewhere', [{ ...DRAIN, targetGroupArns: ['main'] }, MAIN], /does not forward to the drain group alone/],
  ['would leave out a login at the load balancer', [DRAIN, { ...MAIN, actions: ['authenticate-oidc', 'forward'] }], /signs users in/],
  [
    'has no room for the cookie',
    [
      { ...DRAIN, hosts: ['a', 'b', 'c', 'd'] },
      { ...MAIN, hosts: ['a', 'b', 'c', 'd'] },
    ],
    /has 4 condition values/,
  ],
  ['stands before a weighted rule', [DRAIN, { ...MAIN, targetGroupArns: ['main', 'canary'] }], /several target groups/],
])('refuses one that %s', (_, rules, problem) => expect(judge(...rules).join('; ')).toMatch(problem));
