/**
 * The table of critical actions: what a user has begun and must not lose with the session. Applications write it, by the module in
 * session/critical-actions or by docs/critical-actions.md; infrastructure creates it, and runbooks count what is pending.
 */
export const CRITICAL_ACTIONS_TABLE = {
  /** Keyed hash of the user, 64 hex digits. */
  partitionKey: 'user',
  /** The application's id of the action, such as an order's number. */
  sortKey: 'action',
  /** Seconds since the epoch. DynamoDB deletes an item up to days later: readers compare it themselves. */
  ttl: 'expiresAt',
  /** Contains pending actions only. Its partition key is the hash's first digit, so that one partition does not take every write. */
  pendingIndex: { name: 'pending', partitionKey: 'pending' },
} as const;

/** Values of the index's partition key. */
export const PENDING_PARTITIONS = [...'0123456789abcdef'] as const;
