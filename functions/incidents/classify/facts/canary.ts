import { counted } from '../../../shared/counted.ts';
import type { Evidence } from '../../contract/evidence.ts';
import { firmIf, type Judged, judgeSource, no, open, yes } from '../judged.ts';

/** Sessions that the canary kept alive from outside vanished. It is one client: its own account can be locked. */
export const canarySessionsVanished = (evidence: Evidence): Judged =>
  judgeSource(evidence, 'canary', ({ sessions, vanished }, complete) => {
    if (vanished > 0)
      return yes('canary', `${counted(vanished, 'session')} of the canary vanished in the hour before; it keeps ${sessions} now`);
    if (sessions === 0) return open('canary', 'canary: it keeps no session now');
    return firmIf(complete, no('canary', `the canary keeps ${counted(sessions, 'session')}, and none vanished`));
  });
