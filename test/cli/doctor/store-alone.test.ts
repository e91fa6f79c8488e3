/** What doctor says of a store that is watched without fleets. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';

import type { Lookups } from '../../../cli/doctor/lookup.ts';
import { readStoreScope } from '../../../cli/doctor/subject.ts';
import { storeAlone } from '../../infra/adopted-configs.ts';
import { parse } from '../../infra/parse-config.ts';
import { healthy, knownAs } from './healthy-fleet.ts';

const scope = readStoreScope(parse(storeAlone()), {
  account: '111122223333',
  region: 'us-east-1',
  local: false,
  awsOptions: '--region us-east-1',
});
const { nowMs, store, evictionPolicy, keyspaceEvents, storeUsers, openDecisions, alarms, baseline, clockSkewMs } = healthy;
const facts = {
  ...{ nowMs, store, evictionPolicy, keyspaceEvents, storeUsers, openDecisions, alarms, clockSkewMs },
  terminationProtection: healthy.terminationProtection,
  alarmSubscriptions: healthy.alarmSubscriptions,
  ...(baseline && { baseline }),
};
const wrong = (change: Partial<Lookups>) => diagnose({ ...facts, ...change }, scope).filter(({ severity }) => severity !== 'ok');

describe('the diagnosis of a store alone', () => {
  it('finds nothing wrong with one that is well, and checks its alarms and termination protection', () => {
    expect(wrong({})).toEqual([]);
    const checks = diagnose(facts, scope).map(({ check }) => check);
    expect(checks).toEqual(
      expect.arrayContaining(['store-tls', 'store-eviction', 'store-failover', 'store-alarm', 'incident-alarm', 'termination-protection']),
    );
    const ofStore = ['alarm-baseline', 'alarm-subscribers'];
    expect(checks.filter((check) => /^(alarm|release|target|listener|lock|zones)/.test(check) && !ofStore.includes(check))).toEqual([]);
  });

  it('finds an alarm that is missing, and asks for none of a fleet', () => {
    expect(wrong({ alarms: knownAs({}) }).map(({ what }) => what)).toContain('alarm holdfast-store-memory-percent does not exist');
    expect(JSON.stringify(wrong({ alarms: knownAs({}) }))).not.toMatch(/holdfast-web|deploy-failed/);
  });

  it('notices that nobody is subscribed to its alarms, with the command that changes it', () => {
    const [finding, ...others] = wrong({ alarmSubscriptions: knownAs({ confirmed: 0, pending: 0 }) });
    expect([finding, others]).toEqual([
      expect.objectContaining({
        check: 'alarm-subscribers',
        severity: 'notice',
        fix: 'aws sns subscribe --region us-east-1 --topic-arn arn:aws:sns:us-east-1:111122223333:holdfast-alarms --protocol email --notification-endpoint you@example.com',
      }),
      [],
    ]);
  });

  it('names no alarm of a load balancer among those that are quiet yet', () => {
    const record = baseline?.state === 'known' ? baseline.value : undefined;
    const young = knownAs({ ...record, lookups: undefined, days: [] });
    const [finding] = wrong({ baseline: young as unknown as Lookups['baseline'] });
    expect(finding?.what).toBe('sessions-lost, logins-again, and active-session-drop cannot fire yet');
  });

  it('speaks of no deploy that waits for replicas', () => {
    const one = store.state === 'known' ? knownAs({ ...store.value, replicas: 1 }) : store;
    const [finding] = wrong({ store: one });
    expect(finding?.what).toBe('the store has 1 replica, but 2 in the configuration');
  });

  it('knows that nothing is deployed yet where the table is missing', () => {
    const absent = {
      state: 'absent',
      subject: { what: 'table holdfast-records', resource: 'holdfast-records', action: 'dynamodb:Query' },
    } as const;
    const findings = wrong({ openDecisions: absent, alarms: knownAs({}) });
    expect(findings).toEqual([expect.objectContaining({ severity: 'notice', what: 'table holdfast-records does not exist yet' })]);
  });
});
