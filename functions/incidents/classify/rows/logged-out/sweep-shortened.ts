import { sessionsInMemory } from '../../facts/balancer.ts';
import { sessionsLost } from '../../facts/lost-sessions.ts';
import { lostBeforeSweep, sweepShortened as shortened, shorteningSweep } from '../../facts/sweeps.ts';
import { not } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const sweepShortened: Row = {
  cause: 'sweep-shortened',
  runbook: 'logged-out',
  title: 'A sweep gave sessions a shorter life than the application does',
  sentence: (evidence) =>
    `users are logged out because the sweep ${shorteningSweep(evidence)?.sweepId ?? ''} shortened the life of their sessions`,
  needs: [
    { asks: 'Sessions are in the store.', judge: (evidence) => not(sessionsInMemory(evidence)) },
    { asks: 'A sweep set lives below what the application declares, before the first sign.', judge: shortened },
    { asks: 'Users lost their session.', judge: sessionsLost },
  ],
  refutedBy: [{ asks: 'Most sessions had been lost before the sweep began.', judge: lostBeforeSweep }],
  yieldsTo: ['store-connection-failures', 'evictions', 'unreadable-sessions'],
  about: (evidence) => {
    const sweep = shorteningSweep(evidence);
    return sweep === undefined ? undefined : { sweepId: sweep.sweepId };
  },
  // The sweep assumed the life of sessions that state none: what they had before is on record nowhere.
  mitigations: [],
};
