/** Whether what grows can be sessions. Pure. */
import type { Evidence } from '../../contract/evidence.ts';
import { anyOf, type Judged, shaky } from '../judged.ts';
import { otherKeys } from './store-content.ts';
import { memoryGrows, moreSessions } from './store-memory.ts';

/** Memory is tight, or grows. Where a large part of the keys are of no session framework, it can be these: what is there of sessions can be as ever. */
export function growsWithSessions(evidence: Evidence): Judged {
  const grows = memoryGrows(evidence);
  const others = otherKeys(evidence);
  if (grows.truth !== true || others.truth !== true) return grows;
  return shaky({ ...grows, text: `${grows.text}; ${others.text}, and can be what grows` });
}

/** The number of sessions rose, or the memory grows. */
export const sessionsGrow = (evidence: Evidence): Judged => anyOf(moreSessions(evidence), growsWithSessions(evidence));
