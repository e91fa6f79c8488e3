import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../cli/doctor/diagnose.ts';
import { runbookAddress } from '../../../functions/shared/runbook.ts';
import { alarmNames, healthy, knownAs, LOCAL_OPTIONS, subjectOf } from './healthy-fleet.ts';

type Looked = Parameters<typeof diagnose>[0];
const said = (check: string, looked: Looked, subject = subjectOf()) =>
  diagnose(looked, subject)
    .filter((finding) => finding.check === check)
    .map(({ check: _, ...finding }) => finding);

/** As `watchAlarm` of infra writes it. */
const own = (sentence: string, heading: string) => `severity: high. ${sentence}. Runbook: ${runbookAddress(heading)}`;
const firing = (of: string, description: string) =>
  knownAs(
    Object.fromEntries(alarmNames.map((name) => [name, { state: name.endsWith(of) ? ('ALARM' as const) : ('OK' as const), description }])),
  );
const NOT_STOPPED = 'a deploy does not stop for an alarm that was in ALARM before it';

it.each([
  [
    'a deploy watches',
    'alarm',
    firing('target-5xx', own('Servers answer with errors', 'target-5xx')),
    `Servers answer with errors; ${NOT_STOPPED}`,
    'see docs/runbook/at-night.md#target-5xx',
  ],
  [
    'is of the store',
    'store-alarm',
    firing('memory-percent', own('The store is nearly full', 'memory-percent')),
    'The store is nearly full',
    'see docs/runbook/at-night.md#memory-percent',
  ],
  [
    "is the user's own",
    'alarm',
    firing('target-5xx', 'Pages somebody'),
    NOT_STOPPED,
    'find out why: it is not an alarm of Holdfast, so that docs/runbook has no heading for it',
  ],
])('an alarm in ALARM that %s has what it means and where the runbook has it', (_, check, alarms, why, fix) => {
  const findings = said(check, { ...healthy, alarms });
  expect(findings).toEqual([expect.objectContaining({ severity: 'warning', why, fix })]);
});

it('alarms that the first deployment makes are not missed before it, whatever the fleet has had', () => {
  const subject = { what: 'table t', resource: 't', action: 'a' };
  const before = { ...healthy, alarms: knownAs({}), fleetRecord: { state: 'absent', subject } as const };
  expect(['alarm', 'store-alarm'].map((check) => said(check, before))).toEqual([[], []]);
  expect(said('store-alarm', { ...healthy, alarms: knownAs({}) })).toContainEqual(expect.objectContaining({ severity: 'warning' }));
});

describe('what alarms compare with', () => {
  const sample = { found: 1, missed: 0, net: 0, sessions: 1 };
  const saying = (readings: number, days: number) => {
    const lookups = { samples: Array.from({ length: readings }, () => sample), usual: 1 };
    const sweep = { takenAtMs: 0, keys: 1, expires: 1, expiring: 1, lasting: 0 };
    const value = { lookups, sweep, days: Array.from({ length: days }, (_, day) => ({ day, lowest: [] })) };
    return said('alarm-baseline', { ...healthy, baseline: knownAs(value) })[0];
  };

  it('names the alarms that cannot fire yet', () => {
    expect(saying(7, 1)).toMatchObject({
      severity: 'notice',
      what: expect.stringMatching(/logins-again.+ and active-session-drop cannot fire yet/),
    });
    expect(saying(8, 3)).toMatchObject({ severity: 'notice', what: 'active-session-drop cannot fire yet' });
  });

  it('is there after a week', () => {
    expect(saying(15, 8)).toMatchObject({ severity: 'ok' });
  });
});

describe('who is subscribed to the topic of the alarms', () => {
  const TOPIC = 'arn:aws:sns:us-east-1:111122223333:holdfast-alarms';
  const subscribe = (options: string) =>
    `aws sns subscribe ${options} --topic-arn ${TOPIC} --protocol email --notification-endpoint you@example.com`;
  const saying = (confirmed: number, pending: number, subject = subjectOf()) =>
    said('alarm-subscribers', { ...healthy, alarmSubscriptions: knownAs({ confirmed, pending }) }, subject)[0];

  it.each([
    ['nobody', 0, 0, 'notice', 'nobody is subscribed to the topic of the alarms'],
    ['nobody who has confirmed it', 0, 1, 'notice', '1 subscription waits for its confirmation: it gets nothing'],
    ['nobody of several who has confirmed it', 0, 2, 'notice', '2 subscriptions wait for their confirmation: they get nothing'],
    ['somebody', 1, 0, 'ok', 'the topic of the alarms has 1 subscriber'],
    ['somebody, and others not yet', 2, 1, 'ok', 'the topic of the alarms has 2 subscribers; 1 subscription waits for its confirmation'],
  ])('%s', (_, confirmed, pending, severity, what) => {
    expect(saying(confirmed, pending)).toMatchObject({ severity, what, resource: TOPIC });
  });

  it('can be changed by a whole command, of the cloud that was examined', () => {
    const local = { ...subjectOf(), local: true, awsOptions: LOCAL_OPTIONS };
    expect([saying(0, 0), saying(0, 0, local)]).toMatchObject([
      { fix: subscribe('--region us-east-1') },
      { fix: subscribe(LOCAL_OPTIONS) },
    ]);
  });

  it('can be changed from the mailbox while one is pending, and by the command when the mail is lost', () => {
    const fix = expect.stringMatching(
      /^open the link in the mail of SNS, which deletes .* after 48 hours; without that mail .*: aws sns subscribe/,
    );
    expect(saying(0, 1)).toMatchObject({ fix });
    expect(saying(0, 1)).toMatchObject({ fix: expect.stringContaining(subscribe('--region us-east-1')) });
  });

  it('is nothing here where it is not known, and where there is no topic yet', () => {
    const subject = { what: 'topic holdfast-alarms', resource: 'holdfast-alarms', action: 'sns:GetTopicAttributes' };
    expect(said('alarm-subscribers', { ...healthy, alarmSubscriptions: { state: 'absent', subject } })).toEqual([]);
  });
});
