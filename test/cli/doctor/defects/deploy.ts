/** What can be wrong with what a deploy needs. */
import type { AlarmStatus } from '../../../../cli/installation/attention/attention-words.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';
import * as fleet from '../healthy-fleet.ts';
import { knownAs, NOW_MS, subjectOf } from '../healthy-fleet.ts';
import type { Defect } from './defect.ts';

const on = (instanceId: string, version: string) => ({ instanceId, version, installedAtMs: 1 });
const locked = { fencingToken: 4, deployId: 'd1', version: '1.1.0', expiresAtMs: NOW_MS + 1_000 };
/** All OK but one, which is missing without a state. */
const alarmsWith = (state?: AlarmStatus['state'], of = 'target-5xx') =>
  knownAs(
    Object.fromEntries(
      fleet.alarmNames.flatMap((name) => {
        const shown = name.endsWith(of) ? state : 'OK';
        return shown === undefined ? [] : [[name, { state: shown, description: '' }] as const];
      }),
    ),
  );

const baked = (requests: number) => ({ requests, of: 20, attributes: ['cart (java.util.ArrayList)'], unserializable: ['shop.Plain'] });
const target = { phase: 'done', order: 0, fromVersion: '0.9.0', phaseStartedAtMs: 1 } as const;
const bakedDeploy = (targets: object) =>
  knownAs({ ...{ deployId: 'd0', from: '0.9.0', to: '1.0.0', startedAtMs: 1, status: 'SUCCEEDED' }, targets } as unknown as DeployRecord);
const lastDeploy = bakedDeploy({ 'i-1': { ...target, unwritten: baked(1) }, 'i-2': { ...target, unwritten: baked(2) }, 'i-3': target });

