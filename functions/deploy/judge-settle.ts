import type { Verdict } from './contract.ts';
import { AlarmFired } from './errors.ts';

/** State of each alarm by name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
export type AlarmStates = Readonly<Record<string, string>>;

/**
 * Tells whether the alarms stayed calm after the deploy. One that was red before must not block the deploy that mends
 * it; one without data before, and red now, is this deploy's doing as much as one that was OK.
 * @throws AlarmFired naming every alarm that went red
 */
export function judgeSettle(
  atStart: AlarmStates,
  now: AlarmStates,
  settleStartedAtMs: number,
  nowMs: number,
  settleSeconds: number,
): Verdict {
  const fired = Object.keys(now).filter((name) => now[name] === 'ALARM' && atStart[name] !== 'ALARM');
  if (fired.length > 0) throw new AlarmFired(`in ALARM since the deploy began: ${fired.sort().join(', ')}`);
  return nowMs - settleStartedAtMs >= settleSeconds * 1000 ? 'DONE' : 'WAIT';
}
