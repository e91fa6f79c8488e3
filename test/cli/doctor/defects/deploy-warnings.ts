/** What a deploy warns of or refuses at its start: settings of the load balancer by which users meet more of it than it promises. */
import { SKIPPED } from '../../../../cli/doctor/lookup.ts';
import { attributesWith } from '../attributes-with.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const NOT_ENABLED = 'Target is in an Availability Zone that is not enabled for the load balancer';
const delayOf = (seconds: number) => attributesWith({ 'deregistration_delay.timeout_seconds': String(seconds) });

export const DEPLOY_WARNINGS: readonly Defect[] = [
  [
    'no delay',
    { facts: { attributes: delayOf(0), longestResponseSeconds: knownAs(undefined) } },
    'deregistration-delay',
    'error',
    /is 0 s/,
  ],
  [
    'a delay that ends before the drain does',
    { facts: { attributes: delayOf(30) } },
    'deregistration-delay',
    'error',
    /is 30 s, and deploys plan with 300 s/,
  ],
  [
    'a longer delay than configured',
    { facts: { attributes: delayOf(450) } },
    'deregistration-delay',
    'warning',
    /is 450 s, but 300 s in the configuration/,
  ],
  [
    'no delay, which blind drains do not notice',
    {
      facts: { attributes: delayOf(0), longestResponseSeconds: knownAs(undefined) },
      subject: subjectOf({ certificateArn: fleet.CERTIFICATE, deploy: { drainSignal: 'blind' } }),
    },
    'deregistration-delay',
    'error',
    /is 0 s, but 300 s in the configuration/,
  ],
  [
    'servers alone in their zones without cross-zone load balancing',
    { facts: { attributes: attributesWith({ 'load_balancing.cross_zone.enabled': 'false' }) } },
    'cross-zone',
    'warning',
    /^cross-zone load balancing is off .* alone in their Availability Zones \(i-3 in b\)$/,
  ],
  [
    'a start that is slower than a bake',
    { facts: { attributes: attributesWith({ 'slow_start.duration_seconds': '900' }) } },
    'slow-start',
    'warning',
    /starts servers slowly, over 900 s/,
  ],
  [
    'a group that registers its servers with another target group too',
    { facts: { group: knownAs({ ...fleet.group, targetGroupArns: [fleet.TARGET_GROUP, fleet.TARGET_GROUP.replace('web', 'inside')] }) } },
    'other-target-groups',
    'warning',
    /^the fleet's servers are registered with holdfast-inside too$/,
  ],
  [
    'listed servers that another target group has too',
    {
      facts: { group: SKIPPED, registersWith: knownAs([fleet.TARGET_GROUP, fleet.TARGET_GROUP.replace('web', 'inside')]) },
      subject: { ...fleet.subjectOf(), members: 'instances', group: undefined, nodeIds: ['i-1', 'i-2', 'i-3'] },
    },
    'other-target-groups',
    'warning',
    /^the fleet's servers are registered with holdfast-inside too$/,
  ],
  [
    'a server in a zone that the load balancer has not enabled',
    {
      facts: {
        targets: knownAs([
          { instanceId: 'i-1', state: 'healthy' },
          { instanceId: 'i-2', state: 'healthy' },
          { instanceId: 'i-3', state: 'unused', detail: `Target.NotInUse: ${NOT_ENABLED}` },
        ]),
      },
    },
    'reachable-targets',
    'error',
    /^the load balancer sends nothing to i-3 in b \(Target\.NotInUse: .* not enabled for the load balancer\)$/,
  ],
  [
    'responses that take longer than a drain waits',
    { facts: { longestResponseSeconds: knownAs(291.25) } },
    'deregistration-delay',
    'warning',
    /took 291\.3 s .* stops a deploy after 290 s/,
  ],
  [
    'responses that take longer than the time-out that is set',
    {
      subject: subjectOf({ certificateArn: fleet.CERTIFICATE, deploy: { drainTimeoutSeconds: 40 } }),
      facts: { longestResponseSeconds: knownAs(41.25) },
    },
    'deregistration-delay',
    'warning',
    /stops a deploy after 40 s/,
  ],
];
