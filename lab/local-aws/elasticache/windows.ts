/** The weekly and daily windows of a replication group, as ElastiCache reads them: in UTC, an hour at least, never at the same time. */
import { AwsError } from '../service/service.ts';

const DAYS = 'mon tue wed thu fri sat sun'.split(' ');
const DAY = 1_440;
const WEEK = 7 * DAY;
const SHORTEST = 60;

const refuse = (message: string): never => {
  throw new AwsError('InvalidParameterValue', message);
};

export interface Windows {
  readonly maintenanceWindow: string;
  readonly snapshotWindow: string;
}

/** The windows with the days in lower case, as they are stored. @throws AwsError InvalidParameterValue */
export function readWindows(given: Windows): Windows {
  const maintenanceWindow = given.maintenanceWindow.toLowerCase();
  const weekly = /^([a-z]{3}):(\d\d):(\d\d)-([a-z]{3}):(\d\d):(\d\d)$/.exec(maintenanceWindow);
  if (!weekly) return refuse(`Invalid maintenance window format: ${given.maintenanceWindow}. Use ddd:hh24:mi-ddd:hh24:mi.`);
  const daily = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(given.snapshotWindow);
  if (!daily) return refuse(`Invalid snapshot window format: ${given.snapshotWindow}. Use hh24:mi-hh24:mi.`);
  const [, fromDay = '', fromHour, fromMinute, toDay = '', toHour, toMinute] = weekly;
  const begin = minuteOf(fromHour, fromMinute, fromDay);
  const maintenance = (minuteOf(toHour, toMinute, toDay) - begin + WEEK) % WEEK;
  if (maintenance < SHORTEST) refuse(`The maintenance window must be at least ${SHORTEST} minutes.`);
  const start = minuteOf(daily[1], daily[2]);
  const snapshot = (minuteOf(daily[3], daily[4]) - start + DAY) % DAY;
  if (snapshot < SHORTEST) refuse(`Snapshot window must be at least ${SHORTEST} minutes.`);
  for (let minute = 0; minute < maintenance; minute += 1) {
    // A snapshot of the day before can go on past midnight.
    const sinceStart = (begin + minute - start + 8 * DAY) % DAY;
    if (sinceStart < snapshot) refuse('The snapshot window and maintenance window must not overlap.');
  }
  return { maintenanceWindow, snapshotWindow: given.snapshotWindow };
}

function minuteOf(hour = '', minute = '', day?: string): number {
  const index = day === undefined ? 0 : DAYS.indexOf(day);
  if (index < 0 || Number(hour) > 23 || Number(minute) > 59) refuse(`Invalid time in a window: ${day ?? ''}:${hour}:${minute}`);
  return index * DAY + Number(hour) * 60 + Number(minute);
}
