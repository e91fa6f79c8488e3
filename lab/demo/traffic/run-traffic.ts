import { existsSync, readFileSync } from 'node:fs';
import type { FailedRequest } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import {
  DEFAULTS,
  type FilledRecipe,
  NO_WEB_SOCKETS,
  type TrafficOptions,
  type TrafficPhase,
  type TrafficReport,
  type TrafficSettings,
  type WebSocketReport,
} from './contract.ts';
import { type HttpSender, httpSender } from './http-client.ts';
import { type Outcome, Tally } from './tally.ts';
import { type MakeUser, type TrafficUser, VirtualUser } from './virtual-user.ts';
import { WebSocketUser } from './web-socket-user.ts';

/** Traffic that runs in this process. */
export interface RunningTraffic {
  /** Resolves to true when every user has logged in, or to false when the traffic was stopped first. */
  readonly ready: Promise<boolean>;
  mark(phase: TrafficPhase): void;
  snapshot(): TrafficReport;
  /** Starts no more requests, waits up to 2 s for those in flight, and returns the report. */
  stop(): Promise<TrafficReport>;
}

const STOP_WAIT_MS = 2_000;

/** Fills in the defaults. @throws TypeError when the URL is not valid */
export function settle(options: TrafficOptions): TrafficSettings {
  const { protocol } = new URL(options.url);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`${JSON.stringify(options.url)} must begin with http:// or https://`);
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as TrafficOptions;
  const settings = { ...DEFAULTS, ...given };
  return { ...settings, ...(settings.recipe && paceOf(settings.recipe, settings.users, settings.thinkTimeMs)) };
}

/** What the recipe's policy promises of an account, and of an address, which all users of the traffic share. */
export function paceOf({ recipe }: FilledRecipe, users: number, thinkTimeMs: number) {
  const { sessionsPerUser = Number.POSITIVE_INFINITY, requestsPerMinute, loginsPerMinute } = recipe.policy ?? {};
  const most = Math.min(users, sessionsPerUser * (recipe.users.b ? 2 : 1));
  return {
    users: most,
    ...(requestsPerMinute !== undefined && { thinkTimeMs: Math.max(thinkTimeMs, (most * 60_000) / requestsPerMinute) }),
    ...(loginsPerMinute !== undefined && { rampUpMs: (most * 60_000) / loginsPerMinute }),
  };
}

/**
 * Starts all users; each sends one request at a time until `stop`.
 * @param makeUser @default users of the Node example
 */
export function runTraffic(
  settings: TrafficSettings,
  makeUser: MakeUser = (index, ports) => new VirtualUser(`${settings.userPrefix}-${index + 1}`, settings, ports),
): RunningTraffic {
  const sender = httpSender(settings);
  const tally = new Tally(settings.users, Date.now());
  const random = seededRandom(settings.seed);
  const record = (outcome: Outcome) => {
    if (!finished) tally.add(outcome);
  };
  const users = Array.from({ length: settings.users }, (_, index) => makeUser(index, { sender, now: Date.now, random, record }));
  const visits = visitsOf(settings, random);
  const timers = new Set<NodeJS.Timeout>();
  const inFlight = new Set<Promise<void>>();
  const notYetIn = new Set(users);
  const { promise: ready, resolve: settleReady } = Promise.withResolvers<boolean>();
  let stopping = false;
  let finished = false;

  const later = (user: TrafficUser, delayMs: number) => {
    if (stopping) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      const step = visits.step(user).then(() => {
        inFlight.delete(step);
        if (user.loggedIn && notYetIn.delete(user) && notYetIn.size === 0) settleReady(true);
        later(user, settings.thinkTimeMs * (0.6 + 0.8 * random()));
      });
      inFlight.add(step);
    }, delayMs);
    timers.add(timer);
  };
  users.forEach((user, index) => {
    later(user, (settings.rampUpMs * index) / users.length);
  });

  const webSockets = openWebSockets(settings, sender);
  const snapshot = () =>
    tally.report(
      users.filter((user) => user.loggedIn).length,
      Date.now(),
      readFailedRequests(settings.failedRequestsFile),
      webSockets?.report(),
    );
  return {
    ready,
    mark: (phase) => tally.mark(phase),
    snapshot,
    async stop() {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      let waited: NodeJS.Timeout | undefined;
      const timedOut = new Promise((resolve) => {
        waited = setTimeout(resolve, STOP_WAIT_MS);
      });
      await Promise.race([Promise.all(inFlight), timedOut]);
      clearTimeout(waited);
      // Requests that are cut off from here on are not failures.
      finished = true;
      webSockets?.stop();
      sender.close();
      settleReady(false);
      return snapshot();
    },
  };
}

/** Visits of users who come and go: a user whose visit is over logs out, and begins the next one with a fresh browser at once. */
function visitsOf({ visitMs }: TrafficSettings, random: () => number): { step(user: TrafficUser): Promise<void> } {
  const endsAtMs = new Map<TrafficUser, number>();
  return {
    async step(user) {
      if (visitMs > 0 && user.loggedIn && Date.now() >= (endsAtMs.get(user) ?? 0)) {
        const isFirst = !endsAtMs.has(user);
        endsAtMs.set(user, Date.now() + visitMs * (0.25 + 0.75 * random()));
        if (!isFirst) await user.leave();
      }
      await user.step();
    },
  };
}

/** The load balancer's record; empty when the file does not exist yet. A line that is still being written is skipped. */
function readFailedRequests(file: string | undefined): FailedRequest[] {
  if (file === undefined || !existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FailedRequest);
}

function openWebSockets(settings: TrafficSettings, sender: HttpSender): { report(): WebSocketReport; stop(): void } | undefined {
  const { webSocketUsers, webSocketPath, thinkTimeMs, requestTimeoutMs } = settings;
  if (webSocketUsers === 0) return undefined;
  const report = { ...NO_WEB_SOCKETS, users: webSocketUsers };
  const users = Array.from(
    { length: webSocketUsers },
    () =>
      new WebSocketUser({
        connect: () => sender.openWebSocket(webSocketPath),
        thinkTimeMs,
        answerTimeoutMs: requestTimeoutMs,
        count: (what) => {
          report[what] += 1;
        },
      }),
  );
  for (const user of users) user.start();
  return {
    report: () => ({ ...report }),
    stop: () => {
      for (const user of users) user.stop();
    },
  };
}

/** mulberry32: numbers from 0 to 1 that depend only on the seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
