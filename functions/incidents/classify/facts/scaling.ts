/** Servers that Auto Scaling ended. Pure. */
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { firmIf, type Judge, judgeSource, no, shaky, yes } from '../judged.ts';
import { deployAtSign, deployNearSign } from './deploys.ts';

/** Auto Scaling took servers away, and what was in their memory with them. */
export const serversReplaced = judgeSource('scaling', ({ terminated, replacedUnhealthy, firstTerminationMs }, { complete }) => {
  const text = `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`;
  return terminated > 0 ? yes('scaling', text, firstTerminationMs) : firmIf(complete, no('scaling', text));
});

/** When servers began to end, where that was after the deploy had ended. */
export function endedAfterDeploy(evidence: Evidence): number | undefined {
  const endedMs = factsOf(evidence, 'scaling')?.firstTerminationMs;
  const finishedMs = deployAtSign(evidence)?.finishedAtMs;
  return endedMs !== undefined && finishedMs !== undefined && endedMs > finishedMs ? endedMs : undefined;
}

/** A deploy ran around the first sign, and servers did not end only after it. Never firm then: users of a rolled server can come back as late. */
export const deployExplains: Judge = (evidence) =>
  endedAfterDeploy(evidence) === undefined ? deployNearSign(evidence) : shaky(no('scaling', 'servers ended after the deploy had'));
