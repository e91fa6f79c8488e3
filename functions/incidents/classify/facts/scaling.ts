import type { Evidence } from '../../contract/evidence.ts';
import { firmIf, type Judged, judgeSource, no, yes } from '../judged.ts';

/** Auto Scaling took servers away, and what was in their memory with them. */
export const serversReplaced = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'scaling', ({ terminated, replacedUnhealthy }, complete) => {
    const text = `Auto Scaling ended ${terminated} servers, ${replacedUnhealthy} of them as unhealthy`;
    return terminated > 0 ? yes('scaling', text) : firmIf(complete, no('scaling', text));
  });
