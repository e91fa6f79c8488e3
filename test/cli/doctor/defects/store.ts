/** What can be wrong with the session store. */
import { SKIPPED } from '../../../../cli/doctor/look.ts';
import * as fleet from '../healthy-fleet.ts';
import { seenAs, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

export const STORE_DEFECTS: readonly Defect[] = [
  [
    'a store without TLS',
    { facts: { store: seenAs({ ...fleet.store, tls: false }) } },
    'store-tls',
    'error',
    /the configuration expects TLS/,
  ],
  [
    'a store without TLS, as configured',
    {
      facts: { store: seenAs({ ...fleet.store, tls: false }) },
      subject: fleet.withNamedStore({ replicationGroupId: 'sessions', tls: false }),
    },
    'store-tls',
    'warning',
    /as the configuration says/,
  ],
  [
    'a store without a password',
    { facts: { store: seenAs({ ...fleet.store, userGroupIds: [] }), storeUsers: SKIPPED } },
    'store-auth',
    'error',
    /asks for no password/,
  ],
  [
    'a store with one token',
    { facts: { store: seenAs({ ...fleet.store, userGroupIds: [], authToken: true }), storeUsers: SKIPPED } },
    'store-auth',
    'notice',
    /one AUTH token/,
  ],
  [
    'a default user that is on',
    { facts: { storeUsers: seenAs([{ userName: 'default', on: true, authentication: 'password' }]) } },
    'store-auth',
    'warning',
    /"default" is on/,
  ],
  [
    'a user without a password',
    { facts: { storeUsers: seenAs([{ userName: 'default', on: true, authentication: 'no-password' }]) } },
    'store-auth',
    'error',
    /user default signs in without/,
  ],
  [
    'a store that evicts any key',
    { facts: { evictionPolicy: seenAs('allkeys-lru') } },
    'store-eviction',
    'error',
    /allkeys-lru: a full store silently drops any key/,
  ],
  ['a store that evicts nothing', { facts: { evictionPolicy: seenAs('noeviction') } }, 'store-eviction', 'warning', /OOM/],
  [
    'a store that evicts nothing, as configured',
    { facts: { evictionPolicy: seenAs('noeviction') }, subject: subjectOf(undefined, { store: { evictionPolicy: 'noeviction' } }) },
    'store-eviction',
    'notice',
    /wants it so/,
  ],
  [
    'another policy than configured',
    { facts: { evictionPolicy: seenAs('volatile-ttl') } },
    'store-eviction',
    'warning',
    /says volatile-lru/,
  ],
  [
    'an engine without IAM users',
    { facts: { store: seenAs({ ...fleet.store, engine: 'redis', engineVersion: '6.2.6' }) } },
    'store-engine',
    'error',
    /redis 6\.2\.6, which has no IAM users/,
  ],
  [
    'a Valkey without IAM users',
    { facts: { store: seenAs({ ...fleet.store, engineVersion: '7.1' }) } },
    'store-engine',
    'error',
    /valkey 7\.1/,
  ],
  ['no replica', { facts: { store: seenAs({ ...fleet.store, replicas: 0 }) } }, 'store-failover', 'error', /has no replica/],
  [
    'no automatic failover',
    { facts: { store: seenAs({ ...fleet.store, automaticFailover: false }) } },
    'store-failover',
    'error',
    /automatic failover is off/,
  ],
  ['one zone', { facts: { store: seenAs({ ...fleet.store, multiAz: false }) } }, 'store-failover', 'warning', /Multi-AZ is off/],
  [
    'fewer replicas than configured',
    { facts: { store: seenAs({ ...fleet.store, replicas: 1 }) } },
    'store-failover',
    'warning',
    /has 1 replicas, the configuration says 2/,
  ],
  ['several shards', { facts: { store: seenAs({ ...fleet.store, shards: 2 }) } }, 'store-failover', 'warning', /2 shards/],
  [
    'a store that is being changed',
    { facts: { store: seenAs({ ...fleet.store, status: 'modifying' }) } },
    'store-failover',
    'warning',
    /is modifying/,
  ],
  ['no snapshots', { facts: { store: seenAs({ ...fleet.store, snapshotRetentionDays: 0 }) } }, 'store-snapshots', 'notice', /no snapshots/],
];
