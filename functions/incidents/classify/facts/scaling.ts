import type { Evidence } from '../../contract/evidence.ts';
import { factsOf, firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';
import { lostBefore, othersLoseToo } from './lost-sessions.ts';

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

/** Servers that stayed lose their own sessions as well. */
export function lostWithoutReplacement(evidence: Evidence): Judged {
  const targets = factsOf(evidence, 'balancer')?.targets;
  const stayed = targets?.filter(({ state }) => state === 'healthy').map(({ instanceId }) => instanceId);
  return othersLoseToo(evidence, stayed, 'servers that stayed');
}
