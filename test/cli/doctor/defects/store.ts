/** What can be wrong with the session store. */
import { SKIPPED } from '../../../../cli/doctor/lookup.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const SECRET = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:shop-AbCdEf';
const SPRING_CHANNELS = ['sess:web:spring:session:event:0:created:*', '__keyevent@0__:del', '__keyevent@0__:expired'];
const springFleet = subjectOf({ certificateArn: fleet.CERTIFICATE, sessions: { channels: ['spring-session-indexed'] } });
const TOMCAT = { kind: 'tomcat', home: '/usr/share/tomcat10', libraries: 'libraries', health: { loadBalancer: '/live', ready: '/health' } };

const UNCONFIRMED = { dialect: 'connect-redis', sessions: 1_000, withoutTtl: 950, setting: 'sweep.policies.connect-redis' };

const { store: ofStore, ...ofFleet } = subjectOf();

export const STORE_DEFECTS: readonly Defect[] = [
  [
    'a store whose replication group the configuration does not name',
    {
      facts: { store: SKIPPED, evictionPolicy: SKIPPED, keyspaceEvents: SKIPPED, storeUsers: SKIPPED },
      subject: { ...ofFleet, store: { ...ofStore, replicationGroup: undefined, host: 'sessions.example.com' } },
    },
    'store-access',
    'unknown',
    /does not name the replication group of sessions\.example\.com/,
  ],
  [
    'alarms without earlier readings',
    { facts: { baseline: knownAs({}) } },
    'alarm-baseline',
    'notice',
    /active-session-drop cannot fire yet$/,
  ],
  [
    'a store without TLS',
    { facts: { store: knownAs({ ...fleet.store, tls: false }) } },
    'store-tls',
    'error',
    /the configuration expects TLS/,
  ],
  [
    'a store without TLS, as configured',
    {
      facts: { store: knownAs({ ...fleet.store, tls: false }) },
      subject: fleet.withExistingStore({ replicationGroupId: 'sessions', tls: false }),
    },
    'store-tls',
    'warning',
    /as configured/,
  ],
  [
    'a store without a password',
    { facts: { store: knownAs({ ...fleet.store, userGroupIds: [] }), storeUsers: SKIPPED } },
    'store-auth',
    'error',
    /requires no password/,
  ],
  [
    'a store with an AUTH token',
    { facts: { store: knownAs({ ...fleet.store, userGroupIds: [], authToken: true }), storeUsers: SKIPPED } },
    'store-auth',
    'notice',
    /a single AUTH token/,
  ],
  [
    'a default user that is on',
    { facts: { storeUsers: knownAs([{ userName: 'default', on: true, authentication: 'password', channels: [] }]) } },
    'store-auth',
    'warning',
    /"default" is on/,
  ],
  [
    'a user without a password',
    { facts: { storeUsers: knownAs([{ userName: 'default', on: true, authentication: 'no-password', channels: [] }]) } },
    'store-auth',
    'error',
    /user default signs in without/,
  ],
  [
    'a store that evicts any key',
    { facts: { evictionPolicy: knownAs('allkeys-lru') } },
    'store-eviction',
    'error',
    /allkeys-lru: a full store silently evicts any key/,
  ],
  ['a store that evicts nothing', { facts: { evictionPolicy: knownAs('noeviction') } }, 'store-eviction', 'warning', /OOM/],
  [
    'a store that evicts nothing, as configured',
    { facts: { evictionPolicy: knownAs('noeviction') }, subject: subjectOf(undefined, { store: { evictionPolicy: 'noeviction' } }) },
    'store-eviction',
    'notice',
    /it is configured so/,
  ],
  [
    'another policy than configured',
    { facts: { evictionPolicy: knownAs('volatile-ttl') } },
    'store-eviction',
    'warning',
    /but volatile-lru in the configuration/,
  ],
  [
    'an engine without IAM users',
    { facts: { store: knownAs({ ...fleet.store, engine: 'redis', engineVersion: '6.2.6' }) } },
    'store-engine',
    'error',
    /redis 6\.2\.6, which does not support IAM users/,
  ],
  [
    'a Valkey without IAM users',
    { facts: { store: knownAs({ ...fleet.store, engineVersion: '7.1' }) } },
    'store-engine',
    'error',
    /valkey 7\.1/,
  ],
  ['no replica', { facts: { store: knownAs({ ...fleet.store, replicas: 0 }) } }, 'store-failover', 'error', /has no replica/],
  [
    'no automatic failover',
    { facts: { store: knownAs({ ...fleet.store, automaticFailover: false }) } },
    'store-failover',
    'error',
    /automatic failover is off/,
  ],
  ['one zone', { facts: { store: knownAs({ ...fleet.store, multiAz: false }) } }, 'store-failover', 'warning', /Multi-AZ is off/],
  [
    'fewer replicas than configured',
    { facts: { store: knownAs({ ...fleet.store, replicas: 1 }) } },
    'store-failover',
    'warning',
    /has 1 replica, but 2 in the configuration/,
  ],
  ['several shards', { facts: { store: knownAs({ ...fleet.store, shards: 2 }) } }, 'store-failover', 'warning', /2 shards/],
  [
    'a store that is being changed',
    { facts: { store: knownAs({ ...fleet.store, status: 'modifying' }) } },
    'store-failover',
    'warning',
    /is modifying/,
  ],
  [
    'no snapshots',
    { facts: { store: knownAs({ ...fleet.store, snapshotRetentionDays: 0 }) } },
    'store-snapshots',
    'notice',
    /no snapshots/,
  ],
  [
    'a store that does not publish the ends of Spring’s sessions',
    { facts: { keyspaceEvents: knownAs(''), storeUsers: knownAs([fleet.storeUser(...SPRING_CHANNELS)]) }, subject: springFleet },
    'store-notifications',
    'error',
    /notify-keyspace-events is "", without E, g, x/,
  ],
  [
    'an existing store that publishes only expired keys, whose user listens for more',
    {
      facts: {
        keyspaceEvents: knownAs('Ex'),
        storeUsers: knownAs([{ ...fleet.storeUser(...SPRING_CHANNELS), userName: 'shop' }]),
      },
      subject: fleet.withExistingStore({ replicationGroupId: 'sessions', application: { userName: 'shop', secretArn: SECRET } }),
    },
    'store-notifications',
    'error',
    /without g/,
  ],
  [
    'a user of Spring’s indexed repository without its channels',
    { facts: { storeUsers: knownAs([fleet.storeUser(...SPRING_CHANNELS.slice(1))]) }, subject: springFleet },
    'store-channels',
    'error',
    /user app-web cannot subscribe to sess:web:spring:session:event:0:created:\*/,
  ],
  [
    'a user of Redisson’s manager without its channel',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, app: TOMCAT }) },
    'store-channels',
    'error',
    /cannot subscribe to sess:web:redisson:tomcat_session_updates:\*/,
  ],
  [
    'a release in Java without channels',
    { facts: { releases: knownAs([fleet.release({ ...fleet.contract, start: ['/usr/bin/java', '-jar', 'app.jar'] })]) } },
    'store-channels',
    'notice',
    /starts Java, and user app-web has no publish and subscribe channel/,
  ],
  [
    'sessions without a TTL that wait for a decision',
    { facts: { openDecisions: knownAs([UNCONFIRMED]) } },
    'sweep-decision',
    'warning',
    /^950 of 1000 sessions of connect-redis have no TTL, and the last sweep left them for you to decide$/,
  ],
  [
    'such a decision that the configuration has by now',
    {
      facts: { openDecisions: knownAs([UNCONFIRMED]) },
      subject: { ...subjectOf({ certificateArn: fleet.CERTIFICATE }), sweepPolicies: { 'connect-redis': 'report' } },
    },
    'sweep-decision',
    'notice',
    /sweep\.policies\.connect-redis is "report" by now$/,
  ],
];
