import { CREATE_AGAIN, judgeAlarms } from '../alarms/judge-alarms.ts';
import type { Check } from '../finding.ts';

/** The alarms on what starts and tends incidents, and on what stays in effect. */
export const checkIncidentAlarms: Check = (facts, { incidentAlarmNames }) =>
  judgeAlarms(facts, {
    check: 'incident-alarm',
    names: incidentAlarmNames,
    why: 'an alarm starts a runbook, and what a runbook leaves is ended on a schedule',
    whyNot: 'without these alarms nobody hears that either has stopped working, or that a mitigation has been in effect for long',
    fixMissing: () => CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/runbook',
  });
