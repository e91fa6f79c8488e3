/** Users with sessions: each sends one request after the other, stays with its server by the cookie, and remembers what was acknowledged. */
import type { Binding } from '#local-aws/elbv2/data-plane/sticky-cookies.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Random } from '../../kernel/random.ts';
import type { Watcher } from '../contracts.ts';
import type { PinnableRequest } from '../load-balancer-pins.ts';
import type { Answer, ClientRequest } from '../load-balancer-requests.ts';
import { OTHER_PLACES } from './places.ts';

/** How many users there are from a moment on. */
export interface TrafficPhase {
  /** Since the traffic's beginning. */
  readonly fromMs: number;
  readonly users: number;
}

export interface TrafficOptions {
  readonly kernel: Kernel;
  readonly loadBalancer: {
    send(request: ClientRequest): void;
    /** Absent: no other service is behind the listener. */
    takesFromOthers?(request: PinnableRequest): boolean;
  };
  /** Whether a failover of the store explains what a user finds. */
  readonly store: { explains(sessionId: string, found: number): boolean };
  readonly watcher: Watcher;
  /** Sessions are in the memory of servers: users carry the server's route in their cookie, log out, and begin anew. @default false */
  readonly sessionsInMemory?: boolean;
  /** In order; none: a quiet fleet. */
  readonly phases: readonly TrafficPhase[];
  /** From then on, since the traffic's beginning, some users are asked to log in, whichever server they meet. */
  readonly campaignFromMs?: number;
  /** Between a user's answer and the next request, on average. @default 8000 */
  readonly thinkMs?: number;
  /**
   * Whether some requests take longer than a deregistration delay: the load balancer cuts them, and a drain can fail because of
   * them. @default false
   */
  readonly longRequests?: boolean;
}

/** What users saw so far. */
export interface TrafficTally {
  sent: number;
  /** By status. */
  readonly answers: Map<number, number>;
  /** Sessions that lost what a failover of the store explains. */
  lostByFailover: number;
}

interface User {
  sessionId: string;
  cookie: Binding | undefined;
  /** How many requests the session had counted, by the last answer. */
  acknowledged: number;
  /** Where sessions are in memory: the server that has it, and the cookie of the session before. */
  route?: string | undefined;
  oldRoute?: string | undefined;
  oldCookie?: string;
  /** When its user logs out. */
  endsAtMs?: number;
  sessions?: number;
  /** Ends one sequence of requests when another number has begun. */
  visit: number;
}

/** All but every so many users. */
const CAMPAIGN_OF = 3;

export function startTraffic(options: TrafficOptions): TrafficTally {
  const { kernel, loadBalancer, phases, thinkMs = 8_000, longRequests = false } = options;
  const random = kernel.random('users');
  const users: User[] = [];
  const begunMs = kernel.now();
  let active = 0;
  const tally: TrafficTally = { sent: 0, answers: new Map(), lostByFailover: 0 };

  const goOn = (user: User, index: number): void => {
    const { visit } = user;
    kernel.after(random.whole(0, 2 * thinkMs), () => {
      if (index >= active || visit !== user.visit) return;
      const durationMs = drawDuration(random, longRequests);
      const sentAtMs = kernel.now();
      tally.sent += 1;
      const logsOut = options.sessionsInMemory && beginSession(user, random, sentAtMs);
      const turnedAway = index % CAMPAIGN_OF !== 0 && sentAtMs - begunMs >= (options.campaignFromMs ?? Number.POSITIVE_INFINITY);
      if (options.sessionsInMemory) visitOthers(options, cookiesOf(user));
      loadBalancer.send({
        sessionId: user.sessionId,
        durationMs,
        cookie: user.cookie,
        ...(turnedAway && { turnedAway }),
        ...(options.sessionsInMemory && { ownCookies: cookiesOf(user), ...(logsOut && { logsOut }) }),
        answered(answer) {
          tally.answers.set(answer.status, (tally.answers.get(answer.status) ?? 0) + 1);
          if (answer.cookie !== undefined) user.cookie = answer.cookie;
          if (answer.status >= 500) fail(options, user, { answer, sentAtMs, durationMs });
          else if (answer.counter !== undefined) {
            compare(options, user, answer.counter, tally);
            if (options.sessionsInMemory) follow(user, answer, logsOut);
          }
          goOn(user, index);
        },
      });
    });
  };
  for (const { fromMs, users: wanted } of phases) {
    kernel.after(fromMs, () => {
      for (let index = 0; index < wanted; index += 1) {
        const user = users[index] ?? { sessionId: `session-${index + 1}`, cookie: undefined, acknowledged: 0, visit: 0 };
        users[index] = user;
        if (index < active) continue;
        user.visit += 1;
        goOn(user, index);
      }
      active = wanted;
    });
  }
  return tally;
}

