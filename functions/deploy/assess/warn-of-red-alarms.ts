import type { AlarmStates } from './judge-settle.ts';

/** One sentence for watched alarms that are red before the deploy: they must not block the deploy that fixes them. */
export function warnOfRedAlarms(alarms: AlarmStates): readonly string[] {
  const red = Object.keys(alarms).filter((name) => alarms[name] === 'ALARM');
  return red.length === 0 ? [] : [`In ALARM before the deploy, and so no reason to stop it: ${red.toSorted().join(', ')}.`];
}
