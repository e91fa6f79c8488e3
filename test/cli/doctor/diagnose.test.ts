import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { worstOf } from '../../../cli/doctor/doctor.ts';
import { CHECKS } from '../../../functions/checks/checks.ts';
import type { Finding } from '../../../functions/shared/check.ts';
import { attributesWith } from './attributes-with.ts';
import type { Defect, Planted } from './defects/defect.ts';
import { DEPLOY_DEFECTS } from './defects/deploy.ts';
import { DEPLOY_WARNINGS } from './defects/deploy-warnings.ts';
import { DRAIN_RULE_DEFECTS } from './defects/drain-rule.ts';
import { FRONT_DEFECTS } from './defects/front.ts';
import { SERVERS_DEFECTS } from './defects/servers.ts';
import { STORE_DEFECTS } from './defects/store.ts';
import { TARGET_GROUP_DEFECTS } from './defects/target-group.ts';
import {
  CERTIFICATE,
  certificate,
  drain,
  group,
  healthy,
  inMemory,
  knownAs,
  LOCAL_OPTIONS,
  listener,
  NOW_MS,
  sticky,
  storeUser,
  subjectOf,
} from './healthy-fleet.ts';

const DEFECTS: readonly Defect[] = [
  ...FRONT_DEFECTS,
  ...TARGET_GROUP_DEFECTS,
  ...DRAIN_RULE_DEFECTS,
  ...SERVERS_DEFECTS,
  ...STORE_DEFECTS,
  ...DEPLOY_DEFECTS,
  ...DEPLOY_WARNINGS,
];

const notWell = ({ facts = {}, subject = subjectOf() }: Planted): Finding[] =>
  diagnose({ ...healthy, ...facts }, subject).filter(({ severity }) => severity !== 'ok');

