import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { expect, it } from 'vitest';
import { createDeployRules } from '../../../../functions/shared/aws/listener-rules.ts';
import { stubHttp } from '../../fakes/stub-http.ts';

const GROUP = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/0123456789abcdef';
const members = (...inner: string[]) => inner.map((one) => `<member>${one}</member>`).join('');
const tag = (key: string, value: string) => `<Key>${key}</Key><Value>${value}</Value>`;

type Tagged = Record<string, Record<string, string>>;

/** Two listeners of one load balancer; each has its default rule, and the first one the given ones, on two pages. */
function elastic(tagged: Tagged) {
  const http = stubHttp();
  const described: string[][] = [];
  http.answerBy((body) => {
    const asked = new URLSearchParams(body);
    const action = asked.get('Action') as string;
    const wrap = (inner: string) => `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`;
    if (action === 'DescribeTargetGroups') {
      expect(asked.get('TargetGroupArns.member.1')).toBe(GROUP);
      return wrap(`<TargetGroups>${members(`<LoadBalancerArns>${members('lb')}</LoadBalancerArns>`)}</TargetGroups>`);
    }
    if (action === 'DescribeListeners')
      return wrap(`<Listeners>${members('<ListenerArn>one</ListenerArn>', '<ListenerArn>two</ListenerArn>')}</Listeners>`);
    if (action === 'DescribeRules') {
      const own = asked.get('ListenerArn') === 'one' ? Object.keys(tagged) : [];
      const half = Math.ceil(own.length / 2);
      const isFirst = asked.get('Marker') === null;
      const rules = (isFirst ? own.slice(0, half) : own.slice(half)).map((arn) => `<RuleArn>${arn}</RuleArn><IsDefault>false</IsDefault>`);
      const more = isFirst && own.length > half ? '<NextMarker>more</NextMarker>' : '';
      return wrap(`<Rules>${members(...rules, '<RuleArn>default</RuleArn><IsDefault>true</IsDefault>')}</Rules>${more}`);
    }
    const arns = [...asked].flatMap(([key, value]) => (key.startsWith('ResourceArns') ? [value] : []));
    described.push(arns);
    const tagsOf = (arn: string) => members(...Object.entries(tagged[arn] ?? {}).map(([key, value]) => tag(key, value)));
    return wrap(
      `<TagDescriptions>${members(...arns.map((arn) => `<ResourceArn>${arn}</ResourceArn><Tags>${tagsOf(arn)}</Tags>`))}</TagDescriptions>`,
    );
  });
  return { rules: createDeployRules(new ElasticLoadBalancingV2Client(http.config), GROUP, 'holdfast/web'), described };
}

it('finds the rules that deploys of the fleet made, over every page, and no other', async () => {
  const { rules, described } = elastic({
    'of-a-deploy': { 'holdfast:fleet': 'holdfast/web', 'holdfast:deploy': 'd1' },
    'of-a-stack': { 'holdfast:fleet': 'holdfast/web' },
    'of-another-fleet': { 'holdfast:fleet': 'holdfast/shop', 'holdfast:deploy': 'd2' },
    'of-somebody': {},
  });
  expect(await rules.createdByDeploys()).toEqual([{ ruleArn: 'of-a-deploy', deployId: 'd1' }]);
  expect(described.flat()).not.toContain('default');
});

it('asks for the tags of twenty rules at once, as many as there may be', async () => {
  const { rules, described } = elastic(
    Object.fromEntries(
      Array.from({ length: 45 }, (_, at) => [`r${at}`, { 'holdfast:fleet': 'holdfast/web', 'holdfast:deploy': `d${at}` }]),
    ),
  );
  expect(await rules.createdByDeploys()).toHaveLength(45);
  expect(described.map((arns) => arns.length)).toEqual([20, 20, 5]);
});

it('asks for no tags where there are only default rules', async () => {
  const { rules, described } = elastic({});
  expect(await rules.createdByDeploys()).toEqual([]);
  expect(described).toEqual([]);
});
