import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { firmIf, type Judged, judgeSource, no, open, shaky, yes } from '../judged.ts';
import { deployAtSign, deployNearSign } from './deploys.ts';
import { lostAfter, lostBefore, lostOnlySince, othersLoseToo } from './lost-sessions.ts';
import { refusesOwnSince } from './routes.ts';

/** Auto Scaling took servers away, and what was in their memory with them. */
export const serversReplaced = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'scaling', ({ terminated, replacedUnhealthy, firstTerminationMs }, complete) => {
    const text = `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`;
    return terminated > 0 ? yes('scaling', text, firstTerminationMs) : firmIf(complete, no('scaling', text));
  });

/** Most of the sessions that were lost had been lost before the first of these servers ended. */
export function lostBeforeReplacement(evidence: Evidence): Judged {
  const endedMs = factsOf(evidence, 'scaling')?.firstTerminationMs;
  return endedMs === undefined ? open('scaling', 'when the first server ended') : lostBefore(evidence, endedMs, 'the first server ended');
}

/** Most of the sessions that were lost began after the last of these servers had ended. */
export function lostAfterReplacement(evidence: Evidence): Judged {
  const endedMs = factsOf(evidence, 'scaling')?.lastTerminationMs;
  return endedMs === undefined ? open('scaling', 'when the last server ended') : lostAfter(evidence, endedMs, 'the last server had ended');
}

/** Auto Scaling took servers away whose users can be those with foreign routes, and not those whose sessions a server began itself later. */
export const replacedServersUsers = (evidence: Evidence): Judged =>
  replacedUnless(evidence, refusesOwnSince(evidence, factsOf(evidence, 'scaling')?.lastTerminationMs));

/** Auto Scaling took servers away whose users had to move; sessions that began later did not have to. */
export const replacedServersUsersMoved = (evidence: Evidence): Judged => replacedUnless(evidence, lostAfterReplacement(evidence));

/** Never firmly false by what began `later`: a client can begin sessions, and let them end, as often as it likes. */
function replacedUnless(evidence: Evidence, later: Judged): Judged {
  const replaced = serversReplaced(evidence);
  if (replaced.truth !== true) return replaced;
  if (later.truth === true) return shaky(no('scaling', `${replaced.text}; ${later.text}`));
  return firmIf(later.truth === false && later.firm, replaced);
}

/**
 * Servers ended when the deploy was over, and sessions were lost only since then: it is not the deploy that ended them. Never firm, since
 * users of a rolled server can come back as late.
 */
export const lostSinceServersEnded = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'deploys', () => {
    const deploy = deployAtSign(evidence);
    if (deploy?.finishedAtMs === undefined) return no('deploys', 'no deploy had ended before servers did');
    const { finishedAtMs } = deploy;
    const replaced = serversReplaced(evidence);
    if (replaced.truth !== true) return replaced;
    const endedMs = factsOf(evidence, 'scaling')?.firstTerminationMs;
    if (endedMs === undefined) return open('scaling', 'when the first server ended');
    if (endedMs <= finishedAtMs) return no('scaling', 'the first server ended before the deploy did');
    return lostOnlySince(evidence, endedMs, 'the first server ended, after the deploy had');
  });

/** A deploy ran around the first sign, and servers did not end after it and before the losses. */
export function deployExplains(evidence: Evidence): Judged {
  const later = lostSinceServersEnded(evidence);
  return later.truth === true ? shaky(no('scaling', later.text)) : deployNearSign(evidence);
}

/** Servers that stayed lose their own sessions as well. */
export function lostWithoutReplacement(evidence: Evidence): Judged {
  const targets = factsOf(evidence, 'balancer')?.targets;
  const stayed = targets?.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId);
  return othersLoseToo(evidence, stayed, 'servers that stayed');
}
