import { CAUSES } from '../../../contract/causes.ts';
import { sessionsInMemory } from '../../facts/balancer.ts';
import { sessionsAreFew } from '../../facts/store-content.ts';
import { evictsAnyKey, evictsSessions, policyKeepsSessions } from '../../facts/store-memory.ts';
import { allOf, not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const evictions: Row = {
  cause: 'evictions',
  runbook: 'logged-out',
  title: 'The store is full and deletes sessions that are still in use',
  sentence: () => 'users are logged out because the store is full and deletes sessions that are still in use',
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    {
      asks: 'The store deletes keys to make room. It is certain from ten in a minute on, if most keys that it may delete are sessions.',
      judge: evictsSessions,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'a policy that evicts nothing',
      asks: 'Its eviction policy is noeviction: it refuses writes, and deletes nothing.',
      judge: policyKeepsSessions,
    },
    {
      ruledOut: "a cache's keys that go",
      asks: "It may delete any key, and sessions take a small part of its data: then it is a cache's keys that go.",
      judge: (evidence) => allOf(evictsAnyKey(evidence), sessionsAreFew(evidence)),
    },
  ],
  yieldsTo: ['store-connection-failures'],
  behind: CAUSES['session-explosion'],
  mitigations: ['scale-store', 'sweep-now', 'shorten-anonymous'],
};
