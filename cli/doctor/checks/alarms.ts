import { type Finding, topic } from '../finding.ts';
import { seen } from '../look.ts';
import type { Check } from './check.ts';

/** The alarms that a deploy watches, and those that speak of deploys. */
export const checkAlarms: Check = (facts, { alarmNames, settings }) => {
  const alarms = seen(facts.alarms);
  // Nothing is deployed yet: the alarms come with everything else.
  if (!alarms || (facts.targetGroup.state === 'absent' && Object.keys(alarms).length === 0)) return [];
  const findings = alarmNames.flatMap((name): Finding[] => {
    const about = topic('alarm', name, 'a deploy stops when one of its alarms goes off; one that is missing or red already cannot say so');
    const state = alarms[name];
    if (state === undefined) {
      const own = settings.alarmNames.includes(name);
      return [
        about.warning(
          `alarm ${name} does not exist`,
          own
            ? 'correct deploy.alarmNames: a deploy refuses to start with it'
            : 'make it again as its stack\'s template has it ("npx cdk synth" prints it): a deploy of the stack does not see that it is gone, drift detection does',
        ),
      ];
    }
    if (state === 'ALARM')
      return [
        about.warning(
          `alarm ${name} is in ALARM`,
          'look at docs/operator-runbook.md before you deploy: a deploy does not stop for an alarm that was red before',
        ),
      ];
    if (state === 'INSUFFICIENT_DATA')
      return [about.notice(`alarm ${name} has no data yet`, 'wait some minutes; later, look at its dimensions')];
    return [];
  });
  if (findings.length > 0) return findings;
  return [
    topic('alarm', alarmNames.join(', '), 'a deploy stops when one of its alarms goes off').ok(
      `${alarmNames.length} alarms exist and are OK`,
    ),
  ];
};
