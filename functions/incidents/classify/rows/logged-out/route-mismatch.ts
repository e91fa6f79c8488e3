import { sessionsInMemory, stickinessLost, targetsGone } from '../../facts/balancer.ts';
import { deployNearSign } from '../../facts/deploys.ts';
import { foreignRoutes, sameRoute, wrongRouteServer } from '../../facts/routes.ts';
import { replacedServersUsers } from '../../facts/scaling.ts';
import { sessionsMove } from '../../facts/session-moves.ts';
import type { Row } from '../../row.ts';

export const routeMismatch: Row = {
  cause: 'route-mismatch',
  runbook: 'logged-out',
  title: 'A server refuses sessions whose id ends in another route (jvmRoute) than its own, though they are its own users',
  sentence: (evidence) =>
    `users of ${wrongRouteServer(evidence) ?? 'a server'} are logged out because the route (jvmRoute) in their session ids is not that server's own`,
  needs: [
    { asks: 'Sessions are in the memory of the servers.', judge: sessionsInMemory },
    {
      asks: 'A server gets many requests whose cookie has another route than its own, and replaces their sessions.',
      judge: foreignRoutes,
      byOneServer: true,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'sessions that change servers',
      asks: 'Sessions change servers: then the route is foreign wherever they go.',
      judge: sessionsMove,
      byOneServer: true,
    },
    { ruledOut: 'stickiness that is off', asks: "Stickiness is off: then other servers' users come.", judge: stickinessLost },
    { ruledOut: 'draining targets', asks: 'Targets are draining or unhealthy: then their users come.', judge: targetsGone },
    {
      ruledOut: 'replaced servers',
      asks: 'Servers were replaced: then their users come, unless most of the sessions that the server refuses began there after that.',
      judge: replacedServersUsers,
    },
    { ruledOut: 'a deploy', asks: 'A deploy ran around the first sign: then the users of the rolled servers come.', judge: deployNearSign },
  ],
  supportedBy: [{ asks: 'Two servers add the same route.', judge: sameRoute }],
  yieldsTo: ['stickiness-off'],
  about: (evidence) => {
    const instanceId = wrongRouteServer(evidence);
    return instanceId === undefined ? undefined : { instanceId };
  },
  mitigations: ['restart-target'],
};
