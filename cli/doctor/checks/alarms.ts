import type { Facts } from '../facts.ts';
import { type Check, type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

interface Watched {
  /** Name of the check. */
  readonly check: string;
  readonly names: readonly string[];
  /** What the alarms are for. */
  readonly why: string;
  /** What an alarm that is missing or already in ALARM means. */
  readonly whyNot: string;
  readonly fixMissing: (name: string) => string;
  readonly fixInAlarm: string;
}

const CREATE_AGAIN =
  'create it again as in the template of its stack ("npx cdk synth" prints it): a deploy of the stack does not notice that it is missing, drift detection does';

/** The alarms that a deploy watches, and the alarms about deploys. */
export const checkAlarms: Check = (facts, { alarmNames, settings }) =>
  judge(facts, {
    check: 'alarm',
    names: alarmNames,
    why: 'a deploy stops when one of its alarms goes into ALARM',
    whyNot: 'an alarm that is missing or already in ALARM cannot stop it',
    fixMissing: (name) =>
      settings.alarmNames.includes(name) ? 'correct deploy.alarmNames: no deploy starts with this name in it' : CREATE_AGAIN,
    fixInAlarm: 'see docs/operator-runbook.md before you deploy: a deploy does not stop for an alarm that was in ALARM before it',
  });

/** The alarms of the session store, which the fleets of an installation share. */
export const checkStoreAlarms: Check = (facts, { storeAlarmNames }) =>
  judge(facts, {
    check: 'store-alarm',
    names: storeAlarmNames,
    why: 'a failure of the store logs users out, and its alarms warn before that',
    whyNot: 'a missing alarm cannot warn',
    fixMissing: () => CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/operator-runbook.md',
  });

/** The alarm on what starts and tends incidents. */
export const checkIncidentAlarms: Check = (facts, { incidentAlarmNames }) =>
  judge(facts, {
    check: 'incident-alarm',
    names: incidentAlarmNames,
    why: 'an alarm starts a runbook, and what a runbook leaves is ended on a schedule',
    whyNot: 'without this alarm nobody hears that either has stopped working',
    fixMissing: () => CREATE_AGAIN,
    fixInAlarm: 'see its heading in docs/operator-runbook.md',
  });

function judge(facts: Facts, { check, names, why, whyNot, fixMissing, fixInAlarm }: Watched): readonly Finding[] {
  const alarms = known(facts.alarms);
  // Nothing is deployed yet, so there are no alarms either.
  if (!alarms || names.length === 0 || (facts.targetGroup.state === 'absent' && Object.keys(alarms).length === 0)) return [];
  const findings = names.flatMap((name): Finding[] => {
    const about = topic(check, name, `${why}; ${whyNot}`);
    const state = alarms[name];
    if (state === undefined) return [about.warning(`alarm ${name} does not exist`, fixMissing(name))];
    if (state === 'ALARM') return [about.warning(`alarm ${name} is in ALARM`, fixInAlarm)];
    if (state === 'INSUFFICIENT_DATA')
      return [about.notice(`alarm ${name} has no data yet`, 'wait a few minutes; if that does not help, check its dimensions')];
    return [];
  });
  return findings.length > 0 ? findings : [topic(check, names.join(', '), why).ok(`${names.length} alarms exist and are OK`)];
}
