import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../infra/config.ts';
import { adopted, BEHIND_A_LISTENER, EXISTING_GROUP } from '../adopted-configs.ts';

const DRAIN_GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/drain/0123456789abcdef';
const DRAIN_RULE =
  'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef';

function refusal(config: object): string {
  try {
    parseConfig(JSON.stringify(config), 'the test');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}
const sticky = (fleet: object, existing: object, more: object = {}) =>
  refusal(adopted({ ...fleet, strategy: 'sticky', ...more, existing: { ...(fleet as { existing: object }).existing, ...existing } }));
const behind = (rule: object, more: object = {}) =>
  sticky(BEHIND_A_LISTENER, { listenerRule: { hosts: ['shop.example.com'], paths: [], ...rule } }, more);

describe('a fleet whose deploys wait for sessions', () => {
  it('has the group and the rule of an existing target group named, or gets their template and the way without', () => {
    const problem = sticky(EXISTING_GROUP, {});
    expect(problem).toMatch(/is missing drainTargetGroupArn and drainRuleArn: .*set deploy\.sessionDrainSeconds to 0/s);
    expect(problem).toMatch(/Type: AWS::ElasticLoadBalancingV2::ListenerRule/);
    expect(problem).toContain("{ Key: target_group_health.dns_failover.minimum_healthy_targets.count, Value: 'off' }");
    expect(sticky(EXISTING_GROUP, {}, { deploy: { sessionDrainSeconds: 0 } })).toBe('');
  });

  it('names both, for a target group that exists, with strategy sticky', () => {
    const one = refusal(adopted({ ...EXISTING_GROUP, existing: { ...EXISTING_GROUP.existing, drainRuleArn: DRAIN_RULE } }));
    expect(one).toMatch(/drainRuleArn .*needs existing\.drainTargetGroupArn/);
    expect(one).toMatch(/drainRuleArn .*needs strategy "sticky"/);
    expect(behind({ priority: 10 }, {})).toBe('');
    expect(sticky(BEHIND_A_LISTENER, { drainTargetGroupArn: DRAIN_GROUP, drainRuleArn: DRAIN_RULE })).toMatch(
      /needs existing\.targetGroupArn/,
    );
  });

  it.each<[string, object, object, RegExp]>([
    [
      'has no room above the rule',
      { priority: 1 },
      { incidents: { reLoginPage: false } },
      /priority .*leaves no room above .*: set it to 2 or more/,
    ],
    ['has no room for the re-login page too', { priority: 2 }, {}, /re-login page: set it to 3 or more/],
    ['would be below the rule', { priority: 10, drainPriority: 11 }, {}, /drainPriority .*is not above the fleet's own rule/],
    ['has too many hosts', { priority: 10, hosts: ['a', 'b', 'c', 'd'] }, {}, /has 4 hosts and paths, .* it can have 3/],
    [
      'would outlast the machine',
      { priority: 10 },
      { deploy: { sessionDrainSeconds: 10_000 } },
      /sessionDrainSeconds .*the maximum is 10000 s/,
    ],
    [
      'would keep the sessions of several servers',
      { priority: 10 },
      { deploy: { maxParallel: 2 } },
      /maxParallel .*has to be 1 with strategy "sticky"/,
    ],
    [
      'would keep those of a share of them',
      { priority: 10 },
      { deploy: { maxParallel: '50%' } },
      /maxParallel .*has to be 1 with strategy "sticky"/,
    ],
  ])('is refused where its rule %s', (_, rule, more, problem) => expect(behind(rule, more)).toMatch(problem));

  it('needs priority 2 without a re-login page', () => {
    expect(behind({ priority: 2 }, { incidents: { reLoginPage: false } })).toBe('');
  });
});
