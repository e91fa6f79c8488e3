/** Which requests the drain rule of a listener takes that several services share. */
import type { DescribeRulesCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { beforeAll, expect, test } from 'vitest';
import { compileRules } from '#local-aws/elbv2/data-plane/route-request.ts';
import { readConditions } from '#local-aws/elbv2/read-conditions.ts';
import { synthesized } from '../fakes/synthesized.ts';
import type { Installation } from '../installation/installation.ts';
import { Kernel } from '../kernel/kernel.ts';
import { FakeServers } from './fake-servers.ts';
import { createLoadBalancer } from './load-balancer.ts';
import { SimulatedStore } from './store.ts';
import { FLEETS_PLACE, OTHER_PLACES, type PlaceOfRequest } from './traffic/places.ts';

let shared: Installation;
let sticky: Installation;
beforeAll(async () => {
  ({ shared, sticky } = await synthesized());
});

const PATTERN = '^(.*; *)?SID=[^;]*[.]i-1$';
const COOKIES = 'theme=dark; SID=s.i-1';
const LONGEST_LAG_SECONDS = 60;

function world() {
  const kernel = new Kernel(1);
  const servers = new FakeServers(kernel, new SimulatedStore({ kernel }));
  const loadBalancer = createLoadBalancer({ kernel, servers, front: shared, metrics: { record: () => {} } });
  const RuleArn = shared.drain?.rule.arn as string;
  const call = (operation: string, input: object) => loadBalancer.service[operation]?.(input as never) as DescribeRulesCommandOutput;
  return {
    taken: (place: PlaceOfRequest, cookies = COOKIES) => loadBalancer.takesFromOthers?.({ ...place, cookies }),
    /** Users of every node find the rule so. */
    async change(keep: (field: string | undefined) => boolean) {
      const [rule] = call('DescribeRules', { RuleArns: [RuleArn] }).Rules ?? [];
      const others = (rule?.Conditions ?? []).filter(({ Field }) => Field !== 'http-header' && keep(Field));
      const cookie = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'Cookie', RegexValues: [PATTERN] } };
      call('ModifyRule', { RuleArn, Conditions: [...others, cookie] });
      await kernel.run(kernel.now() + LONGEST_LAG_SECONDS * 1000);
    },
  };
}

test('the rules are those of the template, with a host and paths: they take requests of the fleet, and of no other service', () => {
  const find = compileRules([
    {
      arn: 'own',
      listenerArn: '',
      priority: 1,
      conditions: readConditions(shared.ownRule?.conditions ?? []),
      actions: [],
      tags: new Map(),
    },
  ]);
  const matches = (place: PlaceOfRequest) => find({ ...place, method: 'GET', query: '', headers: {}, sourceIp: '192.0.2.1' }) !== undefined;
  expect(matches(FLEETS_PLACE)).toBe(true);
  expect(OTHER_PLACES.map(matches)).toEqual(OTHER_PLACES.map(() => false));
  expect(shared.drain?.rule.conditions).toHaveLength(3);
  expect((shared.ownRule?.priority ?? 0) - (shared.drain?.rule.priority ?? 0)).toBe(1);
});

test('between deploys the rule takes no request', () => {
  const { taken } = world();
  for (const place of [FLEETS_PLACE, ...OTHER_PLACES]) expect(taken(place)).toBe(false);
});

test('with its hosts and paths it takes a session of the fleet only', async () => {
  const { taken, change } = world();
  await change(() => true);
  expect(taken(FLEETS_PLACE)).toBe(true);
  expect(taken(FLEETS_PLACE, 'SID=s.i-2')).toBe(false);
  expect(OTHER_PLACES.map((place) => taken(place))).toEqual([false, false]);
});

test.each([
  ['host-header', [false, true]],
  ['path-pattern', [true, false]],
] as const)('without its %s it takes sessions of another service too: a change replaces all conditions', async (lost, expected) => {
  const { taken, change } = world();
  await change((field) => field !== lost);
  expect(OTHER_PLACES.map((place) => taken(place))).toEqual(expected);
});

test('a listener of the fleet’s own has no other services', () => {
  const kernel = new Kernel(1);
  const servers = new FakeServers(kernel, new SimulatedStore({ kernel }));
  const own = createLoadBalancer({ kernel, servers, front: sticky, metrics: { record: () => {} } });
  expect(own.takesFromOthers).toBeUndefined();
});
