/** What can be wrong with the target group, its health path and its connections. */
import * as fleet from '../healthy-fleet.ts';
import { seenAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const attributes = { deregistrationDelaySeconds: 30, sticky: false, stickinessType: 'lb_cookie' };
const inMemory = { ...fleet.contract, sessions: { path: '/status', field: 'sessions' } };
const withContract = (change: object) => seenAs([fleet.release({ ...fleet.contract, ...change })]);

export const TARGET_GROUP_DEFECTS: readonly Defect[] = [
  [
    'targets of another type',
    { facts: { targetGroup: seenAs({ ...fleet.targetGroup, targetType: 'lambda' }) } },
    'target-type',
    'error',
    /takes lambda targets/,
  ],
  [
    'another port',
    { facts: { targetGroup: seenAs({ ...fleet.targetGroup, port: 80 }) } },
    'target-port',
    'warning',
    /sends to port 80, the configuration says 8080/,
  ],
  [
    'no delay',
    { facts: { attributes: seenAs({ ...attributes, deregistrationDelaySeconds: 0 }), longestAnswerSeconds: seenAs(undefined) } },
    'deregistration-delay',
    'error',
    /is 0 s/,
  ],
  [
    'another delay than configured',
    { facts: { attributes: seenAs({ ...attributes, deregistrationDelaySeconds: 45 }) } },
    'deregistration-delay',
    'warning',
    /is 45 s, the configuration says 30 s/,
  ],
  [
    'answers that take longer than the delay',
    { facts: { longestAnswerSeconds: seenAs(41.25) } },
    'deregistration-delay',
    'warning',
    /took 41\.3 s/,
  ],
  [
    'a drain that ends before the delay',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, deploy: { drainTimeoutSeconds: 20 } }) },
    'deregistration-delay',
    'warning',
    /drainTimeoutSeconds \(20 s\)/,
  ],
  [
    'an unhealthy target',
    {
      facts: {
        targets: seenAs([
          { instanceId: 'i-1', state: 'healthy' },
          { instanceId: 'i-2', state: 'unhealthy', detail: 'Target.Timeout' },
        ]),
      },
    },
    'healthy-targets',
    'warning',
    /1 of 2 targets are not healthy: i-2 unhealthy \(Target\.Timeout\)/,
  ],
  [
    'no healthy target',
    { facts: { targets: seenAs([{ instanceId: 'i-1', state: 'unhealthy' }]) } },
    'healthy-targets',
    'error',
    /none of 1 targets/,
  ],
  ['no target', { facts: { targets: seenAs([]) } }, 'healthy-targets', 'notice', /no target is registered yet/],
  [
    'stickiness with sessions in the store',
    { facts: { attributes: seenAs({ ...attributes, sticky: true }) } },
    'stickiness',
    'warning',
    /lb_cookie stickiness is on although/,
  ],
  [
    'stickiness by the application’s cookie',
    { facts: { attributes: seenAs({ ...attributes, sticky: true, stickinessType: 'app_cookie' }) } },
    'stickiness',
    'warning',
    /app_cookie/,
  ],
  [
    'no stickiness with sessions in memory',
    { facts: { releases: seenAs([fleet.release(inMemory)]) } },
    'stickiness',
    'error',
    /logged out as soon as another server answers/,
  ],
  [
    'stickiness with sessions in memory',
    { facts: { releases: seenAs([fleet.release(inMemory)]), attributes: seenAs({ ...attributes, sticky: true }) } },
    'stickiness',
    'warning',
    /each deploy ends those/,
  ],
  [
    'no stickiness although the configuration says that sessions are in memory',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, strategy: 'sticky' }) },
    'stickiness',
    'error',
    /stickiness is off and strategy "sticky" keeps sessions in memory: users/,
  ],
  [
    'stickiness with strategy sticky',
    {
      facts: { attributes: seenAs({ ...attributes, sticky: true }) },
      subject: subjectOf({ certificateArn: fleet.CERTIFICATE, strategy: 'sticky' }),
    },
    'stickiness',
    'warning',
    /strategy "sticky" keeps sessions in memory: each deploy ends those/,
  ],
  [
    'a Tomcat cluster without stickiness',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, strategy: 'tomcat-cluster' }) },
    'stickiness',
    'warning',
    /stickiness is off although strategy is "tomcat-cluster"/,
  ],
  [
    'the gate path as the health path',
    {
      facts: { targetGroup: seenAs({ ...fleet.targetGroup, healthPath: '/health' }) },
      subject: fleet.withNamedTargetGroup(),
    },
    'health-path',
    'error',
    /which is the release's gate path/,
  ],
  [
    'one path for both',
    { facts: { releases: withContract({ health: { loadBalancer: '/live', gate: '/live' } }) } },
    'health-path',
    'error',
    /gate path/,
  ],
  [
    'a health path that the contract does not know',
    { facts: { releases: withContract({ health: { loadBalancer: '/up', gate: '/health' } }) } },
    'health-path',
    'warning',
    /names \/up for it/,
  ],
  [
    'another health path than configured',
    {
      facts: {
        targetGroup: seenAs({ ...fleet.targetGroup, healthPath: '/up' }),
        releases: withContract({ health: { loadBalancer: '/up', gate: '/health' } }),
      },
    },
    'health-path',
    'warning',
    /asks \/up, the configuration says \/live/,
  ],
  [
    'a keep-alive below the idle time-out',
    { facts: { releases: withContract({ keepAliveSeconds: 5 }) } },
    'keep-alive',
    'error',
    /after 5 s, and the load balancer keeps them for 60 s/,
  ],
  ['a keep-alive that equals it', { facts: { releases: withContract({ keepAliveSeconds: 60 }) } }, 'keep-alive', 'error', /after 60 s/],
  [
    'a keep-alive that nobody says',
    { facts: { releases: withContract({ keepAliveSeconds: undefined }) } },
    'keep-alive',
    'unknown',
    /nobody says/,
  ],
];
