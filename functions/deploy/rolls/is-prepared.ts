import type { Records } from '../../records/records.ts';
import type { TargetProgress } from '../../records/types.ts';
import { NO_RELEASE, UNKNOWN_RELEASE } from '../../shared/version.ts';

/** A server whose user data can still be at work: by the record it has had no release. */
export const canLackPreparation = (version: string): boolean => version === NO_RELEASE || version === UNKNOWN_RELEASE;

/**
 * Whether nothing has to be done on a server before it is taken out, so that the deploy does not call a function for it: it has had a
 * release, no document prepares the fleet's servers, and other servers hold no copies of its sessions that would have to be waited for.
 * @param prepares a document prepares the fleet's servers, which ran before Holdfast
 */
export async function isPrepared(
  { records, prepares }: { readonly records: Records; readonly prepares: boolean },
  fleet: string,
  { fromVersion }: Pick<TargetProgress, 'fromVersion'>,
): Promise<boolean> {
  if (prepares || canLackPreparation(fromVersion)) return false;
  const release = await records.getRelease(fleet, fromVersion);
  return release !== undefined && release.app.copies === undefined;
}
