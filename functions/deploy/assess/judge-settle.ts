import type { AlarmReading } from '../../shared/aws/alarms.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import { AlarmFired } from '../errors.ts';
import type { DeploySettings } from '../settings/settings.ts';

/** State of each alarm by name: `OK`, `ALARM`, `INSUFFICIENT_DATA`. */
export type AlarmStates = Readonly<Record<string, string>>;

export interface SettleLimits extends Pick<DeploySettings, 'settleSeconds' | 'storeTimeoutSeconds'> {
  readonly storeFailedOver: boolean;
  readonly deployStartedAtMs: number;
}

/**
 * Whether the alarms stayed out of ALARM after the deploy. One that was in ALARM before must not block the deploy that fixes
 * it; one that had no data before and is in ALARM now counts like one that was OK. Metrics are minutes old, so an alarm can fire
 * during the deploy because of data from before it: that is not the deploy's doing, as after a deploy that failed a minute
 * earlier. CloudWatch keeps the reason of the change while an alarm stays in ALARM. After a failover of the session store an
 * alarm may have fired because of the store: it is given time to recover, which it does not if the release is at fault too.
 * @throws AlarmFired naming every alarm that fired
 */
export function judgeSettle(
  atStart: AlarmStates,
  now: Readonly<Record<string, AlarmReading>>,
  settleStartedAtMs: number,
  nowMs: number,
  { settleSeconds, storeTimeoutSeconds, storeFailedOver, deployStartedAtMs }: SettleLimits,
): VerdictOf<'DONE' | 'WAIT'> {
  const fired = firedSince(atStart, now, deployStartedAtMs);
  const elapsedSeconds = (nowMs - settleStartedAtMs) / 1000;
  if (fired.length > 0) {
    if (storeFailedOver && elapsedSeconds < settleSeconds + storeTimeoutSeconds) return 'WAIT';
    throw alarmFired(fired);
  }
  return elapsedSeconds >= settleSeconds ? 'DONE' : 'WAIT';
}

/** Names of the alarms that came into ALARM by what happened since the deploy began. */
export function firedSince(
  atStart: AlarmStates,
  now: Readonly<Record<string, AlarmReading>>,
  deployStartedAtMs: number,
): readonly string[] {
  return Object.keys(now).filter((name) => {
    const { state, dataUntilMs = Number.POSITIVE_INFINITY } = now[name] as AlarmReading;
    return state === 'ALARM' && atStart[name] !== 'ALARM' && dataUntilMs > deployStartedAtMs;
  });
}

export const alarmFired = (names: readonly string[]): AlarmFired =>
  new AlarmFired(`in ALARM since the deploy began: ${names.toSorted().join(', ')}`);
