/** Users are logged out, by servers, cookies and deploys. */
import { deployAtSign } from '../../trouble/deploy-at-sign.ts';
import { AND_ERRORS, atServers, endedByDeploy, OF_REPLACEMENT, ofDeploy, ofLives, SESSIONS } from '../explains.ts';
import { changedOnPurpose, sessionsInMemory, severalTargets, stickinessLost, stickinessProblem, targetsGone } from '../facts/balancer.ts';
import { deployExplains, deployNearSign, deployWarned, hurtByDeploy, lostOnNewRelease, serversReplaced } from '../facts/deploys.ts';
import { sessionsLost, usersTurnedAway } from '../facts/in-trouble.ts';
import { foreignRoutes, sameRoute, wrongRouteServer } from '../facts/routes.ts';
import { lifeIsShort, lostBeforeLifeEnded } from '../facts/session-life.ts';
import { sessionsGoOnMoving, sessionsMove, sessionsStray } from '../facts/session-moves.ts';
import { changedBefore } from '../facts/store-reach.ts';
import { anyOf, neverSure, not, open } from '../judged.ts';
import type { Condition, TableRow } from '../row.ts';
import { explainsMost } from '../share.ts';

const IN_MEMORY: Condition = { asks: 'Sessions are in the memory of the servers.', judge: sessionsInMemory };
const REPLACED: Condition = {
  ruledOut: 'replaced servers',
  asks: 'Servers were replaced: their users have to move, unless most of the sessions that were lost began after that.',
  judge: explainsMost(OF_REPLACEMENT, serversReplaced),
};
const STICKINESS_OFF: Condition = {
  ruledOut: 'stickiness that is off',
  asks: 'Stickiness is off: then users lose their sessions on other servers.',
  judge: stickinessLost,
};
const DRAINING: Condition = {
  ruledOut: 'draining targets',
  asks: 'Targets drain or are unhealthy: their users move.',
  judge: targetsGone,
};
const DEPLOYED: Condition = {
  ruledOut: 'a deploy',
  asks: 'A deploy ran around the first sign: the users of rolled servers have to move.',
  judge: deployNearSign,
};

