import { ElasticLoadBalancingV2Client, type RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeEach, expect, it } from 'vitest';
import { createDrainRule } from '../../../../functions/shared/aws/drain-rule.ts';

const ARNS = { ruleArn: 'rule', drainTargetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/drain/1' };
const NEUTRAL = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Holdfast-Drain', Values: ['targetgroup/drain/1'] } };

let conditions: RuleCondition[];
let calls: string[];
const client = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });
client.send = (async (command: { readonly input: { readonly Conditions?: RuleCondition[] } }) => {
  calls.push(command.constructor.name);
  if (command.input.Conditions) conditions = command.input.Conditions;
  return { Rules: [{ Conditions: conditions }] };
}) as typeof client.send;

beforeEach(() => {
  calls = [];
  conditions = [
    { Field: 'host-header', Values: ['a'], RegexValues: ['b'], HostHeaderConfig: { Values: ['a'], RegexValues: ['b'] } },
    NEUTRAL,
  ];
});

it('changes its own header alone; hosts and paths, which DescribeRules returns twice, go back once', async () => {
  const rule = createDrainRule(client, ARNS);
  await rule.pin('^SID=a$');
  expect(conditions).toEqual([
    { Field: 'host-header', HostHeaderConfig: { Values: ['a'], RegexValues: ['b'] } },
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Cookie', RegexValues: ['^SID=a$'] } },
  ]);
  expect(await rule.read()).toBe('^SID=a$');
  await rule.release();
  expect([conditions.at(-1), await rule.read()]).toEqual([NEUTRAL, undefined]);
});

it('asks whether the change is still the caller’s to make after its reads, which can take a minute', async () => {
  const hold = async () => {
    calls.push('hold');
    throw new Error('the lock is another deploy’s');
  };
  for (const change of [() => createDrainRule(client, ARNS).pin('^SID=a$', hold), () => createDrainRule(client, ARNS).release(hold)]) {
    calls = [];
    await expect(change()).rejects.toThrow(/another deploy/);
    expect(calls).toEqual(['DescribeRulesCommand', 'hold']);
  }
});

it('a rule that its owner has deleted takes no session and needs no release; a session cannot be kept by it', async () => {
  const none = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });
  none.send = (async () => {
    throw Object.assign(new Error('One or more rules not found'), { name: 'RuleNotFoundException' });
  }) as typeof none.send;
  const rule = createDrainRule(none, ARNS);
  expect(await rule.read()).toBeUndefined();
  await rule.release();
  await expect(rule.pin('^SID=a$')).rejects.toMatchObject({ name: 'RuleNotFoundException' });
});
