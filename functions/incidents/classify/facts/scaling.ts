/** Servers that Auto Scaling ended. Pure. */
import { type Evidence, factsOf } from '../../contract/evidence.ts';
import { firmIf, type Judged, judgeSource, no, shaky, yes } from '../judged.ts';
import { deployAtSign, deployNearSign } from './deploys.ts';

/** Auto Scaling took servers away, and what was in their memory with them. */
export const serversReplaced = judgeSource('scaling', ({ terminated, replacedUnhealthy, firstTerminationMs }, { complete }) => {
  const text = `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`;
  return terminated > 0 ? yes('scaling', text, firstTerminationMs) : firmIf(complete, no('scaling', text));
});

/** A deploy ran around the first sign, and servers did not end only after it. Never firm then: users of a rolled server can come back as late. */
export function deployExplains(evidence: Evidence): Judged {
  const near = deployNearSign(evidence);
  const endedMs = factsOf(evidence, 'scaling')?.firstTerminationMs ?? 0;
  const isLater = endedMs > (deployAtSign(evidence)?.finishedAtMs ?? Number.POSITIVE_INFINITY);
  return near.truth === true && isLater ? shaky(no('scaling', 'servers ended after the deploy had')) : near;
}
