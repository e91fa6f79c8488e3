import { CREATE_AGAIN, judgeAlarms } from '../alarms/judge-alarms.ts';
import type { Check } from '../finding.ts';

/** The alarms of the session store, which the fleets of an installation share. */
export const checkStoreAlarms: Check = (facts, { storeAlarmNames }) =>
  judgeAlarms(facts, {
    check: 'store-alarm',
    names: storeAlarmNames,
    why: 'a failure of the store logs users out, and its alarms warn before that',
    whyNot: 'a missing alarm cannot warn',
    fixMissing: () => CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/runbook',
  });
