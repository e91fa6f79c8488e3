import type { AppContract } from '../../shared/app-contract.ts';
import { NO_RELEASE } from '../../shared/version.ts';

/**
 * One sentence for a release that keeps sessions in its server's memory, which its contract shows by counting them, behind a
 * target group that sends each request to any server; undefined otherwise.
 *
 * @param app the release's contract; undefined for one that is not on record
 * @param isSticky the target group's `stickiness.enabled`
 */
export function warnOfLostSessions(version: string, app: Pick<AppContract, 'sessions'> | undefined, isSticky: boolean): string | undefined {
  if (version === NO_RELEASE || app?.sessions === undefined || isSticky) return undefined;
  return `Release ${version} keeps sessions in memory ("sessions" in its contract), and stickiness of the target group is off: users are logged out as soon as another server receives their request. Keep sessions in the store and remove "sessions" from holdfast.app.json, or set stickiness.enabled=true of the target group until then.`;
}