export const LOGGED_OUT: readonly TableRow[] = [
  {
    cause: 'stickiness-off',
    title: 'Stickiness is off (or lost), and sessions are in the memory of single servers',
    sentence: (evidence) =>
      `users are logged out because the load balancer's stickiness ${stickinessProblem(evidence)}, and each server knows its own sessions alone`,
    explains: { channels: AND_ERRORS },
    needs: [
      IN_MEMORY,
      { asks: "The target group's stickiness is off, by another cookie, or shorter than deployed.", judge: stickinessLost },
      { asks: 'More than one target takes requests.', judge: severalTargets },
      {
        asks: 'Sessions come to servers that do not know them. Users who lose theirs in another way make it likely.',
        judge: anyOf(sessionsStray, neverSure(sessionsLost)),
        byOneServer: true,
      },
    ],
    refutedBy: [
      {
        ruledOut: 'sessions that stay on their server',
        asks: 'Sessions stay on one server each, as the access logs show.',
        judge: not(sessionsMove),
        byOneServer: true,
      },
      { ruledOut: 'a change on purpose', asks: 'Somebody changed it, by CloudTrail: then a person decides.', judge: changedOnPurpose },
    ],
    mitigations: ['restore-stickiness'],
  },
  {
    cause: 'route-mismatch',
    title: 'A server refuses sessions whose id ends in another route (jvmRoute) than its own, though they are its own users',
    sentence: (evidence) =>
      `users of ${wrongRouteServer(evidence) ?? 'a server'} are logged out because the route (jvmRoute) in their session ids is not that server's own`,
    explains: { channels: SESSIONS, covers: atServers((evidence) => [wrongRouteServer(evidence) ?? '']) },
    needs: [
      IN_MEMORY,
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
      STICKINESS_OFF,
      DRAINING,
      REPLACED,
      DEPLOYED,
    ],
    supportedBy: [{ asks: 'Two servers add the same route.', judge: sameRoute }],
    yieldsTo: ['stickiness-off'],
    about: { instanceId: wrongRouteServer },
  },
  {
    cause: 'session-changes-server',
    title: "A user's requests go to several servers although stickiness is on (ABC.server1, then ABC.server2)",
    sentence: 'users are logged out because their requests go to several servers although stickiness is on',
    explains: { channels: AND_ERRORS },
    needs: [
      IN_MEMORY,
      {
        asks: 'The same session is in the access logs of several servers, or gets another route; and so do sessions that began last.',
        judge: sessionsGoOnMoving,
        byOneServer: true,
      },
      {
        asks: 'Users are turned away. It is never certain: one client can send its sessions to other servers.',
        judge: neverSure(anyOf(sessionsStray, usersTurnedAway)),
        byOneServer: true,
      },
    ],
    refutedBy: [
      STICKINESS_OFF,
      DRAINING,
      REPLACED,
      DEPLOYED,
      {
        asks: 'Servers, or their processes, began anew just before: then their users have to move.',
        judge: anyOf(changedBefore('instance', 'a server'), () => open('changes', 'CloudTrail does not show when a process began')),
      },
    ],
    yieldsTo: ['stickiness-off'],
  },
  {
    cause: 'servers-replaced',
    title: 'Auto Scaling ended servers, and the sessions in their memory with them',
    sentence: 'users are logged out because Auto Scaling ended servers that had their sessions in memory',
    explains: OF_REPLACEMENT,
    needs: [
      IN_MEMORY,
      { asks: 'Auto Scaling ended servers.', judge: serversReplaced },
      { asks: 'Users lost their session.', judge: usersTurnedAway },
    ],
    refutedBy: [
      {
        ruledOut: 'a deploy',
        asks: 'A deploy ran around the first sign: it ends those that it does not wait for. Unless it had ended before the servers did.',
        judge: deployExplains,
      },
      STICKINESS_OFF,
    ],
  },
  {
    cause: 'timeout-too-short',
    title: 'Sessions end sooner than users pause, or than the cookie and the session promise',
    sentence: 'users are logged out because their sessions end after a pause that is too short',
    explains: { channels: SESSIONS, time: ofLives },
    needs: [
      { asks: 'The TTL of sessions is under two minutes, or far below what cookie or session promise.', judge: lifeIsShort },
      { asks: 'Users lost their session.', judge: sessionsLost },
    ],
    refutedBy: [{ asks: 'Sessions were lost before they had been idle that long.', judge: lostBeforeLifeEnded }],
    yieldsTo: ['store-connection-failures', 'sweep-shortened'],
  },
  {
    cause: 'deploy-in-progress',
    title: 'A deploy ends sessions that it does not wait for, on the servers that it rolls',
    sentence: (evidence) => {
      const deploy = deployAtSign(evidence);
      return `users are logged out by the deploy ${deploy?.deployId ?? ''} of release ${deploy?.to ?? ''}`;
    },
    explains: { channels: [...AND_ERRORS, 'sessionErrors'], time: ofDeploy, covers: endedByDeploy },
    needs: [
      { asks: 'A deploy was running when the trouble showed, or had ended less than ten minutes before.', judge: deployNearSign },
      { asks: 'Users lost their session, or are hurt in another way since a deploy that warned of its cookie.', judge: hurtByDeploy },
      {
        asks: "Sessions are in the servers' memory, where a deploy ends those that it does not wait for; or they are lost on servers with the new release alone; or the deploy warned of another name, domain or security of its cookie.",
        judge: anyOf(sessionsInMemory, neverSure(lostOnNewRelease), deployWarned),
      },
    ],
    yieldsTo: [
      'stickiness-off',
      'store-connection-failures',
      'unreadable-sessions',
      'evictions',
      'store-full',
      'store-emptied',
      'timeout-too-short',
      'secure-cookie-on-http',
    ],
    about: { deployId: (evidence) => deployAtSign(evidence)?.deployId },
    mitigations: ['stop-deploy'],
  },
];
