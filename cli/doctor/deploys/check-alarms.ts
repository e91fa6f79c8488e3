import { CREATE_AGAIN, judgeAlarms } from '../alarms/judge-alarms.ts';
import type { Check } from '../finding.ts';

/** The alarms that a deploy watches, and the alarms about deploys. */
export const checkAlarms: Check = (facts, { alarmNames, settings }) =>
  judgeAlarms(facts, {
    check: 'alarm',
    names: alarmNames,
    why: 'a deploy stops when one of its alarms goes into ALARM',
    whyNot: 'an alarm that is missing or already in ALARM cannot stop it',
    fixMissing: (name) =>
      settings.alarmNames.includes(name) ? 'correct deploy.alarmNames: no deploy starts with this name in it' : CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/runbook before you deploy: a deploy does not stop for an alarm that was in ALARM before it',
  });