/** Most sessions are short; some outlast what a deploy waits for them. */
function beginSession(user: User, random: Random, nowMs: number): boolean {
  user.endsAtMs ??= nowMs + (random.chance(0.08) ? random.whole(600_000, 1_500_000) : random.whole(20_000, 240_000));
  return nowMs >= user.endsAtMs;
}

/** The cookie of an earlier session can name another server. */
const cookiesOf = (user: User): string =>
  [user.oldCookie ?? 'theme=dark', ...(user.route === undefined ? [] : [`SID=${idInCookie(user)}.${user.route}`])].join('; ');

/** Every second session of a user has an id in which another server's route is the beginning of something longer. */
const idInCookie = ({ sessionId, sessions = 1, oldRoute }: User): string =>
  oldRoute !== undefined && sessions % 2 === 0 ? `${sessionId}.${oldRoute}x` : sessionId;

/** The user's browser sends the same cookies to other services that share hosts or the domain with the fleet. */
function visitOthers({ loadBalancer, watcher }: TrafficOptions, cookies: string): void {
  for (const place of OTHER_PLACES) if (loadBalancer.takesFromOthers?.({ ...place, cookies })) watcher.requestTaken?.(place);
}

function follow(user: User, { instanceId }: Answer, logsOut: boolean | undefined): void {
  user.route = instanceId;
  if (!logsOut) return;
  user.sessions = (user.sessions ?? 1) + 1;
  user.oldRoute = instanceId;
  user.oldCookie = `LAST=${user.sessionId}.${instanceId}`;
  user.sessionId = `${user.sessionId.replace(/@.*/, '')}@${user.sessions}`;
  // The next session begins on any server.
  user.acknowledged = 0;
  delete user.endsAtMs;
  user.route = undefined;
  user.cookie = undefined;
}

/** Milliseconds, below the load balancer's idle time-out: mostly short; some take seconds, as a search or an upload does. */
function drawDuration(random: Random, long: boolean): number {
  const kind = random.fraction();
  if (kind < 0.9) return random.whole(20, 400);
  return long && kind > 0.997 ? random.whole(20_000, 55_000) : random.whole(5_000, 20_000);
}

function fail(
  { watcher }: TrafficOptions,
  { sessionId }: User,
  { answer, sentAtMs, durationMs }: { readonly answer: Answer; readonly sentAtMs: number; readonly durationMs: number },
): void {
  const { status, instanceId, version, cause } = answer;
  const where = instanceId === undefined ? 'no server' : `${instanceId}${version === undefined ? '' : ` with ${version}`}`;
  watcher.requestFailed?.({
    sessionId,
    status,
    sentAtMs,
    durationMs,
    why: `${status} from ${where}${cause === undefined ? '' : `: ${cause}`}`,
    ...(instanceId !== undefined && { instanceId }),
    ...(version !== undefined && { version }),
    ...(cause !== undefined && { cause }),
  });
}

function compare({ kernel, store, watcher }: TrafficOptions, user: User, found: number, tally: TrafficTally): void {
  const { sessionId, acknowledged, route } = user;
  user.acknowledged = found;
  if (found > acknowledged) return;
  if (route !== undefined) watcher.sessionLost?.({ sessionId, expected: acknowledged + 1, found, from: route });
  else if (store.explains(sessionId, found)) {
    tally.lostByFailover += 1;
    kernel.note('user', `${sessionId} is back at ${found} after ${acknowledged}, by a failover`);
  } else watcher.sessionLost?.({ sessionId, expected: acknowledged + 1, found });
}
