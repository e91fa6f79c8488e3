import { growsWithSessions } from '../../facts/growth.ts';
import { sessionsAreFew, sessionsAreLarge } from '../../facts/store-content.ts';
import type { Row } from '../../row.ts';

export const largeSessions: Row = {
  cause: 'large-sessions',
  runbook: 'session-explosion',
  title: 'Large objects are stored in sessions',
  sentence: () => 'the store fills because large objects are kept in sessions',
  needs: [
    { asks: 'Sessions of 64 KB or more hold most of the sampled bytes.', judge: sessionsAreLarge },
    // A few large sessions hold most of the bytes of any store that is nearly empty.
    { asks: 'Memory is tight, or grows. It is likely at the most where many keys are of no session framework.', judge: growsWithSessions },
  ],
  refutedBy: [{ ruledOut: 'data that is not of sessions', asks: "Sessions take a small part of the store's data.", judge: sessionsAreFew }],
  yieldsTo: [],
  mitigations: ['scale-store', 'volatile-eviction'],
};
