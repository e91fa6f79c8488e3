/** Takes turns with kept sessions for as long as it is asked to, in real time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../../functions/canary/findings/result.ts';
import type { Kept } from '../../functions/canary/kept/judge-kept.ts';
import { beginKept, takeTurn } from '../../functions/canary/kept/use-kept.ts';
import { type Examined, quickSite } from './run-quickly.ts';

export interface KeptFor {
  readonly everyMs: number;
  readonly forMs: number;
  /** Name of the cookie that authenticates. */
  readonly cookie: string;
}

export async function keepSessions(examined: Examined, { everyMs, forMs, cookie }: KeptFor) {
  const begunMs = Date.now();
  const outcomes: Outcome[] = [];
  let vanished = 0;
  const clock = { now: Date.now, sleep: async () => {} };
  let kept = await beginKept(quickSite(examined, clock), [cookie]);
  while (Date.now() - begunMs < forMs) {
    await sleep(everyMs);
    // Each turn is a run of the function, with limits of its own.
    const turned = await takeTurn(quickSite(examined, clock), kept, { everyMs });
    if (turned.refused) throw turned.refused;
    kept = turned.kept as Kept;
    outcomes.push(...turned.outcomes);
    vanished += turned.vanished;
  }
  const findings = [...new Set(outcomes.flatMap((one) => (one.is === 'finding' ? [one.finding] : [])))].sort();
  return { findings, held: outcomes.filter(({ is }) => is === 'holds').map(({ what }) => what), vanished };
}
