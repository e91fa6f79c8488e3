import { sessionsInMemory, stickinessLost, targetsGone } from '../../facts/balancer.ts';
import { deployNearSign } from '../../facts/deploys.ts';
import { usersTurnedAway } from '../../facts/lost-sessions.ts';
import { replacedServersUsersMoved } from '../../facts/scaling.ts';
import { sessionsMove } from '../../facts/session-moves.ts';
import type { Row } from '../../row.ts';

export const sessionChangesServer: Row = {
  cause: 'session-changes-server',
  runbook: 'logged-out',
  title: "A user's requests go to several servers although stickiness is on (ABC.server1, then ABC.server2)",
  sentence: () => 'users are logged out because their requests go to several servers although stickiness is on',
  needs: [
    { asks: 'Sessions are in the memory of the servers.', judge: sessionsInMemory },
    { asks: 'The same session is in the access logs of several servers, or gets another route.', judge: sessionsMove, byOneServer: true },
    {
      asks: 'Users are turned away. It is never certain: one client can send its sessions to other servers.',
      judge: usersTurnedAway,
      byOneServer: true,
    },
  ],
  refutedBy: [
    { ruledOut: 'stickiness that is off', asks: 'Stickiness is off: that is the cause.', judge: stickinessLost },
    { ruledOut: 'draining targets', asks: 'Targets are draining or unhealthy: their users have to move.', judge: targetsGone },
    {
      ruledOut: 'replaced servers',
      asks: 'Servers were replaced: their users have to move, unless most of the sessions that were lost began after that.',
      judge: replacedServersUsersMoved,
    },
    { ruledOut: 'a deploy', asks: 'A deploy ran around the first sign: the users of rolled servers have to move.', judge: deployNearSign },
  ],
  yieldsTo: ['stickiness-off'],
  mitigations: [],
};
