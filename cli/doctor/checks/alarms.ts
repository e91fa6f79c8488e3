import type { Facts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

interface Watched {
  /** Name of the check. */
  readonly check: string;
  readonly names: readonly string[];
  /** What the alarms are good for. */
  readonly why: string;
  /** What follows of one that is missing or red already. */
  readonly whyNot: string;
  readonly mendMissing: (name: string) => string;
  readonly mendRed: string;
}

const MAKE_AGAIN =
  'make it again as its stack\'s template has it ("npx cdk synth" prints it): a deploy of the stack does not see that it is gone, drift detection does';

/** The alarms that a deploy watches, and those that speak of deploys. */
export const checkAlarms: Check = (facts, { alarmNames, settings }) =>
  judge(facts, {
    check: 'alarm',
    names: alarmNames,
    why: 'a deploy stops when one of its alarms goes off',
    whyNot: 'one that is missing or red already cannot say so',
    mendMissing: (name) =>
      settings.alarmNames.includes(name) ? 'correct deploy.alarmNames: a deploy refuses to start with it' : MAKE_AGAIN,
    mendRed: 'look at docs/operator-runbook.md before you deploy: a deploy does not stop for an alarm that was red before',
  });

/** The alarms on the session store, which the fleets of an installation share. */
export const checkStoreAlarms: Check = (facts, { storeAlarmNames }) =>
  judge(facts, {
    check: 'store-alarm',
    names: storeAlarmNames,
    why: 'what goes wrong with the store logs users out, and its alarms tell before it does',
    whyNot: 'one that is missing tells nothing',
    mendMissing: () => MAKE_AGAIN,
    mendRed: 'its heading in docs/operator-runbook.md says what it means and what to do',
  });

function judge(facts: Facts, { check, names, why, whyNot, mendMissing, mendRed }: Watched): readonly Finding[] {
  const alarms = seen(facts.alarms);
  // Nothing is deployed yet: the alarms come with everything else.
  if (!alarms || (facts.targetGroup.state === 'absent' && Object.keys(alarms).length === 0)) return [];
  const findings = names.flatMap((name): Finding[] => {
    const about = topic(check, name, `${why}; ${whyNot}`);
    const state = alarms[name];
    if (state === undefined) return [about.warning(`alarm ${name} does not exist`, mendMissing(name))];
    if (state === 'ALARM') return [about.warning(`alarm ${name} is in ALARM`, mendRed)];
    if (state === 'INSUFFICIENT_DATA')
      return [about.notice(`alarm ${name} has no data yet`, 'wait some minutes; later, look at its dimensions')];
    return [];
  });
  return findings.length > 0 ? findings : [topic(check, names.join(', '), why).ok(`${names.length} alarms exist and are OK`)];
}
