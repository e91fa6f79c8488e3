import type { UnrepairedReason } from '../contract/tally.ts';

/** What each reason means, for people. */
export const UNREPAIRED_TEXT: Readonly<Record<UnrepairedReason, string>> = {
  unknown: 'no known framework writes such keys',
  structural: 'without a TTL by design',
  'report-only': 'the policy of its dialect is report',
  permanent: 'the application set no expiry',
  unreadable:
    'the fields with its lifetime are present, but the sweep cannot read them: their form, its permissions, or a session on another shard',
  'delete-limit': 'past its life; the sweep had already deleted sweep.maxDeletes keys',
  'changed-meanwhile': 'used, rewritten or removed while the sweep read it',
  'not-permitted': "the sweep's user is not allowed to change it",
};
