import type { Remains, UnrepairedReason } from '../contract/tally.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB'] as const;

/** A readable size class: `≤ 65536 B` becomes `≤ 64 KiB`. A name without a size does not change. */
export const sizeClassText = (name: string): string => name.replace(/(\d+) B$/, (_, bytes) => binaryText(Number(bytes)));

/** In the largest unit that divides it: `4 KiB`, `1536 B`. */
function binaryText(bytes: number): string {
  let size = bytes;
  let power = 0;
  while (size > 0 && size % 1_024 === 0 && power < UNITS.length - 1) {
    size /= 1_024;
    power += 1;
  }
  return `${size} ${UNITS[power]}`;
}

export const REMAINS_TEXT: Readonly<Record<Remains, string>> = {
  ended: 'logged out; the framework keeps them for some minutes',
  ghost: 'gone from the store, and written back in part by a server that has a copy: it answers them, other servers refuse them',
  partial: 'gone from the store, and written back in part by a late request: the framework cannot read them, so requests with them fail',
};

export const UNREPAIRED_TEXT: Readonly<Record<UnrepairedReason, string>> = {
  unknown: 'no known framework writes such keys',
  unverified:
    'their name is that of a session, and their value was not read: that is not permitted, or would count as a use, which a replica or an engine with CLIENT NO-TOUCH avoids',
  structural: 'without a TTL by design',
  'report-only': 'the policy of its dialect is report',
  permanent: 'the application set no expiry',
  unreadable:
    'the fields with its lifetime are present, but the sweep cannot read them: their form, its permissions, or a session on another shard',
  unconfirmed:
    'nearly every session of the dialect has no TTL, as where an application turns it off on purpose: sweep.policies has to say what the sweep does',
  uncounted: 'its dialect is rare in a large store: the first full sweep counts it, and the next one repairs it',
  'delete-limit': 'past its life; the sweep had already deleted sweep.maxDeletes keys',
  'changed-meanwhile': 'used, rewritten or removed while the sweep read it',
  'not-permitted': "the sweep's user is not allowed to change it",
};
