/** What can be wrong with what keeps a server's sessions on it while a deploy waits for them. */
import type { DrainFacts } from '../../../../functions/checks/facts.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const [rule, main] = fleet.drain.rules as [(typeof fleet.drain.rules)[0], (typeof fleet.drain.rules)[0]];
const planted = (change: Partial<DrainFacts>, subject = fleet.sticky()) => ({
  subject,
  facts: { ...fleet.inMemory, drain: knownAs({ ...fleet.drain, ...change }) },
});
const groups = (change: Partial<DrainFacts['groups']>) => planted({ groups: { ...fleet.drain.groups, ...change } });
const paths = ['/a/*', '/b/*', '/c/*', '/d/*'];

export const DRAIN_RULE_DEFECTS: readonly Defect[] = [
  ['no drain rule', planted({ rules: [main] }), 'drain-rule', 'error', /the drain rule .* does not exist/],
  [
    'a drain rule that leads elsewhere',
    planted({ rules: [{ ...rule, targetGroupArns: ['arn:another'] }, main] }),
    'drain-rule',
    'error',
    /does not forward to the drain group alone/,
  ],
  [
    'a drain rule below the fleet’s',
    planted({
      rules: [
        { ...main, priority: 10 },
        { ...rule, priority: 20 },
      ],
    }),
    'drain-rule',
    'error',
    /\(priority 20\) is below the fleet's rule/,
  ],
  [
    'another service’s rule in between',
    planted({
      rules: [
        { ...rule, priority: 10 },
        { ...main, arn: `${main.arn}0`, priority: 11, targetGroupArns: [] },
        { ...main, priority: 12 },
      ],
    }),
    'drain-rule',
    'error',
    /a rule with priority 11 is between/,
  ],
  [
    'a rule without room for the cookie',
    planted({
      rules: [
        { ...rule, priority: 10, paths },
        { ...main, priority: 11, paths },
      ],
    }),
    'drain-rule',
    'error',
    /has 4 condition values/,
  ],
  [
    'a listener that signs users in',
    planted({ rules: [rule, { ...main, actions: ['authenticate-oidc', 'forward'] }] }),
    'drain-rule',
    'error',
    /signs users in \(authenticate-oidc\)/,
  ],
  [
    'a drain group with stickiness',
    groups({ attributes: { ...fleet.drain.groups.attributes, 'stickiness.enabled': 'true' } }),
    'drain-rule',
    'error',
    /stickiness.*set the drain group's attribute stickiness\.enabled to false/,
  ],
  [
    'a drain group of another protocol',
    groups({ drain: { ...fleet.drain.groups.drain, protocol: 'HTTPS' } }),
    'drain-rule',
    'error',
    /another protocol \(HTTPS\)/,
  ],
  [
    'a drain group with another health check',
    groups({ drain: { ...fleet.drain.groups.drain, healthCheckPath: '/' } }),
    'drain-group',
    'warning',
    /path of the health check \(\/\) than the fleet's target group \(\/live\)/,
  ],
  [
    'a drain group that Route 53 counts',
    groups({ attributes: { 'stickiness.enabled': 'false', 'target_group_health.dns_failover.minimum_healthy_targets.count': '1' } }),
    'drain-group',
    'warning',
    /Route 53 judges the load balancer by the drain group/,
  ],
  [
    'no priority for the re-login page',
    planted(
      {
        rules: [
          { ...rule, priority: 1 },
          { ...main, priority: 2 },
        ],
      },
      fleet.sticky({ incidents: { reLoginPage: {} } }),
    ),
    'drain-rule',
    'warning',
    /priority 1, which leaves none above it for the re-login page/,
  ],
  [
    'a pin that nobody undid',
    planted({ pinned: '^SID=i-1$', targets: [{ instanceId: 'i-1', state: 'healthy' }] }),
    'drain-leftovers',
    'warning',
    /takes sessions \(\^SID=i-1\$\), and i-1 is in the drain group, although no deploy is running/,
  ],
  [
    'a release that counts no sessions',
    { subject: fleet.sticky(), facts: { ...fleet.inMemory, releases: knownAs([fleet.release()]) } },
    'session-contract',
    'warning',
    /has no "sessions" and "session\.cookie"/,
  ],
];
