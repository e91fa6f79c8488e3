/** Sessions that change servers. Pure. */
import { leastOf } from '../../../shared/arithmetic.ts';
import type { ServerFacts } from '../../contract/server-facts.ts';
import { beganMs } from '../../trouble/changes.ts';
import {
  allLogsRead,
  FEWEST_SESSIONS,
  followedTraces,
  hasMoved,
  laterOnesStay,
  logsShowAnswered,
  type MergedTrace,
} from '../../trouble/traces.ts';
import { firmIf, type Judge, judgeSource, no, open, shaky, yes } from '../judged.ts';

/** A share of sessions that moves is no accident from here on. */
const MOVE_PERCENT = 5;

const areMany = (some: readonly MergedTrace[], seen: readonly MergedTrace[]): boolean =>
  some.length >= FEWEST_SESSIONS && some.length * 100 >= seen.length * MOVE_PERCENT;

const withoutServer = (trace: MergedTrace, instanceId: string): MergedTrace => ({
  ...trace,
  servers: trace.servers.filter((id) => id !== instanceId),
  knownBy: trace.knownBy.filter((id) => id !== instanceId),
});

/**
 * Whether there are still many sessions without what any one server alone claims: that it knows a session, or that it does not. With two
 * servers, each session that moves needs the claims of both; then only those are left out that one of them alone claims to know, because a
 * client can send such an id to the other one.
 */
const areManyWithoutOne = (seen: readonly MergedTrace[], servers: readonly ServerFacts[], isSo: (trace: MergedTrace) => boolean): boolean =>
  servers.every(({ instanceId }) => {
    const claimed = seen.filter(({ knownBy }) => knownBy.some((id) => id !== instanceId));
    const others = servers.length > 2 ? claimed.map((trace) => withoutServer(trace, instanceId)) : claimed;
    return areMany(
      others.filter((trace) => trace.servers.length > 1 && isSo(trace)),
      seen,
    );
  });

const judgeMoves = (what: string, isSo: (trace: MergedTrace) => boolean): Judge =>
  judgeSource('servers', ({ servers }, { complete, evidence }) => {
    const seen = followedTraces(servers, evidence.firstSignMs);
    const found = seen.filter(isSo);
    const whole = allLogsRead(servers, complete);
    const text = `${found.length} of ${seen.length} sampled sessions ${what}`;
    if (areMany(found, seen)) {
      const isSure = whole && logsShowAnswered(servers) && areManyWithoutOne(seen, servers, isSo);
      return firmIf(isSure, yes('servers', text, leastOf(found.map(({ lastMs }) => lastMs))));
    }
    // Other visitors, who need not be users, make a share as small as they like.
    if (found.length >= FEWEST_SESSIONS)
      return open('servers', `${text}: too few to say that sessions change servers, and too many for none`);
    return whole && seen.length >= FEWEST_SESSIONS
      ? no('servers', text)
      : open('servers', 'access logs: too few sessions, or not of every server, to see whether sessions change servers');
  });

export const sessionsMove = judgeMoves('were served by more than one server', hasMoved);

/** Where a server was away for a moment, its sessions come to others, and later ones stay. Never firmly false: what goes on can be rare. */
export const sessionsGoOnMoving = judgeSource('servers', ({ servers }, { evidence }) => {
  const moves = sessionsMove(evidence);
  if (moves.truth !== true || !laterOnesStay(servers, beganMs(evidence))) return moves;
  return shaky(no('servers', `${moves.text}, and none of those that began last`));
});

/** Sessions that one server knew, and that came to another one which did not: there they are lost. */
export const sessionsStray = judgeMoves(
  'came to a server that did not know them',
  ({ servers, knownBy }) => servers.length > knownBy.length,
);
