import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { describe, expect, it } from 'vitest';
import type { ReLoginPage } from '../../../../functions/incidents/contract/environment.ts';
import { placeOf } from '../../../../functions/incidents/mitigate/balancer-rules.ts';
import { chooseRules, type ListenerRule, type ListenerRules } from '../../../../functions/incidents/re-login/choose-rule.ts';

const page = (change: Partial<ReLoginPage> = {}): ReLoginPage => ({
  hosts: ['shop.example.com'],
  paths: [],
  priorities: { first: 1, last: 50_000 },
  language: 'en',
  title: 't',
  message: 'm',
  retry: 'r',
  retrySeconds: 15,
  ...change,
});
const rule = (priority: number, change: Partial<ListenerRule> = {}): ListenerRule => ({
  priority,
  hosts: [['shop.example.com']],
  paths: [],
  forwards: true,
  ...change,
});
const listener = (rules: readonly ListenerRule[], change: Partial<ListenerRules> = {}): ListenerRules => ({
  listenerArn: 'L',
  forwardsByDefault: false,
  rules,
  ...change,
});
const QUOTA = 100;
const priorities = (listeners: readonly ListenerRules[], of = page()) => {
  const chosen = chooseRules(listeners, of, QUOTA);
  return 'refused' in chosen ? chosen.refused : chosen.rules.map(({ priority }) => priority);
};

describe('the rule of the re-login page', () => {
  it.each([
    ['comes directly before the rule that forwards', [listener([rule(10)])], [9]],
    ['leaves the rules of others where they are', [listener([rule(8, { forwards: false }), rule(9, { forwards: false }), rule(10)])], [7]],
    [
      'comes after all rules of others when the default action forwards',
      [listener([rule(7, { forwards: false })], { forwardsByDefault: true })],
      [50_000],
    ],
    ['comes before every rule that forwards what it covers', [listener([rule(20), rule(10)])], [9]],
    ['may come after one that forwards other hosts', [listener([rule(1, { hosts: [['other.example.com']] }), rule(10)])], [9]],
    ['treats patterns that match as the same host', [listener([rule(5, { hosts: [['*.EXAMPLE.com']] }), rule(10)])], [4]],
    ['is on every listener that forwards', [listener([rule(10)]), listener([rule(3)]), listener([rule(2, { forwards: false })])], [9, 2]],
  ])('%s', (_, listeners, expected) => {
    expect(priorities(listeners)).toEqual(expected);
  });

  it('stays within its band', () => {
    expect(priorities([listener([rule(10), rule(5, { forwards: false })])], page({ priorities: { first: 3, last: 5 } }))).toEqual([4]);
  });

  it('compares paths too', () => {
    const rules = [rule(2, { hosts: [], paths: [['/live']] }), rule(10, { hosts: [], paths: [['/shop/*']] })];
    expect(priorities([listener(rules)], page({ hosts: [], paths: ['/shop/*'] }))).toEqual([9]);
    expect(priorities([listener(rules)], page({ hosts: [], paths: ['/*'] }))).toEqual([1]);
  });

  it('has at most three values in a condition, and further rules for more', () => {
    const hosts = ['a', 'b', 'c', 'd'].map((name) => `${name}.example.com`);
    const chosen = chooseRules([listener([rule(10, { hosts: [] })])], page({ hosts, paths: ['/x'], spare: ['/live'] }), QUOTA);
    expect(chosen).toEqual({
      rules: [
        { listenerArn: 'L', priority: 6, hosts: hosts.slice(3), paths: ['/live'], spares: true },
        { listenerArn: 'L', priority: 7, hosts: hosts.slice(0, 3), paths: ['/live'], spares: true },
        { listenerArn: 'L', priority: 8, hosts: hosts.slice(3), paths: ['/x'] },
        { listenerArn: 'L', priority: 9, hosts: hosts.slice(0, 3), paths: ['/x'] },
      ],
    });
    expect(priorities([listener([rule(2, { hosts: [] })])], page({ hosts }))).toMatch(
      /no priority .* of L is free above the rule with priority 2/,
    );
  });

  it.each([
    [
      'no priority is before the rule',
      [listener([rule(1)])],
      page(),
      /no priority from 1 to 50000 of L is free above the rule with priority 1/,
    ],
    [
      'the band is taken',
      [listener([rule(3, { forwards: false }), rule(10)])],
      page({ priorities: { first: 3, last: 3 } }),
      /no priority from 3 to 3 of L is free above the rule with priority 10/,
    ],
    ['nothing forwards to the fleet', [listener([rule(1, { forwards: false })])], page(), /^no listener forwards/],
    [
      'the quota is used up, by rules of another listener too',
      [listener([rule(10)]), listener(Array.from({ length: 99 }, (_, index) => rule(index + 1, { forwards: false })))],
      page(),
      /has 100 of 100 rules, and the re-login page needs 1/,
    ],
  ])('is refused when %s', (_, listeners, of, message) => {
    expect(priorities(listeners, of)).toMatch(message);
  });
});

