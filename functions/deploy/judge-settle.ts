import type { DeploySettings, Verdict } from './contract.ts';
import { AlarmFired } from './errors.ts';

/** State of each alarm by name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
export type AlarmStates = Readonly<Record<string, string>>;

export interface SettleLimits extends Pick<DeploySettings, 'settleSeconds' | 'storeTimeoutSeconds'> {
  readonly storeFailedOver: boolean;
}

/**
 * Tells whether the alarms stayed calm after the deploy. One that was red before must not block the deploy that mends
 * it; one without data before, and red now, is this deploy's doing as much as one that was OK. After a failover of the
 * session store a red one may be the store's doing: it is given time to be calm again, which it is not if the release is
 * at fault as well.
 * @throws AlarmFired naming every alarm that went red
 */
export function judgeSettle(
  atStart: AlarmStates,
  now: AlarmStates,
  settleStartedAtMs: number,
  nowMs: number,
  { settleSeconds, storeTimeoutSeconds, storeFailedOver }: SettleLimits,
): Verdict {
  const fired = Object.keys(now).filter((name) => now[name] === 'ALARM' && atStart[name] !== 'ALARM');
  const elapsedSeconds = (nowMs - settleStartedAtMs) / 1000;
  if (fired.length > 0) {
    if (storeFailedOver && elapsedSeconds < settleSeconds + storeTimeoutSeconds) return 'WAIT';
    throw new AlarmFired(`in ALARM since the deploy began: ${fired.sort().join(', ')}`);
  }
  return elapsedSeconds >= settleSeconds ? 'DONE' : 'WAIT';
}
