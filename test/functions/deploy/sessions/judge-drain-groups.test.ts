import { expect, it } from 'vitest';
import { countsInDns, judgeDrainGroups } from '../../../../functions/deploy/sessions/judge-drain-groups.ts';
import type { DrainGroups, GroupSettings } from '../../../../functions/shared/aws/drain-rule.ts';

const SETTINGS: GroupSettings = {
  ...{ protocol: 'HTTP', protocolVersion: 'HTTP1', targetType: 'instance' },
  ...{ healthCheckProtocol: 'HTTP', healthCheckPort: 'traffic-port', healthCheckPath: '/live', healthyCodes: '200' },
};
const COUNT = 'target_group_health.dns_failover.minimum_healthy_targets.count';
const PERCENTAGE = 'target_group_health.dns_failover.minimum_healthy_targets.percentage';
const judge = (drain: Partial<GroupSettings>, attributes: DrainGroups['attributes'] = {}) =>
  judgeDrainGroups({ main: SETTINGS, drain: { ...SETTINGS, ...drain }, attributes });

it('accepts a drain group like the fleet’s own, without stickiness', () => {
  expect(judge({}, { 'stickiness.enabled': 'false' })).toEqual({ problems: [], warnings: [] });
});

it('refuses stickiness, whose cookie would replace that of the fleet’s group', () => {
  expect(judge({}, { 'stickiness.enabled': 'true' }).problems).toEqual([
    expect.stringMatching(/has stickiness, .* set the drain group's attribute stickiness\.enabled to false/),
  ]);
});

it('refuses one that does not balance over zones: users of other nodes would get errors', () => {
  const cross = 'load_balancing.cross_zone.enabled';
  expect(judge({}, { [cross]: 'false' }).problems).toEqual([expect.stringMatching(/does not balance over zones, .*to true/)]);
  for (const value of ['true', 'use_load_balancer_configuration']) expect(judge({}, { [cross]: value }).problems).toEqual([]);
});

it.each<[keyof GroupSettings, string, RegExp]>([
  ['protocol', 'HTTPS', /has another protocol \(HTTPS\) than the fleet's target group \(HTTP\): give the drain group the same/],
  ['protocolVersion', 'HTTP2', /protocol version \(HTTP2\)/],
  ['targetType', 'ip', /target type \(ip\)/],
  ['healthCheckProtocol', 'HTTPS', /protocol of the health check \(HTTPS\)/],
  ['healthCheckPort', '81', /port of the health check \(81\) .*\(traffic-port\)/],
])('refuses another %s', (key, value, words) => {
  expect(judge({ [key]: value })).toEqual({ problems: [expect.stringMatching(words)], warnings: [] });
});

it('warns of another path or other codes, by which servers can be healthy all the same', () => {
  expect(judge({ healthCheckPath: '/', healthyCodes: '200-399' })).toEqual({
    problems: [],
    warnings: [
      expect.stringMatching(/path of the health check \(\/\) .*\(\/live\): .*PinTimedOut/),
      expect.stringMatching(/status codes \(200-399\)/),
    ],
  });
});

it.each([
  [{}, true],
  [{ [COUNT]: '1', [PERCENTAGE]: 'off' }, true],
  [{ [COUNT]: 'off', [PERCENTAGE]: '50' }, true],
  [{ [COUNT]: 'off', [PERCENTAGE]: 'off' }, false],
  [{ [COUNT]: 'off' }, false],
])('Route 53 judges by a group with %j: %s', (attributes, counts) => expect(countsInDns(attributes)).toBe(counts));
