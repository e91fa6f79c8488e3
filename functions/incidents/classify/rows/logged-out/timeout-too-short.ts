import { sessionsLostNowOrAlways } from '../../facts/lost-sessions.ts';
import { lifeIsShort, lostBeforeLifeEnded } from '../../facts/session-life.ts';
import { storeGone } from '../../facts/store-reach.ts';
import type { Row } from '../../row.ts';

export const timeoutTooShort: Row = {
  cause: 'timeout-too-short',
  runbook: 'logged-out',
  title: 'Sessions end sooner than users pause, or than the cookie and the session promise',
  sentence: () => 'users are logged out because their sessions end after a pause that is too short',
  needs: [
    { asks: 'The TTL of sessions is under two minutes, or far below what cookie or session promise.', judge: lifeIsShort },
    { asks: 'Users lost their session.', judge: sessionsLostNowOrAlways },
  ],
  refutedBy: [
    { asks: 'Sessions were lost before they had been idle that long.', judge: lostBeforeLifeEnded },
    {
      ruledOut: 'a store without a primary',
      asks: 'No primary of the store answers, and the servers do not reach it either.',
      judge: storeGone,
    },
  ],
  yieldsTo: ['stickiness-off', 'route-mismatch', 'session-changes-server', 'store-connection-failures', 'sweep-shortened'],
  mitigations: ['raise-ttl'],
};
