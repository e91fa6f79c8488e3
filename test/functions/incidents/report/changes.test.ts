import { describe, expect, it } from 'vitest';
import type { ChangeFacts, ChangeKind, DeployFacts, Evidence } from '../../../../functions/incidents/contract/evidence.ts';
import { suspectsOf } from '../../../../functions/incidents/report/changes-before.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { FROM_MS, evidence as healthy, SIGN_MS } from '../healthy-evidence.ts';
import { anIncident, anInput } from './an-incident.ts';

const MINUTE_MS = 60_000;
const AT = SIGN_MS;
type Change = ChangeFacts['changes'][number];
const change = (minutes: number, event: string, kind: ChangeKind, more: Partial<Change> = {}): Change => ({
  ...{ atMs: AT + minutes * MINUTE_MS, event, kind, roleArn: 'arn:aws:iam::111122223333:role/pipeline' },
  ...{ eventId: '0f6c2f5e-9d0f-4f0e-8a51-1b8c6de5f1a2', resource: 'sg-1', who: 'role' },
  ...more,
});
const suspects = (...changes: readonly Change[]) =>
  suspectsOf({ ...healthy({}), sources: { changes: { takenAtMs: AT, facts: { changes, completeUntilMs: AT } } } }, AT);

describe('a change is a suspect', () => {
  it.each([
    [-16, 0],
    [-15, 1],
    [0, 1],
    [1, 1],
    [2, 0],
  ])('%i minutes after the trouble began: %i', (minutes, count) => {
    expect(suspects(change(minutes, 'RevokeSecurityGroupIngress', 'security-group'))).toHaveLength(count);
  });

  it('unless it lets more through, or is of a kind that cuts nobody off', () => {
    expect(suspects(change(-1, 'AuthorizeSecurityGroupIngress', 'security-group'))).toEqual([]);
    expect(suspects(change(-1, 'AuthorizeSecurityGroupEgress', 'security-group'))).toEqual([]);
    expect(suspects(change(-1, 'ModifyCacheParameterGroup', 'other'))).toEqual([]);
    expect(suspects(change(-1, 'CreateNetworkAclEntry', 'network-acl'))).toHaveLength(1);
  });

  it('the nearest first, and the own ones before those that can be of others', () => {
    const all = suspects(
      change(-9, 'UpdateWebACL', 'waf'),
      change(-2, 'PutSecretValue', 'secret'),
      change(-12, 'ModifyUser', 'store-user', { isOwn: true }),
    );
    expect(all.map(({ kind }) => kind)).toEqual(['store-user', 'secret', 'waf']);
    expect(all[0]?.text).toBe('At 03:00 UTC role pipeline changed a user of the store (ModifyUser of sg-1), 12 minutes before it began.');
    expect(all[1]?.text).toContain('It can be of another application');
  });

  it.each([
    [
      'was put back',
      -1,
      'RevokeSecurityGroupIngress',
      10,
      'AuthorizeSecurityGroupIngress',
      'again at 03:22 UTC (AuthorizeSecurityGroupIngress)',
    ],
    [
      'was changed by the same call',
      -1,
      'ModifyReplicationGroup',
      10,
      'ModifyReplicationGroup',
      'again at 03:22 UTC (ModifyReplicationGroup)',
    ],
    [
      'is itself what put it back',
      -1,
      'ModifyReplicationGroup',
      -4,
      'ModifyReplicationGroup',
      'before at 03:08 UTC (ModifyReplicationGroup)',
    ],
  ])('with the other change of the same resource, where it %s', (_, at, event, otherAt, otherEvent, text) => {
    const other = change(otherAt, otherEvent, 'security-group', { eventId: 'e-2' });
    const [one] = suspects(change(at, event, 'security-group'), other);
    expect(one?.undo).toContain(`It was changed ${text}, next to ${event}`);
    expect(one?.eventIds).toEqual(['0f6c2f5e-9d0f-4f0e-8a51-1b8c6de5f1a2', 'e-2']);
  });

  it.each([
    ['another resource', { resource: 'sg-2' }],
    ['another kind', { kind: 'route' as const }],
    ['earlier than it can matter', { atMs: AT - 20 * MINUTE_MS }],
  ])('without a change of %s', (_, more) => {
    const other = { ...change(10, 'AuthorizeSecurityGroupIngress', 'security-group', { eventId: 'e-2' }), ...more };
    const [one] = suspects(change(-1, 'RevokeSecurityGroupIngress', 'security-group'), other);
    expect(one?.undo).toContain('was not meant');
    expect(one?.eventIds).toHaveLength(1);
  });

  it('with the name of what was changed, and not its whole ARN', () => {
    const resource = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/live-web/73e2d6bc24d8a067';
    const [one] = suspects(change(-1, 'ModifyTargetGroupAttributes', 'stickiness', { resource }));
    expect(one?.text).toContain('(ModifyTargetGroupAttributes of targetgroup/live-web/73e2d6bc24d8a067)');
  });
});

describe('a deploy is a suspect of an unknown cause', () => {
  /** Errors of the servers from here on. */
  const ONSET = SIGN_MS - 5 * MINUTE_MS;
  const byMinute = Array.from({ length: 66 }, (_, at) => ({
    minuteMs: FROM_MS + at * MINUTE_MS,
    ...{ requests: 100, target3xx: 5, target4xx: 1, elb3xx: 0, elb4xx: 0, elb5xx: 0, authErrors: 0, authFailures: 0 },
    target5xx: FROM_MS + at * MINUTE_MS < ONSET ? 0 : 60,
  }));
  const deploy = { ...{ deployId: 'd1', from: '1.4.1', to: '1.4.2', status: 'SUCCEEDED' } } satisfies Partial<
    DeployFacts['deploys'][number]
  >;
  const finding = { verdict: 'unknown', candidates: [], missing: [], shown: [] } as const;
  const returns = (startedAtMs: number, finishedAtMs: number): boolean => {
    const deploys: DeployFacts = { deploys: [{ ...deploy, startedAtMs, finishedAtMs }] };
    const evidence: Evidence = healthy({ traffic: { byMinute }, deploys } as never);
    const { next } = pageOf(anInput({ evidence, incident: anIncident({ finding, mitigations: {} }) }));
    return next.some(({ commands }) => commands.some((command) => command.startsWith('./holdfast deploy 1.4.1 ')));
  };

  it.each([
    ['began before it, and ended', -10, -4, true],
    ['began before it, and was still running', -1, 6, true],
    ['ended just before', -30, -4, true],
    ['ended a quarter of an hour before', -30, -14, false],
    ['began after it', 3, 6, false],
  ])('that %s: %i to %i minutes: %s', (_, from, until, is) => {
    expect(returns(ONSET + from * MINUTE_MS, ONSET + until * MINUTE_MS)).toBe(is);
  });
});
