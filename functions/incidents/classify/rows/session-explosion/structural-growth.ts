import { growsWithSessions } from '../../facts/growth.ts';
import { structuralShare } from '../../facts/store-content.ts';
import { moreSessions } from '../../facts/store-memory.ts';
import type { Row } from '../../row.ts';

export const structuralGrowth: Row = {
  cause: 'structural-growth',
  runbook: 'session-explosion',
  title: "A framework's own keys grow, such as Spring Session's index of users",
  sentence: () =>
    "the store fills with a session framework's own keys (such as Spring Session's index of users), which have no TTL by design",
  needs: [
    { asks: 'Keys without a TTL by design are a large share of all keys.', judge: structuralShare },
    { asks: 'Memory is tight, or grows. It is likely at the most where many keys are of no session framework.', judge: growsWithSessions },
  ],
  refutedBy: [{ ruledOut: 'more sessions', asks: 'The number of sessions rose: their index grows with them.', judge: moreSessions }],
  yieldsTo: ['missing-expiry', 'large-sessions'],
  // A sweep leaves structural keys alone unless it reconciles: that is a step for a person.
  mitigations: ['scale-store'],
};