describe('a rule with several conditions on the same field', () => {
  const on = (...paths: string[]) => ({ Field: 'path-pattern', PathPatternConfig: { Values: paths } });
  const found = (...Conditions: RuleCondition[]) => {
    const others = { Priority: '5', Conditions, Actions: [{ Type: 'forward' as const, TargetGroupArn: 'fleet' }] };
    const fleet = { ...others, Priority: '20', Conditions: [on('/shop/*')] };
    return placeOf({ ListenerArn: 'L' }, [others, fleet], 'fleet');
  };
  const of = (listeners: ListenerRules) => priorities([listeners], page({ hosts: [], paths: ['/shop/cart'] }));

  it('keeps each condition, and a request has to match all of them', () => {
    expect(found(on('/shop/*', '/pay/*'), on('/pay/*')).rules[0]).toMatchObject({ paths: [['/shop/*', '/pay/*'], ['/pay/*']] });
    // Nothing that the page covers matches both, so that the page may come after this rule.
    expect(of(found(on('/shop/*', '/pay/*'), on('/pay/*')))).toEqual([19]);
    expect(of(found(on('/shop/*', '/pay/*'), on('/shop/c*')))).toEqual([4]);
  });

  it('takes the values of a condition as AWS describes it in either way, and an expression for anything', () => {
    expect(found({ Field: 'path-pattern', Values: ['/pay/*'] }).rules[0]).toMatchObject({ paths: [['/pay/*']] });
    expect(of(found(on('/shop/*'), { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/pay'] } }))).toEqual([4]);
  });
});

describe('the rule of the re-login page of a fleet whose deploys wait for sessions', () => {
  const HOST = { Field: 'host-header', HostHeaderConfig: { Values: ['shop.example.com'] } };
  const BETWEEN_DEPLOYS = {
    Field: 'http-header',
    HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Drain', Values: ['targetgroup/drain/1'] },
  };
  const PINNED = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Cookie', Values: ['*SID=*.i-1*'] } };
  const fleet = { Priority: '20', Conditions: [HOST], Actions: [{ Type: 'forward' as const, TargetGroupArn: 'fleet' }] };
  const drain = (condition: typeof PINNED) => ({
    Priority: '12',
    Conditions: [HOST, condition],
    Actions: [{ Type: 'forward' as const, TargetGroupArn: 'drain' }],
  });
  const found = (condition: typeof PINNED) => placeOf({ ListenerArn: 'L' }, [drain(condition), fleet], 'fleet', 'drain');

  it.each([
    ['between deploys', BETWEEN_DEPLOYS],
    ['while it pins sessions', PINNED],
  ])('comes before the drain rule too, %s', (_, condition) => {
    expect(priorities([found(condition)])).toEqual([11]);
  });

  it('comes before the drain rule by no more than the paths that it spares', () => {
    expect(priorities([found(BETWEEN_DEPLOYS)], page({ spare: ['/payment/*'] }))).toEqual([10, 11]);
  });

  it('is refused where a spared path would leave a pinned session', () => {
    expect(priorities([found(PINNED)], page({ spare: ['/payment/*'] }))).toMatch(/a rule of L .*asks for more than host and path/);
  });

  it('is refused when no priority is before the drain rule', () => {
    expect(priorities([found(BETWEEN_DEPLOYS)], page({ priorities: { first: 12, last: 19 } }))).toMatch(
      /no priority from 12 to 19 of L is free above the rule with priority 12, which forwards to the fleet/,
    );
  });
});