describe('doctor', () => {
  it('reports every part of a healthy fleet as ok', () => {
    const findings = diagnose(healthy, subjectOf());
    expect(findings.filter(({ severity }) => severity !== 'ok')).toEqual([]);
    expect([findings.length > 25, worstOf(findings)]).toEqual([true, 'ok']);
  });

  it.each([
    ['those of the configuration', ['sess:web:spring:session:event:0:created:*', '__keyevent@0__:del', '__keyevent@0__:expired'], 'gxE'],
    ['every channel', ['*'], 'AE'],
  ])('reports a store with the channels of Spring’s indexed repository as ok: %s', (_, channels, events) => {
    const facts = { storeUsers: knownAs([storeUser(...channels)]), keyspaceEvents: knownAs(events) };
    const subject = subjectOf({ certificateArn: CERTIFICATE, sessions: { channels: ['spring-session-indexed'] } });
    expect(notWell({ facts, subject })).toEqual([]);
    const checks = diagnose({ ...healthy, ...facts }, subject).map(({ check }) => check);
    expect(checks).toEqual(expect.arrayContaining(['store-channels', 'store-notifications']));
  });

  it('reports a listener that fleets share as ok where one of its certificates is for the host: those of others are not judged', () => {
    const others = { ...certificate, arn: `${CERTIFICATE}1`, domains: ['other.example.com'], notAfterMs: NOW_MS };
    const listeners = knownAs([{ ...listener, certificateArns: [others.arn, CERTIFICATE] }]);
    const facts = { listeners, certificates: [knownAs(others), knownAs(certificate)] };
    expect(notWell({ facts, subject: { ...subjectOf(), hosts: ['shop.example.com'] } })).toEqual([]);
  });

  it('reports a fleet with sessions in memory as ok, as far as deploys wait for them', () => {
    expect(notWell({ facts: inMemory, subject: sticky() })).toEqual([]);
    const checks = diagnose({ ...healthy, ...inMemory }, sticky()).map(({ check }) => check);
    expect(checks).toEqual(expect.arrayContaining(['stickiness', 'drain-rule', 'drain-leftovers', 'session-contract']));
  });

  it('reports stickiness next to the store as ok where the configuration has it', () => {
    const facts = { attributes: attributesWith({ 'stickiness.enabled': 'true' }) };
    expect(notWell({ facts, subject: subjectOf({ certificateArn: CERTIFICATE, stickiness: true }) })).toEqual([]);
  });

  it('expects pinned sessions while a deploy is running', () => {
    const locked = { fencingToken: 4, deployId: 'd1', version: '1.1.0', expiresAtMs: NOW_MS + 1_000 };
    const facts = { ...inMemory, drain: knownAs({ ...drain, pinned: '^SID=i-1$' }), lock: knownAs(locked) };
    expect(notWell({ facts, subject: sticky() }).map(({ check, severity }) => [check, severity])).toEqual([
      ['drain-leftovers', 'notice'],
      ['lock', 'notice'],
    ]);
  });

  it.each(DEFECTS)('reports %s', (_, planted, check, severity, what) => {
    const [found, ...others] = notWell(planted);
    expect(found).toMatchObject({ check, severity, what: expect.stringMatching(what) });
    expect(others).toEqual([]);
  });

  it('has a case for each check', () => {
    const judged = new Set(DEFECTS.map(([, , check]) => check));
    const without = CHECKS.filter(({ name, when }) => when.includes('doctor') && !judged.has(name)).map(({ name }) => name);
    expect(without).toEqual([]);
  });

  it('reports why each problem matters and how to fix it, in one line each', () => {
    for (const [title, planted] of DEFECTS) {
      for (const { severity, what, why, fix, resource } of notWell(planted)) {
        expect(
          [what, why, resource].every((text) => text.length > 0 && !/\n|undefined|NaN/.test(text)),
          title,
        ).toBe(true);
        if (severity !== 'notice') expect(fix.length, title).toBeGreaterThan(10);
      }
    }
  });

  it('prints no command of the AWS CLI that would go to AWS from the local cloud', () => {
    const local = { local: true, awsOptions: LOCAL_OPTIONS };
    const fixes = DEFECTS.flatMap(([, { facts, subject = subjectOf() }]) =>
      notWell({ facts: facts ?? {}, subject: { ...subject, ...local } }).map(({ fix }) => fix),
    );
    const commands = fixes.filter((fix) => /\baws [a-z0-9]+ [a-z-]+ --/.test(fix));
    expect(commands.length).toBeGreaterThanOrEqual(8);
    for (const command of commands) expect(command).toContain(LOCAL_OPTIONS);
  });

  it('knows no alarm of incidents where alarms start no runbook', () => {
    const subject = subjectOf(undefined, { incidents: { enabled: false } });
    expect(diagnose(healthy, subject).filter(({ check }) => check === 'incident-alarm')).toEqual([]);
  });

  it('warns of too few roles for a first deployment, and says where it could not look', () => {
    const subject = { what: 'how many roles the account has', resource: 'roles', action: 'iam:GetAccountSummary' };
    const rolesOf = (roles: typeof healthy.roles, fleetRecord = healthy.fleetRecord) =>
      diagnose({ ...healthy, roles, fleetRecord }, subjectOf()).filter(({ what }) => what.includes('roles'));
    const absent = { state: 'absent', subject: { ...subject, what: 'table' } } as const;
    expect(rolesOf(knownAs({ used: 4_954, most: 5_000 }), absent)).toMatchObject([{ check: 'free-roles', severity: 'warning' }]);
    expect(rolesOf(knownAs({ used: 4_953, most: 5_000 }), absent)).toMatchObject([{ check: 'free-roles', severity: 'ok' }]);
    const unknown = { state: 'unknown', subject, cause: 'refused', reason: 'AWS refused it', fix: 'check it' } as const;
    expect(rolesOf(unknown)).toMatchObject([{ check: 'could-not-read', severity: 'unknown' }]);
  });

  it('expects two releases while a deploy is running', () => {
    const locked = { fencingToken: 4, deployId: 'd1', version: '1.1.0', expiresAtMs: NOW_MS + 1_000 };
    const installed = ['1.0.0', '1.1.0'].map((version, index) => ({ instanceId: `i-${index + 1}`, version, installedAtMs: 1 }));
    expect(
      notWell({ facts: { lock: knownAs(locked), installed: knownAs(installed) } }).map(({ severity, what }) => [severity, what]),
    ).toEqual([
      ['notice', '1 of 2 servers has another release than the current 1.0.0: i-2 has 1.1.0'],
      ['notice', expect.stringContaining('is running')],
    ]);
  });

  it('expects suspended processes while a deploy is running', () => {
    const locked = { fencingToken: 4, deployId: 'd1', version: '1.1.0', expiresAtMs: NOW_MS + 1_000 };
    const facts = { group: knownAs({ ...group, suspendedProcesses: ['Terminate'] }), lock: knownAs(locked) };
    expect(notWell({ facts }).map(({ check, severity }) => [check, severity])).toEqual([
      ['suspended-processes', 'notice'],
      ['lock', 'notice'],
    ]);
  });
});
