/**
 * The wait between launches that fail in a row: an instance that cannot be started, whose launch a hook abandons, or that
 * becomes unhealthy without ever having been healthy. AWS goes on launching, and documents a suspension only after a day
 * without a success; on one machine that would be a process every second.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html
 */
import type { ScalingSettings } from './engine-context.ts';
import type { Group, Member } from './group-state.ts';

/** Failures that one bad server explains: the next launch follows at once. */
const FREE_FAILURES = 2;

/** How long the launch waits that follows this many failures in a row, in milliseconds. */
export function launchWaitMs(failures: number, settings: Pick<ScalingSettings, 'launchRetryMs' | 'maxLaunchRetryMs'>): number {
  if (failures <= FREE_FAILURES) return 0;
  return Math.min(settings.launchRetryMs * 2 ** (failures - FREE_FAILURES - 1), settings.maxLaunchRetryMs);
}

/** A machine was started, and its launch failed. @returns the wait */
export function noteFailedLaunch(group: Group, nowMs: number, settings: ScalingSettings): number {
  group.launchFailures += 1;
  const waitMs = launchWaitMs(group.launchFailures, settings);
  group.launchNotBeforeMs = Math.max(group.launchNotBeforeMs, nowMs + waitMs);
  return waitMs;
}

/** The member is in service and healthy: launches work again. */
export function noteHealthy(group: Group, member: Member): void {
  if (member.wasHealthy) return;
  member.wasHealthy = true;
  group.launchFailures = 0;
}
