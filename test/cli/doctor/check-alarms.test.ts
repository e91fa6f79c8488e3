import { describe, expect, it } from 'vitest';
import { checkAlarmBaselines, checkDeployAlarms, checkStoreAlarms } from '../../../cli/doctor/alarms/check-alarms.ts';
import { runbookAddress } from '../../../functions/shared/runbook.ts';
import { alarmNames, healthy, knownAs, subjectOf } from './healthy-fleet.ts';

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
    checkDeployAlarms,
    firing('target-5xx', own('Servers answer with errors', 'target-5xx')),
    `Servers answer with errors; ${NOT_STOPPED}`,
    'see docs/runbook/at-night.md#target-5xx',
  ],
  [
    'is of the store',
    checkStoreAlarms,
    firing('memory-percent', own('The store is nearly full', 'memory-percent')),
    'The store is nearly full',
    'see docs/runbook/at-night.md#memory-percent',
  ],
  [
    "is the user's own",
    checkDeployAlarms,
    firing('target-5xx', 'Pages somebody'),
    NOT_STOPPED,
    'find out why: it is not an alarm of Holdfast, so that docs/runbook has no heading for it',
  ],
])('an alarm in ALARM that %s has what it means and where the runbook has it', (_, check, alarms, why, fix) => {
  const findings = check({ ...healthy, alarms }, subjectOf());
  expect(findings).toEqual([expect.objectContaining({ severity: 'warning', why, fix })]);
});

it('alarms that the first deployment makes are not missed before it, whatever the fleet has had', () => {
  const subject = { what: 'table t', resource: 't', action: 'a' };
  const before = { ...healthy, alarms: knownAs({}), fleetRecord: { state: 'absent', subject } as const };
  expect([checkDeployAlarms, checkStoreAlarms].map((check) => check(before, subjectOf()))).toEqual([[], []]);
  expect(checkStoreAlarms({ ...healthy, alarms: knownAs({}) }, subjectOf())).toContainEqual(
    expect.objectContaining({ severity: 'warning' }),
  );
});

describe('what alarms compare with', () => {
  const sample = { found: 1, missed: 0, net: 0, sessions: 1 };
  const saying = (readings: number, days: number) => {
    const lookups = { samples: Array.from({ length: readings }, () => sample), usual: 1 };
    const sweep = { takenAtMs: 0, keys: 1, expires: 1, expiring: 1, lasting: 0 };
    const value = { lookups, sweep, days: Array.from({ length: days }, (_, day) => ({ day, lowest: [] })) };
    return checkAlarmBaselines({ baseline: { state: 'known', value } } as never, {} as never);
  };

  it('names the alarms that cannot fire yet', () => {
    expect(saying(7, 1)).toMatchObject({
      severity: 'notice',
      what: expect.stringMatching(/lookups-gone.+ and active-session-drop cannot fire yet/),
    });
    expect(saying(8, 3)).toMatchObject({ severity: 'notice', what: 'active-session-drop cannot fire yet' });
  });

  it('is there after a week', () => {
    expect(saying(15, 8)).toMatchObject({ severity: 'ok' });
  });
});
