/** People who come, log in, work for a while, log out and come again: what their visits lose is counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { httpSender } from '../../../demo/traffic/http-client.ts';
import { settle } from '../../../demo/traffic/run-traffic.ts';
import { VirtualUser } from '../../../demo/traffic/virtual-user.ts';

export interface Visits {
  readonly requests: number;
  readonly failed: number;
  /** Log-ins that succeeded. */
  readonly sessions: number;
  /** Sessions that ended before their user ended them. */
  readonly sessionsLost: number;
}

export interface Visitors {
  stop(): Promise<Visits>;
}

/** At the same time. */
const VISITORS = 60;
const THINK_MS = 1_000;
/** Visits last from the first to the sum of both. */
const SHORTEST_VISIT_MS = 5_000;
const MORE_MS = 35_000;

export function startVisitors(url: string, caFile: string): Visitors {
  const settings = settle({ url, caFile, users: VISITORS, thinkTimeMs: THINK_MS });
  const sender = httpSender(settings);
  const seen = { requests: 0, failed: 0, sessions: 0, sessionsLost: 0 };
  const ports = {
    sender,
    now: Date.now,
    record: ({ path, verdict: { verdict } }: Parameters<ConstructorParameters<typeof VirtualUser>[2]['record']>[0]) => {
      seen.requests += 1;
      if (verdict === 'failed') seen.failed += 1;
      else if (verdict === 'lost') seen.sessionsLost += 1;
      else if (path === settings.loginPath) seen.sessions += 1;
    },
  };
  let running = true;
  const lives = Array.from({ length: VISITORS }, async (_, index) => {
    const user = new VirtualUser(`visitor-${index + 1}`, settings, ports);
    const visitMs = SHORTEST_VISIT_MS + (MORE_MS * ((index * 7) % VISITORS)) / VISITORS;
    await sleep((THINK_MS * index) / VISITORS);
    while (running) {
      const leavesAtMs = Date.now() + visitMs;
      while (running && Date.now() < leavesAtMs) {
        await user.step();
        await sleep(THINK_MS);
      }
      if (user.loggedIn) await user.leave();
    }
  });
  return {
    async stop() {
      running = false;
      await Promise.all(lives);
      sender.close();
      return { ...seen };
    },
  };
}
