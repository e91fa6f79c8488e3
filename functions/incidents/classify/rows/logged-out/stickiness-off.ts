import { changedOnPurpose, sessionsInMemory, severalTargets, stickinessLost, stickinessProblem } from '../../facts/balancer.ts';
import { sessionsLost } from '../../facts/lost-sessions.ts';
import { sessionsMove, sessionsStray } from '../../facts/session-moves.ts';
import { anyOf, not, shaky } from '../../judged.ts';
import type { Row } from '../../row.ts';

export const stickinessOff: Row = {
  cause: 'stickiness-off',
  runbook: 'logged-out',
  title: 'Stickiness is off (or lost), and sessions are in the memory of single servers',
  sentence: (evidence) =>
    `users are logged out because the load balancer's stickiness ${stickinessProblem(evidence)}, and each server knows its own sessions alone`,
  needs: [
    { asks: 'Sessions are in the memory of the servers.', judge: sessionsInMemory },
    { asks: "The target group's stickiness is off, by another cookie, or shorter than deployed.", judge: stickinessLost },
    { asks: 'More than one target takes requests.', judge: severalTargets },
    {
      asks: 'Sessions come to servers that do not know them. Users who lose theirs in another way make it likely.',
      judge: (evidence) => anyOf(sessionsStray(evidence), shaky(sessionsLost(evidence))),
      byOneServer: true,
    },
  ],
  refutedBy: [
    {
      ruledOut: 'sessions that stay on their server',
      asks: 'Sessions stay on one server each, as the access logs show.',
      judge: (evidence) => not(sessionsMove(evidence)),
      byOneServer: true,
    },
    { ruledOut: 'a change on purpose', asks: 'Somebody changed it, by CloudTrail: then a person decides.', judge: changedOnPurpose },
  ],
  yieldsTo: [],
  mitigations: ['restore-stickiness'],
};
