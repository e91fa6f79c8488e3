import { sessionsInMemory, stickinessLost } from '../../facts/balancer.ts';
import { usersLost } from '../../facts/lost-sessions.ts';
import {
  deployExplains,
  lostAfterReplacement,
  lostBeforeReplacement,
  lostWithoutReplacement,
  serversReplaced as replaced,
} from '../../facts/scaling.ts';
import type { Row } from '../../row.ts';

export const serversReplaced: Row = {
  cause: 'servers-replaced',
  runbook: 'logged-out',
  title: 'Auto Scaling ended servers, and the sessions in their memory with them',
  sentence: () => 'users are logged out because Auto Scaling ended servers that had their sessions in memory',
  needs: [
    { asks: 'Sessions are in the memory of the servers.', judge: sessionsInMemory },
    { asks: 'Auto Scaling ended servers.', judge: replaced },
    { asks: 'Users lost their session.', judge: usersLost },
  ],
  refutedBy: [
    {
      ruledOut: 'losses before the first server ended',
      asks: 'Most sessions had been lost before the first server ended.',
      judge: lostBeforeReplacement,
    },
    {
      ruledOut: 'losses of sessions that began later',
      asks: 'Most of the sessions that were lost began after the last server had ended.',
      judge: lostAfterReplacement,
    },
    {
      ruledOut: 'losses on servers that stayed',
      asks: 'Servers that stayed lose their own sessions as often: then something that they share can be the cause.',
      judge: lostWithoutReplacement,
    },
    {
      ruledOut: 'a deploy',
      asks: 'A deploy ran around the first sign: it ends those that it does not wait for, on the servers that it rolls. Unless it had ended before the servers did, and nearly all sessions were lost only since then.',
      judge: deployExplains,
    },
    { ruledOut: 'stickiness that is off', asks: 'Stickiness is off: then users lose their sessions without it.', judge: stickinessLost },
  ],
  yieldsTo: [],
  mitigations: [],
};
