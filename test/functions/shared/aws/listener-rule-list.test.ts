import { ElasticLoadBalancingV2Client, type Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import { createListenerRuleList } from '../../../../functions/shared/aws/listener-rule-list.ts';

const RULES = 'arn:aws:elasticloadbalancing:eu-west-1:1:listener-rule/app/shop/1';
const PLAIN = { hosts: [], paths: [], others: [], transforms: [], actions: ['forward'], targetGroupArns: ['main'] };

const list = (rules: Record<string, readonly Rule[]>) => {
  const client = new ElasticLoadBalancingV2Client({ region: 'eu-west-1' });
  client.send = (async ({ input }: { input: { LoadBalancerArn?: string; ListenerArn?: string } }) => {
    if (input.ListenerArn !== undefined) return { Rules: rules[input.ListenerArn] };
    expect(input.LoadBalancerArn).toBe('arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/1');
    return { Listeners: Object.keys(rules).map((ListenerArn) => ({ ListenerArn })) };
  }) as typeof client.send;
  return createListenerRuleList(client, `${RULES}/2/3`)();
};

it('lists the rules of every listener of the load balancer, by priority', async () => {
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: 'main' }];
  const found = await list({
    one: [
      { RuleArn: 'default', IsDefault: true, Priority: 'default', Actions },
      { RuleArn: 'ninth', Priority: '9', Actions },
    ],
    two: [{ RuleArn: 'first', Priority: '1', Actions }],
  });
  expect(found).toEqual([
    { ...PLAIN, arn: 'first', priority: 1 },
    { ...PLAIN, arn: 'ninth', priority: 9 },
    { ...PLAIN, arn: 'default', priority: Number.POSITIVE_INFINITY },
  ]);
});

it('lists each value by which a rule takes requests or changes them', async () => {
  const [found] = await list({
    one: [
      {
        RuleArn: 'first',
        Priority: '1',
        Conditions: [
          { Field: 'host-header', Values: ['a'], HostHeaderConfig: { Values: ['a'] } },
          { Field: 'path-pattern', PathPatternConfig: { RegexValues: ['^/b'] } },
          { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Api', Values: ['2'] } },
          { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'k', Value: 'v' }] } },
          { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET', 'PUT'] } },
          { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8'] } },
        ],
        Transforms: [{ Type: 'url-rewrite', UrlRewriteConfig: { Rewrites: [{ Regex: '^/x', Replace: '/y' }] } }],
      },
    ],
  });
  expect(found).toMatchObject({
    hosts: ['a'],
    paths: ['regex ^/b'],
    others: [
      ['http-header x-api 2'],
      ['query-string k=v'],
      ['http-request-method GET', 'http-request-method PUT'],
      ['source-ip 10.0.0.0/8'],
    ],
    transforms: [expect.stringContaining('/y')],
  });
});
