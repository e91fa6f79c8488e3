/** How a drain's times fit together, so that no request is cut that the drain sees. Times are in seconds. */
import type { DrainSettings } from './settings.ts';

/** An address is taken again only after it: each server is out for as long. Above what a drain needs ({@link findUnfitTime}, 45 s). */
export const DEFAULT_ADDRESS_DELAY_SECONDS = 60;

/** From time-out to delay's end: the last answer takes a second or two, and so do the two steps that register the target again. */
export const CUT_MARGIN_SECONDS = 10;

/** So that the answer arrives before the time-out: the agent uploads it, and the step reads it at intervals. */
export const LAST_ANSWER_SECONDS = 5;

/** How long a drain's slices may last. Times too short for {@link LAST_ANSWER_SECONDS} keep what the floor and the quiet time need. */
export function lastSliceEndSeconds(times: Pick<DrainSettings, 'drainTimeoutSeconds' | 'drainFloorSeconds' | 'quietSeconds'>): number {
  const { drainTimeoutSeconds, drainFloorSeconds, quietSeconds } = times;
  return Math.max(drainTimeoutSeconds - LAST_ANSWER_SECONDS, Math.min(drainTimeoutSeconds, drainFloorSeconds + quietSeconds));
}

export const latestDrainTimeoutSeconds = (deregistrationDelaySeconds: number): number =>
  Math.max(0, deregistrationDelaySeconds - CUT_MARGIN_SECONDS);

/** Where it is the latest, an address gets the margin too: it is back after the delay whatever the drain finds. */
export const drainTimeoutOf = (
  { drainTimeoutSeconds, deregistrationDelaySeconds }: Pick<DrainSettings, 'drainTimeoutSeconds' | 'deregistrationDelaySeconds'>,
  target: { readonly returnsAfterDelay?: true } | undefined,
): number =>
  target?.returnsAfterDelay && drainTimeoutSeconds === latestDrainTimeoutSeconds(deregistrationDelaySeconds)
    ? deregistrationDelaySeconds
    : drainTimeoutSeconds;

/** How long a server is given whose requests nothing shows: until the load balancer has cut the last of them. */
export const blindDrainSeconds = (of: Pick<DrainSettings, 'deregistrationDelaySeconds' | 'drainFloorSeconds'>): number =>
  of.deregistrationDelaySeconds + of.drainFloorSeconds;

/** `why`: what is wrong with its value, and what to do: a clause without a subject. */
export type UnfitTime = { readonly setting: 'deregistrationDelaySeconds' | 'drainTimeoutSeconds'; readonly why: string };

type DrainTimes = Pick<
  DrainSettings,
  'deregistrationDelaySeconds' | 'drainTimeoutSeconds' | 'drainFloorSeconds' | 'quietSeconds' | 'drainSignal'
>;

/** Why a drain cannot work with these times; undefined when it can. */
export function findUnfitTime(times: DrainTimes): UnfitTime | undefined {
  const { deregistrationDelaySeconds: delay, drainTimeoutSeconds: timeout, drainFloorSeconds, quietSeconds } = times;
  const latest = latestDrainTimeoutSeconds(delay);
  // A drain without a signal lasts as long as the delay, whatever the time-out.
  if (times.drainSignal === 'blind') return undefined;
  const needed = drainFloorSeconds + quietSeconds;
  if (latest < needed) {
    const why = `leaves a drain ${latest} s: it ends ${CUT_MARGIN_SECONDS} s before the load balancer cuts what still runs, and needs drainFloorSeconds (${drainFloorSeconds}) and quietSeconds (${quietSeconds}). Set it to ${needed + CUT_MARGIN_SECONDS} or more`;
    return { setting: 'deregistrationDelaySeconds', why };
  }
  if (timeout > latest) {
    const why = `is later than ${latest}, ${CUT_MARGIN_SECONDS} s before deregistrationDelaySeconds (${delay}) ends and the load balancer cuts what still runs. Leave it out, or increase deregistrationDelaySeconds to ${timeout + CUT_MARGIN_SECONDS}`;
    return { setting: 'drainTimeoutSeconds', why };
  }
  if (timeout < needed) {
    const why = `is below ${needed}, the sum of drainFloorSeconds (${drainFloorSeconds}) and quietSeconds (${quietSeconds}): no drain would end in time. Leave it out, and it is ${latest}`;
    return { setting: 'drainTimeoutSeconds', why };
  }
  return undefined;
}
