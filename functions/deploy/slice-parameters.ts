import type { DeploySettings, ObserveParameters, Roll, WaitIdleParameters } from './contract.ts';

/**
 * What wait-idle is told for its next slice: it goes on counting where the slice before ended, and does not call idle a
 * target whose floor has not passed.
 * @param elapsedSeconds since the target left the load balancer
 */
export function waitIdleParameters(
  settings: Pick<DeploySettings, 'drainSliceSeconds' | 'drainFloorSeconds'>,
  fencingToken: number,
  { quietSeconds, drain: before }: Pick<Roll, 'quietSeconds' | 'drain'>,
  elapsedSeconds: number,
): WaitIdleParameters {
  return {
    fencingToken: String(fencingToken),
    sliceSeconds: seconds(settings.drainSliceSeconds),
    floorSeconds: seconds(Math.max(0, settings.drainFloorSeconds - elapsedSeconds)),
    quietSeconds: seconds(quietSeconds),
    previousRequests: String(before?.requests ?? -1),
    previousQuietSeconds: seconds(before?.quietSeconds ?? 0),
  };
}

/** The document's `attempts` has two digits. */
const MOST_ATTEMPTS = 99;

/** What the gate tells observe: the first UP is waited for at the pace of `healthIntervalSeconds`, the next ones only confirm it. */
export function gateParameters(
  settings: Pick<DeploySettings, 'healthyInARow' | 'healthIntervalSeconds' | 'confirmIntervalSeconds'>,
  remainingSeconds: number,
): ObserveParameters {
  const { healthIntervalSeconds, confirmIntervalSeconds } = settings;
  const confirmSeconds = seconds(Math.min(confirmIntervalSeconds, healthIntervalSeconds));
  return { ...observeParameters(settings, remainingSeconds), confirmSeconds };
}

/**
 * What observe is told: as many questions as the gate wants answered in a row, fewer when the phase ends before.
 * @param remainingSeconds until the phase's own end
 */
export function observeParameters(
  settings: Pick<DeploySettings, 'healthyInARow' | 'healthIntervalSeconds'>,
  remainingSeconds: number,
): ObserveParameters {
  const { healthyInARow, healthIntervalSeconds } = settings;
  const fitting = healthIntervalSeconds === 0 ? healthyInARow : Math.floor(Math.max(0, remainingSeconds) / healthIntervalSeconds) + 1;
  return {
    attempts: String(Math.min(healthyInARow, fitting, MOST_ATTEMPTS)),
    intervalSeconds: seconds(healthIntervalSeconds),
    confirmSeconds: seconds(healthIntervalSeconds),
  };
}

/** What a command takes to reach its instance and its answer to come back, about: the bake's last answer is to be there when it ends. */
const DELIVERY_SECONDS = 0.5;
/** Less of a bake than a command takes: no further one is sent for it. */
export const LAST_MOMENT_SECONDS = 1;

/**
 * What the bake tells observe. Its last slice asks for the last time just before the bake ends: a few questions spread
 * over what is left, rather than a command after the other that each comes too early.
 */
export function bakeParameters(
  settings: Pick<DeploySettings, 'healthyInARow' | 'healthIntervalSeconds'>,
  remainingSeconds: number,
): ObserveParameters {
  const { healthyInARow, healthIntervalSeconds } = settings;
  const leftSeconds = Math.max(0, remainingSeconds - DELIVERY_SECONDS);
  const intervals = healthIntervalSeconds === 0 ? Number.POSITIVE_INFINITY : Math.ceil(leftSeconds / healthIntervalSeconds);
  if (intervals >= Math.min(healthyInARow, MOST_ATTEMPTS)) return observeParameters(settings, remainingSeconds);
  const intervalSeconds = seconds(intervals === 0 ? 0 : leftSeconds / intervals);
  return { attempts: String(intervals + 1), intervalSeconds, confirmSeconds: intervalSeconds };
}

/** Seconds as the documents' patterns want them: up to three decimals, no exponent. */
function seconds(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
