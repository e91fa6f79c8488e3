/** Whether a file that was found, and not named by the user, can be trusted: another user of the machine could have put it there. */
import { lstatSync, type Stats, statSync } from 'node:fs';

/** What counts of a file, and of the link that leads to it. */
export type Owned = Pick<Stats, 'uid' | 'mode'>;

const ROOT = 0;
const OTHERS_WRITE = 0o002;
/** A link has every permission, and nobody can write to it. */
const LINK = 0o120000;
const FILE_TYPE = 0o170000;

/**
 * What makes a file another user's, as the end of a sentence; undefined for one of this user, or of root, that not everybody can write to.
 *
 * @param uid this user; undefined on Windows, where files have no such owner and nothing is checked
 */
export function foreignOwner({ uid: owner, mode }: Owned, uid: number | undefined): string | undefined {
  if (uid === undefined) return undefined;
  if (owner !== uid && owner !== ROOT) return `belongs to another user (${owner}, and you are ${uid})`;
  return (mode & FILE_TYPE) !== LINK && (mode & OTHERS_WRITE) !== 0 ? 'can be written by every user of this machine' : undefined;
}

/** {@link foreignOwner} of a file or folder, and of the link that it may be. What does not exist belongs to nobody. */
export function foreignOwnerOf(file: string): string | undefined {
  const uid = process.getuid?.();
  for (const read of [lstatSync, statSync]) {
    const stats = read(file, { throwIfNoEntry: false });
    const problem = stats && foreignOwner(stats, uid);
    if (problem) return problem;
  }
  return undefined;
}
