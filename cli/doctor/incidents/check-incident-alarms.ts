import { CREATE_AGAIN, judgeAlarms } from '../alarms/judge-alarms.ts';
import type { Check } from '../finding.ts';

/** The alarm on what starts and tends incidents. */
export const checkIncidentAlarms: Check = (facts, { incidentAlarmNames }) =>
  judgeAlarms(facts, {
    check: 'incident-alarm',
    names: incidentAlarmNames,
    why: 'an alarm starts a runbook, and what a runbook leaves is ended on a schedule',
    whyNot: 'without this alarm nobody hears that either has stopped working',
    fixMissing: () => CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/runbook',
  });
