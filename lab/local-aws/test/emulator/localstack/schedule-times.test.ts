/** When the extension's schedules fire. 15 June 2026 is a Monday. */
import { beforeAll, describe, expect, it } from 'vitest';
import { readSetup } from '../../../../../setup/read-setup.mjs';
import { runInExtension } from './run-in-extension.ts';

const { python } = readSetup();
const seconds = (time: string): number => Date.parse(`${time}Z`) / 1000;

const NEXT = `
import json, sys
from schedule_times import next_time

def answer(expression, since, now):
    try:
        return {"next": next_time(expression, since, now)}
    except ValueError:
        return "refused"

print(json.dumps([answer(*each) for each in json.loads(sys.argv[1])]))
`;
const NOW = '2026-06-15T10:00';

/** Expression and its next time; what it counts from, and now. */
const NEXT_TIMES = [
  ['rate(5 minutes)', '2026-06-15T10:05'],
  ['rate(1 day)', '2026-06-16T10:00'],
  ['at(2026-06-15T10:01:00)', '2026-06-15T10:01'],
  ['at(2026-06-15T10:00:00)', null],
  ['cron(0 12 ? * 2 *)', '2026-06-15T12:00'],
  ['cron(0 12 ? * 7 *)', '2026-06-20T12:00'],
  ['cron(0 12 ? * 1 *)', '2026-06-21T12:00'],
  ['cron(0 9 ? * 3-6 *)', '2026-06-16T09:00'],
  ['cron(0 9 ? * TUE-FRI *)', '2026-06-16T09:00'],
  ['cron(0 9 ? * 7,SUN *)', '2026-06-20T09:00'],
  ['cron(0 10 * * ? *)', '2026-06-16T10:00'],
  ['cron(0/15 8-10 * * ? *)', '2026-06-15T10:15'],
  ['cron(50-59/4 * * * ? *)', '2026-06-15T10:50'],
  ['cron(30 6 L * ? *)', '2026-06-30T06:30'],
  ['cron(0 0 1 JAN-MAR ? *)', '2027-01-01T00:00'],
  ['cron(0 0 29 2 ? *)', '2028-02-29T00:00'],
  ['cron(0 0 1 1 ? 2020)', null],
  ['cron(0 0 30 2 ? *)', null],
] as const;
const AN_HOUR_LATE = [
  ['rate(7 minutes)', '2026-06-15T11:03'],
  ['cron(0/10 * * * ? *)', '2026-06-15T11:10'],
] as const;
const REFUSED = [
  ...['cron(0 12 ? * 2#1 *)', 'cron(0 12 ? * 6L *)', 'cron(0 12 1W * ? *)', 'cron(0 12 LW * ? *)', 'cron(0 12 * * ?)'],
  ...['cron(0 12 ? * 6-2 *)', 'cron(0 24 * * ? *)', 'rate( minutes)', 'rate(0 minutes)', 'at(2026-02-30T10:00:00)'],
];

/** The first time after `now` of schedules that count from `since`, or that they are refused: one process answers for all. */
function nextTimes(expressions: readonly string[], now = NOW, since = NOW): readonly (string | null)[] {
  const given = expressions.map((expression) => [expression, seconds(since), seconds(now)]);
  const answers = JSON.parse(runInExtension(python, NEXT, given)) as ('refused' | { readonly next: number | null })[];
  return answers.map((answer) => {
    if (answer === 'refused') return answer;
    return answer.next === null ? null : new Date(answer.next * 1000).toISOString().slice(0, 16);
  });
}

describe("the next time of a schedule's expression", () => {
  let onTime: readonly (string | null)[];
  beforeAll(() => {
    onTime = nextTimes([...NEXT_TIMES.map(([expression]) => expression), ...REFUSED]);
  });

  it.each(NEXT_TIMES.map(([expression, next], at) => ({ expression, next, at })))(
    '$expression on Monday, 15 June 2026 at 10:00 is $next',
    ({ next, at }) => expect(onTime[at]).toBe(next),
  );

  it('an hour late is after now', () => {
    const late = nextTimes(
      AN_HOUR_LATE.map(([expression]) => expression),
      '2026-06-15T11:00',
    );
    expect(late).toEqual(AN_HOUR_LATE.map(([, next]) => next));
  });

  it.each(REFUSED.map((expression, at) => ({ expression, at: NEXT_TIMES.length + at })))('$expression is refused', ({ at }) => {
    expect(onTime[at]).toBe('refused');
  });
});

const FIRING = `
import json, sys
from types import SimpleNamespace
from schedule_times import Calendar

calendar, (schedules, times) = Calendar(), json.loads(sys.argv[1])
for now in times:
    due = calendar.take_due([SimpleNamespace(last_modified_date=0.0, **schedule) for schedule in schedules], now)
    print(now, *(schedule.arn + (" for the last time" if is_last else "") for schedule, is_last in due))
`;
const schedule = (arn: string, schedule_expression: string, more: object = {}) => ({
  ...{ arn, schedule_expression, schedule_expression_timezone: 'UTC', start_date: null, end_date: null },
  ...more,
});
/** What fires at each time, in seconds after the creation of all schedules; then the log. */
const firing = (schedules: object[], times: number[]) => runInExtension(python, FIRING, [schedules, times]).split('\n');

describe('schedules', () => {
  it('that are not emulated are logged once by name, and the others fire', () => {
    const others = [schedule('first', 'rate(1 minute)'), schedule('third', 'rate(1 minute)')];
    const unknown = [
      schedule('a', 'cron(0 12 ? * 2#1 *)'),
      schedule('b', `rate(1${'0'.repeat(400)} days)`),
      schedule('c', 'rate( minutes)'),
    ];
    expect(firing([others[0] as object, ...unknown, others[1] as object], [1, 60, 61, 120])).toEqual([
      ...['1', '60 first third', '61', '120 first third'],
      'The schedule a never fires in the local cloud: the expression cron(0 12 ? * 2#1 *) is not emulated',
      expect.stringContaining('The schedule b never fires'),
      'The schedule c never fires in the local cloud: the expression rate( minutes) is not emulated',
    ]);
  });

  it('fire once after a pause of the machine, and then in time', () => {
    expect(firing([schedule('often', 'rate(1 minute)')], [60, 3_661, 3_662, 3_719, 3_720])).toEqual([
      ...['60 often', '3661 often', '3662', '3719', '3720 often'],
    ]);
  });

  it('of one time fire for the last time, also when that passed less than a minute before', () => {
    const at = [schedule('late', 'at(1970-01-01T00:00:00)'), schedule('later', 'at(1970-01-01T00:02:00)')];
    expect(firing(at, [1, 2, 121])).toEqual(['1 late for the last time', '2', '121 later for the last time']);
  });

  it('whose time zone or dates are ignored are logged by name', () => {
    const ignored = [
      schedule('zone', 'cron(0 12 * * ? *)', { schedule_expression_timezone: 'Europe/Berlin' }),
      schedule('rate', 'rate(1 day)', { schedule_expression_timezone: 'Europe/Berlin' }),
      schedule('dates', 'rate(1 day)', { end_date: 5 }),
    ];
    expect(firing(ignored, [1, 2])).toEqual([
      ...['1', '2', 'The schedule zone fires in UTC in the local cloud: its time zone is ignored'],
      'The schedule dates fires at any date in the local cloud: its start and end are ignored',
    ]);
  });
});
