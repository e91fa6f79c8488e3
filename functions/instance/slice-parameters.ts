import { roundTo } from '../shared/arithmetic.ts';
import type { DrainSignal, LongLived, ObserveParameters, WaitIdleParameters } from './document-contract.ts';
import type { DrainProgress } from './progress.ts';
import type { DrainSettings, ReadySettings } from './settings.ts';

/** What `targetPorts` is when the load balancer knows the server by its own port alone. */
const SERVERS_OWN_PORT = '0';

export interface DrainWatch {
  /** @default 'auto' */
  readonly drainSignal?: DrainSignal;
  /** @default 'close' */
  readonly longLived?: LongLived;
  /** Ports at which the load balancer knows the server. @default the server's own port */
  readonly targetPorts?: readonly number[];
}

export interface DrainTimes {
  readonly startedAtMs: number;
  readonly nowMs: number;
  /** The slice ends no later, and has at least one sample. @default no limit */
  readonly endsAtMs?: number;
}

/** It goes on counting where the slice before ended, and no target is idle before its floor has passed. */
export function waitIdleParameters(
  settings: Pick<DrainSettings, 'drainSliceSeconds' | 'drainFloorSeconds' | 'quietSeconds'> & DrainWatch,
  fencingToken: number,
  before: DrainProgress | undefined,
  { startedAtMs, nowMs, endsAtMs = Number.POSITIVE_INFINITY }: DrainTimes,
): WaitIdleParameters {
  return {
    fencingToken: String(fencingToken),
    sliceSeconds: seconds(Math.min(settings.drainSliceSeconds, Math.max(0, (endsAtMs - nowMs) / 1000))),
    floorSeconds: seconds(Math.max(0, settings.drainFloorSeconds - (nowMs - startedAtMs) / 1000)),
    quietSeconds: seconds(settings.quietSeconds),
    previousRequests: String(before?.requests ?? -1),
    previousQuietSeconds: seconds(before?.quietSeconds ?? 0),
    drainSignal: settings.drainSignal ?? 'auto',
    targetPorts: settings.targetPorts?.join(',') || SERVERS_OWN_PORT,
    longLived: settings.longLived ?? 'close',
    drainStartedAtMs: String(Math.round(startedAtMs)),
  };
}

type Pace = Pick<ReadySettings, 'healthyInARow' | 'healthIntervalSeconds'>;

/** The document's `attempts` has two digits. */
const MOST_ATTEMPTS = 99;

/** The readiness check asks every `healthIntervalSeconds` until the first UP; the next ones only confirm it. */
export function readyParameters(settings: Pace & Pick<ReadySettings, 'confirmIntervalSeconds'>, remainingSeconds: number) {
  const confirmSeconds = seconds(Math.min(settings.confirmIntervalSeconds, settings.healthIntervalSeconds));
  return { ...observeParameters(settings, remainingSeconds), confirmSeconds };
}

/** As many requests as are to be answered in a row, fewer when the phase ends before, in `remainingSeconds`. */
export function observeParameters({ healthyInARow, healthIntervalSeconds }: Pace, remainingSeconds: number): ObserveParameters {
  const fitting = healthIntervalSeconds === 0 ? healthyInARow : Math.floor(Math.max(0, remainingSeconds) / healthIntervalSeconds) + 1;
  return {
    attempts: String(Math.min(healthyInARow, fitting, MOST_ATTEMPTS)),
    intervalSeconds: seconds(healthIntervalSeconds),
    confirmSeconds: seconds(healthIntervalSeconds),
  };
}

/** Roughly how long a command takes to reach its instance and its answer to come back: the bake's last answer is due when it ends. */
const DELIVERY_SECONDS = 0.5;
/** A rest of the bake that is shorter than a command takes: no further command is sent for it. */
export const LAST_MOMENT_SECONDS = 1;

/** The last slice makes its last request just before the bake ends: a few, spread over the rest of the time. */
export function bakeParameters(settings: Pace, remainingSeconds: number): ObserveParameters {
  const { healthyInARow, healthIntervalSeconds } = settings;
  const leftSeconds = Math.max(0, remainingSeconds - DELIVERY_SECONDS);
  const intervals = healthIntervalSeconds === 0 ? Number.POSITIVE_INFINITY : Math.ceil(leftSeconds / healthIntervalSeconds);
  if (intervals >= Math.min(healthyInARow, MOST_ATTEMPTS)) return observeParameters(settings, remainingSeconds);
  const intervalSeconds = seconds(intervals === 0 ? 0 : leftSeconds / intervals);
  return { attempts: String(intervals + 1), intervalSeconds, confirmSeconds: intervalSeconds };
}

/** Seconds as the documents' patterns want them: up to three decimals, no exponent. */
const seconds = (value: number): string => String(roundTo(value, 3));

/** A comparator of versions such as `3.3.2746.0`. Missing parts are 0; one that is not numeric sorts before every number. */
export function compareAgentVersion(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    const difference = part(left[index]) - part(right[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

const part = (text = '0'): number => (/^\d+$/.test(text) ? Number(text) : -1);
