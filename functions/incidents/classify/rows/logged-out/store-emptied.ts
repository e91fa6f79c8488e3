import { sessionsInMemory } from '../../facts/balancer.ts';
import { sessionsLost } from '../../facts/lost-sessions.ts';
import { evictsKeys, isEmptied } from '../../facts/store-memory.ts';
import { primaryStartedAnew } from '../../facts/store-nodes.ts';
import { sweepShortened } from '../../facts/sweeps.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const storeEmptied: Row = {
  cause: 'store-emptied',
  runbook: 'logged-out',
  // After a failover that ended well, the alarm on the store shows it.
  alsoFor: 'store-failure',
  title: 'The store was emptied: a FLUSHALL, an application that logs all users out, or a node that came back without its data',
  sentence: (evidence) => {
    const anew = primaryStartedAnew(evidence)?.name;
    const how = anew === undefined ? 'nearly all sessions are gone from it at once' : `${anew} restarted, and came back without its data`;
    return `users are logged out because the store was emptied: ${how}`;
  },
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    {
      asks: 'From one reading to the next most sessions are gone, and their keys with them; or, of those a quarter of an hour before, one in twenty is left at the most.',
      judge: isEmptied,
    },
    { asks: 'Users lost their session.', judge: sessionsLost },
  ],
  refutedBy: [
    { ruledOut: 'evictions', asks: 'The store deletes keys to make room.', judge: evictsKeys },
    {
      ruledOut: 'a sweep that shortened lives',
      asks: 'A sweep set lives below what the application declares, before the first sign.',
      judge: sweepShortened,
    },
  ],
  yieldsTo: ['store-connection-failures'],
  behind: ['store-failing-over'],
  mitigations: [],
};
