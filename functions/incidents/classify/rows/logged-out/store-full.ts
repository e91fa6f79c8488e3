import { CAUSES } from '../../../contract/causes.ts';
import { sessionsInMemory } from '../../facts/balancer.ts';
import { evictsKeys, isAtLimit, writesRefused } from '../../facts/store-memory.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const storeFull: Row = {
  cause: 'store-full',
  runbook: 'logged-out',
  // The alarm on refused writes starts it.
  alsoFor: 'store-failure',
  title: 'The store is full and refuses writes: nobody can log in, and no session is renewed',
  sentence: () => 'users are logged out because the store is full and refuses to write their sessions',
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    {
      asks: 'A primary has no room left, and deletes nothing: its eviction policy is noeviction, or no key has the TTL that its policy asks for.',
      judge: isAtLimit,
    },
    {
      asks: "It has refused writes. It is certain if the count rises, or the servers' logs have its errors as well.",
      judge: writesRefused,
    },
  ],
  refutedBy: [{ ruledOut: 'evictions that make room', asks: 'It deletes keys to make room.', judge: evictsKeys }],
  yieldsTo: [],
  behind: CAUSES['session-explosion'],
  mitigations: ['scale-store', 'sweep-now', 'shorten-anonymous'],
};
