/** People who come, log in, work for 10 to 40 s and log out while the page is walked; and log in again when they have to. */
import { setTimeout as sleep } from 'node:timers/promises';
import { httpSender } from '../../../lab/demo/traffic/http-client.ts';
import { settle } from '../../../lab/demo/traffic/run-traffic.ts';
import { LOG_OUT_PATH, VirtualUser } from '../../../lab/demo/traffic/virtual-user.ts';

/** What happened to users since a moment. */
export interface Noticed {
  readonly requests: number;
  /** Visits that ended by a log-out. */
  readonly leftInTime: number;
  readonly failed: readonly string[];
  /** A session that ended before its user ended it, with the version of the WAR that had begun it. */
  readonly lost: readonly { readonly user: string; readonly begunBy: string }[];
  /** Servers that answered with a count. */
  readonly servers: readonly string[];
}

export interface Users {
  readonly count: number;
  /** Resolves when everybody is logged in. */
  loggedIn(): Promise<void>;
  /** What happened since the last call. */
  notice(): Noticed;
  stop(): Promise<void>;
}

/** Enough to be spread over three servers, few enough for two busy cores. */
export const USERS = 45;
const THINK_MS = 1_000;
/** A visit lasts from the first to the sum of both. */
const SHORTEST_VISIT_MS = 10_000;
const MORE_MS = 30_000;
const POLL_MS = 100;
const LOGGED_IN_MS = 20_000;

/** Spread over the users, each of whom stays for the same time at every visit. */
const visitMs = (index: number, count: number): number => SHORTEST_VISIT_MS + (MORE_MS * ((index * 7) % count)) / count;

export function startUsers(url: string, caFile: string, count: number): Users {
  const settings = settle({ url, caFile, users: count, thinkTimeMs: THINK_MS });
  const sender = httpSender(settings);
  const begunBy = new Map<string, string>();
  let seen = {
    requests: 0,
    leftInTime: 0,
    failed: [] as string[],
    lost: [] as { user: string; begunBy: string }[],
    servers: new Set<string>(),
  };
  const users = Array.from(
    { length: count },
    (_, index) =>
      new VirtualUser(`user-${index + 1}`, settings, {
        sender,
        now: Date.now,
        record: ({ user, path, verdict, status }) => {
          seen.requests += 1;
          if (verdict.verdict === 'failed') seen.failed.push(`${path} ${status ?? ''} ${verdict.failure} ${verdict.server ?? ''}`);
          else if (verdict.verdict === 'lost') seen.lost.push({ user, begunBy: begunBy.get(user) ?? 'nothing' });
          else if (path === LOG_OUT_PATH) seen.leftInTime += 1;
          else if (path === settings.loginPath) begunBy.set(user, verdict.version ?? 'unknown');
          else seen.servers.add(verdict.server ?? 'unknown');
        },
      }),
  );
  let running = true;
  const walks = users.map(async (user, index) => {
    await sleep((THINK_MS * index) / count);
    let leavesAtMs = Date.now() + visitMs(index, count);
    while (running) {
      await user.step();
      await sleep(THINK_MS);
      if (Date.now() < leavesAtMs || !user.loggedIn) continue;
      await user.leave();
      leavesAtMs = Date.now() + visitMs(index, count);
    }
  });
  return {
    count,
    async loggedIn() {
      const deadline = Date.now() + LOGGED_IN_MS;
      while (!users.every((user) => user.loggedIn)) {
        if (Date.now() > deadline) throw new Error('not all users are logged in');
        await sleep(POLL_MS);
      }
    },
    notice() {
      const { servers, ...rest } = seen;
      seen = { requests: 0, leftInTime: 0, failed: [], lost: [], servers: new Set() };
      return { ...rest, servers: [...servers].toSorted() };
    },
    async stop() {
      running = false;
      await Promise.all(walks);
      sender.close();
    },
  };
}
