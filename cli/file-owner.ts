/** Whether a file that was found, and not named by the user, can be trusted: another user of the machine could have put it there. */
import { lstatSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';

/** What counts of a file, and of the link that leads to it. */
export type Owned = Pick<Stats, 'uid' | 'gid' | 'mode'>;

export interface User {
  /** Undefined on Windows, where files have no such owner and nothing is checked. */
  readonly uid: number | undefined;
  /** Groups without another user: what they can write to is the user's own, as umask 002 makes it. */
  readonly ownGroups: readonly number[];
}

const ROOT = 0;
const GROUP_WRITES = 0o020;
const OTHERS_WRITE = 0o002;
/** In a folder with this bit nobody renames or removes what belongs to others. */
const STICKY = 0o1000;
const FILE_TYPE = 0o170000;
/** A link has every permission, and nobody can write to it. */
const LINK = 0o120000;

/**
 * What makes a file or folder another user's, as the end of a sentence; undefined for one of this user, or of root, that no other user can
 * write to. A group can, unless it is root's or has this user alone.
 */
export function foreignOwner({ uid: owner, gid, mode }: Owned, { uid, ownGroups }: User): string | undefined {
  if (uid === undefined) return undefined;
  if (owner !== uid && owner !== ROOT) return `belongs to another user (${owner}, and you are ${uid})`;
  if ((mode & FILE_TYPE) === LINK) return undefined;
  if ((mode & OTHERS_WRITE) !== 0) return 'can be written by every user of this machine';
  const isOwnGroup = gid === ROOT || ownGroups.includes(gid);
  return (mode & GROUP_WRITES) !== 0 && !isOwnGroup ? `can be written by every user of its group (${gid})` : undefined;
}

/** {@link foreignOwner} of a folder above: what is in a sticky one is replaced by nobody else, and is judged itself. */
export const foreignFolder = (folder: Owned, user: User): string | undefined =>
  (folder.mode & STICKY) !== 0 && (folder.uid === ROOT || folder.uid === user.uid) ? undefined : foreignOwner(folder, user);

/**
 * What makes a file or folder another user's, as the end of a sentence: {@link foreignOwner} of it, of the link that it may be, and of every
 * folder above both, since who can write to one puts another file in its place. What does not exist belongs to nobody.
 */
export function foreignOwnerOf(file: string): string | undefined {
  const user = thisUser();
  const own = problemOf(file, (stats) => foreignOwner(stats, user));
  if (own !== undefined) return own;
  const above = new Set([path.resolve(file), realOf(path.resolve(file))].flatMap(foldersAbove));
  for (const folder of above) {
    const problem = problemOf(folder, (stats) => foreignFolder(stats, user));
    if (problem !== undefined) return `lies below ${folder}, which ${problem}`;
  }
  return undefined;
}

/** Of a place, and of the link that it may be. */
function problemOf(place: string, judge: (stats: Owned) => string | undefined): string | undefined {
  for (const read of [lstatSync, statSync]) {
    const stats = read(place, { throwIfNoEntry: false });
    const problem = stats && judge(stats);
    if (problem) return problem;
  }
  return undefined;
}

function foldersAbove(file: string): readonly string[] {
  const above = path.dirname(file);
  return above === file ? [] : [above, ...foldersAbove(above)];
}

/** A link to nothing leads nowhere. */
function realOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

const thisUser = (): User => ({ uid: process.getuid?.(), ownGroups: ownGroupsOf(readGroups()) });

/** The user's primary group where it has the user's name and no other member; one that is in no file, by its number. */
function ownGroupsOf(groups: string): readonly number[] {
  try {
    const { uid, gid, username } = userInfo();
    return isPrivate({ uid, gid, username }, groups) ? [gid] : [];
  } catch {
    // A user without a name has no group of that name.
    return [];
  }
}

/** @param groups the text of /etc/group */
export function isPrivate({ uid, gid, username }: { uid: number; gid: number; username: string }, groups: string): boolean {
  const line = groups.split('\n').find((each) => each.split(':')[2] === String(gid));
  if (line === undefined) return uid === gid;
  const [name, , , members = ''] = line.split(':');
  return name === username && members.split(',').every((member) => member === '' || member === username);
}

function readGroups(): string {
  try {
    return readFileSync('/etc/group', 'utf8');
  } catch {
    return '';
  }
}
