import type { Facts } from '../facts.ts';
import { type Finding, topic } from '../finding.ts';
import { known } from '../lookup.ts';

export interface Watched {
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

export const CREATE_AGAIN =
  'create it again as in the template of its stack ("npx cdk synth" prints it): a deploy of the stack does not notice that it is missing, drift detection does';

/** Findings about some alarms: each exists, and is not in ALARM. */
export function judgeAlarms(facts: Facts, { check, names, why, whyNot, fixMissing, fixInAlarm }: Watched): readonly Finding[] {
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