export const DEPLOY_DEFECTS: readonly Defect[] = [
  [
    'sessions that end after a minute',
    { facts: { releases: knownAs([fleet.release({ ...fleet.contract, session: { cookie: 'SID', timeoutSeconds: 60 } })]) } },
    'short-sessions',
    'warning',
    /ends 1 m 00 s after its last request$/,
  ],
  [
    'a release that does not write what its requests change in sessions',
    { facts: { lastDeploy } },
    'session-changes',
    'warning',
    /^while release 1\.0\.0 baked, 3 of 40 sampled requests changed session attributes that were not written to the store: cart \(java\.util\.ArrayList\); not serializable: shop\.Plain$/,
  ],
  [
    'a release whose changes of sessions could not be written',
    { facts: { lastDeploy: bakedDeploy({ 'i-1': { ...target, unwritten: { ...baked(0), failed: 2 } } }) } },
    'session-changes',
    'warning',
    /^while release 1\.0\.0 baked, 0 of 20 sampled requests .*; 2 changes could not be written, for which the server's log has the reason$/,
  ],
  [
    'a release whose sessions are known by ids in URLs',
    {
      facts: {
        lastDeploy: bakedDeploy({
          'i-1': { ...target, unwritten: { ...baked(0), inUrls: { sessions: 2, of: 30 } } },
          'i-2': { ...target, unwritten: { ...baked(0), inUrls: { sessions: 0, of: 10 } } },
        }),
      },
    },
    'session-ids-in-urls',
    'warning',
    /^while release 1\.0\.0 baked, 2 of 40 sessions had the id in URLs \(;jsessionid=\) and in no cookie$/,
  ],
  [
    'too few concurrent functions for a deploy',
    { facts: { unreservedConcurrency: knownAs(5) } },
    'function-concurrency',
    'warning',
    /a deploy and what runs next to it need up to 9 functions at the same time, and those of this account share 5 in this Region/,
  ],
  [
    'too few free roles for one more fleet',
    { facts: { roles: knownAs({ used: 972, most: 1_000 }) } },
    'free-roles',
    'notice',
    /^972 of 1000 roles of the account are used, 28 are free$/,
  ],
  [
    'an unprotected last stack',
    { facts: { terminationProtection: knownAs(false) } },
    'termination-protection',
    'warning',
    /termination protection of the stack holdfast-termination-protection is off/,
  ],
  ['a missing alarm', { facts: { alarms: alarmsWith() } }, 'alarm', 'warning', /holdfast-web-target-5xx does not exist/],
  ['an alarm in ALARM', { facts: { alarms: alarmsWith('ALARM') } }, 'alarm', 'warning', /is in ALARM/],
  [
    'a missing alarm of the store',
    { facts: { alarms: alarmsWith(undefined, 'evictions') } },
    'store-alarm',
    'warning',
    /holdfast-store-evictions does not exist/,
  ],
  [
    'an alarm of the store in ALARM',
    { facts: { alarms: alarmsWith('ALARM', 'memory-percent') } },
    'store-alarm',
    'warning',
    /memory-percent is in ALARM/,
  ],
  [
    'an alarm of the store without data',
    { facts: { alarms: alarmsWith('INSUFFICIENT_DATA', 'collector-silent') } },
    'store-alarm',
    'notice',
    /no data/,
  ],
  [
    'an event that incidents failed at',
    { facts: { alarms: alarmsWith('ALARM', 'incidents-dead-letters') } },
    'incident-alarm',
    'warning',
    /holdfast-incidents-dead-letters is in ALARM/,
  ],
  [
    'alarms that reach nobody',
    { facts: { alarmSubscriptions: knownAs({ confirmed: 0, pending: 0 }) } },
    'alarm-subscribers',
    'notice',
    /^nobody is subscribed to the topic of the alarms$/,
  ],
  ['an alarm without data', { facts: { alarms: alarmsWith('INSUFFICIENT_DATA') } }, 'alarm', 'notice', /no data/],
  [
    'an alarm of the settings that does not exist',
    { subject: subjectOf({ certificateArn: fleet.CERTIFICATE, deploy: { alarmNames: ['mine'] } }) },
    'alarm',
    'warning',
    /alarm mine does not exist/,
  ],
  [
    'a fleet of which no deploy has succeeded',
    { facts: { fleetRecord: knownAs(undefined), releases: knownAs([fleet.release()]) } },
    'release',
    'notice',
    /no deploy of web has succeeded yet/,
  ],
  [
    'a document of another checkout',
    { facts: { documents: [fleet.documentWith({ isOfThisCheckout: false })] } },
    'document',
    'warning',
    /latest version of holdfast-observe, 3, has another content/,
  ],
  [
    'a default version that did not move with an update',
    { facts: { documents: [fleet.documentWith({ defaultVersion: '2' })] } },
    'document',
    'notice',
    /default version of holdfast-observe is 2, and the latest 3/,
  ],
  [
    'a current release that is not published',
    {
      facts: {
        fleetRecord: knownAs({
          fleet: 'web',
          currentVersion: '2.0.0',
          sha256: 'ab'.repeat(32),
          updatedAtMs: 1,
          deployId: 'd1',
          fencingToken: 1,
        }),
        releases: knownAs([fleet.release()]),
        installed: knownAs([on('i-1', '2.0.0')]),
      },
    },
    'release',
    'error',
    /2\.0\.0 is not among the 1 published/,
  ],
  [
    'an archive with other content',
    { facts: { archive: knownAs({ sha256: 'b'.repeat(64), sizeBytes: 1234 }) } },
    'release',
    'error',
    /is not the published one/,
  ],
  ['an archive without a checksum', { facts: { archive: knownAs({ sizeBytes: 1234 }) } }, 'release', 'warning', /no SHA-256/],
  [
    'a lock whose lease has expired',
    { facts: { lock: knownAs({ ...locked, expiresAtMs: NOW_MS - 1 }) } },
    'lock',
    'warning',
    /d1 of 1\.1\.0 still holds the lock, although its lease expired at 2026-11-20T08:59:59\.999Z/,
  ],
  [
    'servers with another release than the current one',
    { facts: { installed: knownAs([on('i-1', '1.0.0'), on('i-2', '0.9.0'), on('i-3', 'none'), on('i-gone', '0.1.0')]) } },
    'server-release',
    'warning',
    /^2 of 3 servers have another release than the current 1\.0\.0: i-2 has 0\.9\.0, i-3 has none$/,
  ],
  ['a running deploy', { facts: { lock: knownAs(locked) } }, 'lock', 'notice', /d1 of 1\.1\.0 is running/],
  [
    'a zone that the account does not have',
    { facts: { zones: knownAs(['a', 'c', 'd']) } },
    'zones',
    'error',
    /does not have zone b of the configuration in us-east-1: it has a, c and d$/,
  ],
  [
    'an account with one zone',
    { facts: { zones: knownAs(['a']) } },
    'zones',
    'error',
    /does not have zones b and c of the configuration in us-east-1: it has a$/,
  ],
  ['a clock that is wrong', { facts: { clockSkewMs: knownAs(-40_000) } }, 'clock', 'warning', /40 s behind/],
  ['a clock that AWS refuses', { facts: { clockSkewMs: knownAs(400_000) } }, 'clock', 'error', /400 s ahead/],
];
