import { sessionsInMemory } from '../../facts/balancer.ts';
import { evictsKeys, policyKeepsSessions } from '../../facts/store-memory.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const evictions: Row = {
  cause: 'evictions',
  runbook: 'logged-out',
  title: 'The store is full and deletes sessions that are still in use',
  sentence: () => 'users are logged out because the store is full and deletes sessions that are still in use',
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    { asks: 'The store deletes keys to make room.', judge: evictsKeys },
  ],
  refutedBy: [{ asks: 'Its eviction policy is noeviction: it refuses writes, and deletes nothing.', judge: policyKeepsSessions }],
  yieldsTo: ['store-connection-failures'],
  behind: ['missing-expiry', 'large-sessions', 'session-per-request', 'structural-growth', 'not-sessions', 'more-users'],
  mitigations: ['scale-store', 'sweep-now', 'shorten-anonymous'],
};
