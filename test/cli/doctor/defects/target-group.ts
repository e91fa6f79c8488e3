/** What can be wrong with the target group, its health path and its connections. */
import { attributesWith } from '../attributes-with.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const STICKY = { 'stickiness.enabled': 'true' };
const inMemory = { ...fleet.contract, sessions: { path: '/status', field: 'sessions' } };
const withContract = (change: object) => knownAs([fleet.release({ ...fleet.contract, ...change })]);

export const TARGET_GROUP_DEFECTS: readonly Defect[] = [
  [
    'another target type',
    { facts: { targetGroup: knownAs({ ...fleet.targetGroup, targetType: 'lambda' }) } },
    'target-type',
    'error',
    /has target type lambda/,
  ],
  [
    'another port',
    { facts: { targetGroup: knownAs({ ...fleet.targetGroup, port: 80 }) } },
    'target-port',
    'warning',
    /sends to port 80, but the port in the configuration is 8080/,
  ],
  [
    'an unhealthy target',
    {
      facts: {
        targets: knownAs([
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
    { facts: { targets: knownAs([{ instanceId: 'i-1', state: 'unhealthy' }]) } },
    'healthy-targets',
    'error',
    /none of 1 targets/,
  ],
  ['no target', { facts: { targets: knownAs([]) } }, 'healthy-targets', 'notice', /no target is registered yet/],
  [
    'addresses that the load balancer takes again only after minutes',
    {
      facts: {
        targetGroup: knownAs({ ...fleet.targetGroup, targetType: 'ip' }),
        attributes: attributesWith({ 'deregistration_delay.timeout_seconds': '180' }),
      },
      subject: { ...subjectOf(), members: 'ip', settings: { ...subjectOf().settings, deregistrationDelaySeconds: 180 } },
    },
    'address-delay',
    'warning',
    /has addresses as targets, and a deregistration delay of 180 s$/,
  ],
  [
    'stickiness with sessions in the store',
    { facts: { attributes: attributesWith(STICKY) } },
    'stickiness',
    'warning',
    /lb_cookie stickiness is on although/,
  ],
  [
    'stickiness by the application’s cookie',
    { facts: { attributes: attributesWith({ ...STICKY, 'stickiness.type': 'app_cookie' }) } },
    'stickiness',
    'warning',
    /app_cookie/,
  ],
  [
    'no stickiness although the configuration has it next to the store',
    { subject: fleet.subjectOf({ certificateArn: fleet.CERTIFICATE, stickiness: true }) },
    'stickiness',
    'warning',
    /stickiness is off although the configuration has "stickiness": true/,
  ],
  [
    'no stickiness with sessions in memory',
    { facts: { releases: knownAs([fleet.release(inMemory)]) } },
    'stickiness',
    'error',
    /logged out as soon as another server receives their request/,
  ],
  [
    'stickiness with sessions in memory',
    { facts: { releases: knownAs([fleet.release(inMemory)]), attributes: attributesWith(STICKY) } },
    'stickiness',
    'warning',
    /each deploy ends the sessions/,
  ],
  [
    'stickiness on the way from sticky to redis',
    {
      facts: {
        attributes: attributesWith(STICKY),
        storeUsers: knownAs([fleet.storeUser('sess:web:redisson:tomcat_session_updates:*')]),
      },
      subject: subjectOf({
        certificateArn: fleet.CERTIFICATE,
        strategy: 'sticky',
        app: {
          kind: 'tomcat',
          archive: 'tomcat.tar.gz',
          libraries: 'redisson',
          sessionManager: 'redisson',
          health: { loadBalancer: '/live', ready: '/health' },
        },
      }),
    },
    'stickiness',
    'warning',
    /lb_cookie stickiness is on although sessions are in the store/,
  ],
  [
    'no stickiness with strategy sticky',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, strategy: 'sticky' }) },
    'stickiness',
    'error',
    /stickiness is off and strategy "sticky" keeps sessions in memory: users/,
  ],
  [
    'stickiness with strategy sticky',
    {
      facts: { attributes: attributesWith(STICKY) },
      subject: fleet.sticky({ deploy: { sessionDrainSeconds: 0 } }),
    },
    'stickiness',
    'warning',
    /strategy "sticky" keeps sessions in memory: each deploy ends the sessions/,
  ],
  [
    'stickiness that ends before the sessions',
    {
      facts: { ...fleet.inMemory, attributes: attributesWith({ ...STICKY, 'stickiness.lb_cookie.duration_seconds': '600' }) },
      subject: fleet.sticky(),
    },
    'stickiness-duration',
    'warning',
    /stickiness ends 10 m 00 s after a user's last request, and a session up to 32 m 00 s after it/,
  ],
  [
    'a Tomcat cluster without stickiness',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, strategy: 'tomcat-cluster' }) },
    'stickiness',
    'warning',
    /stickiness is off although strategy is "tomcat-cluster"/,
  ],
  [
    'the readiness path as the health path',
    {
      facts: { targetGroup: knownAs({ ...fleet.targetGroup, healthPath: '/health' }) },
      subject: fleet.withNamedTargetGroup(),
    },
    'health-path',
    'error',
    /is the release's readiness path/,
  ],
  [
    'one path for both',
    { facts: { releases: withContract({ health: { loadBalancer: '/live', ready: '/live' } }) } },
    'health-path',
    'error',
    /readiness path/,
  ],
  [
    'a health path that is not in the contract',
    { facts: { releases: withContract({ health: { loadBalancer: '/up', ready: '/health' } }) } },
    'health-path',
    'warning',
    /but \/up in the release's contract/,
  ],
  [
    'other status codes than in the contract',
    { facts: { releases: withContract({ health: { loadBalancer: '/live', status: '200-399', ready: '/health' } }) } },
    'health-path',
    'warning',
    /takes status 200 for healthy, but 200-399 in the release's contract/,
  ],
  [
    'another health path than configured',
    {
      facts: {
        targetGroup: knownAs({ ...fleet.targetGroup, healthPath: '/up' }),
        releases: withContract({ health: { loadBalancer: '/up', ready: '/health' } }),
      },
    },
    'health-path',
    'warning',
    /health path is \/up, but \/live in the configuration/,
  ],
  [
    'a keep-alive below the idle timeout',
    { facts: { releases: withContract({ keepAliveSeconds: 5 }) } },
    'keep-alive',
    'error',
    /after 5 s, and the load balancer keeps them for 60 s/,
  ],
  ['a keep-alive that equals it', { facts: { releases: withContract({ keepAliveSeconds: 60 }) } }, 'keep-alive', 'error', /after 60 s/],
  [
    'a keep-alive that is not declared',
    { facts: { releases: withContract({ keepAliveSeconds: undefined }) } },
    'keep-alive',
    'unknown',
    /is not declared/,
  ],
];
