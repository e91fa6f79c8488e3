/** The limits that make the canary safe on a production system: pace, numbers, and answers after which nothing more is sent. */
import { counted } from '../../shared/texts.ts';
import { NoAnswer, RunStopped } from '../contract/errors.ts';
import type { HttpAnswer, HttpRequest, Send } from './send.ts';

export interface Clock {
  now(): number;
  sleep(ms: number): Promise<void>;
}

/** Two requests a second. */
const MOST_PER_MINUTE = 120;
export const MOST_REQUESTS = 300;
/** If the recipe's policy names no other number. */
export const MOST_LOGINS = 20;
const MOST_SERVER_ERRORS = 3;
export const ANSWER_MS = 10_000;
const MINUTE_MS = 60_000;
/** At most for what is kept back: the longest answer, and the turns of a few requests. */
const MOST_KEPT_MS = 12_000;
const TOO_MANY_REQUESTS = 429;
const LOCKED = 423;

export interface AskOptions {
  /** Sends the request without waiting for its turn, for logins that are to arrive together. */
  readonly atOnce?: boolean;
  /** @default 10 s */
  readonly timeoutMs?: number;
  /** Whether an answer that does not come, or is an error, is one of the results: it does not count as one. */
  readonly mayFail?: boolean;
  /** Whether 429 or 423 can be what the site promises, and ends no run. */
  readonly mayBeRefused?: boolean;
}

export interface Pace {
  /** @throws RunStopped, NoAnswer */
  ask(request: HttpRequest, options?: AskOptions): Promise<HttpAnswer>;
  /** Counts a login, and waits for its turn: call it before each one. @throws RunStopped at the limit */
  countLogin(): Promise<void>;
  /** Waits until another run may log in. */
  restAfterLogin(): Promise<void>;
  readonly sent: { readonly requests: number; readonly logins: number };
  /** No login is left after so many. */
  readonly mostLogins: number;
  /** Ends the run: everything that is asked from now on throws. */
  stop(why: string): RunStopped;
  /** Keeps requests back, and time for them. A run that has come to its own limits goes on with what is no longer kept. */
  keepBack(requests: () => number): void;
  /** Why the run has ended; undefined while it goes on. */
  readonly stopped: RunStopped | undefined;
}

interface PaceLimits {
  /** The time after which nothing more is sent, in milliseconds since the epoch. @default no end */
  readonly untilMs?: number;
  /** The site's own limit of logins in a minute. Logins at once do not wait for it. @default no limit */
  readonly loginsPerMinute?: number | undefined;
  /** The site's own limit of requests in a minute. @default 120 */
  readonly requestsPerMinute?: number | undefined;
  /** @default 20 */
  readonly mostLogins?: number | undefined;
  /** @default 300 */
  readonly mostRequests?: number;
}

export function createPace(
  send: Send,
  clock: Clock,
  {
    untilMs = Number.POSITIVE_INFINITY,
    loginsPerMinute = Number.POSITIVE_INFINITY,
    requestsPerMinute = MOST_PER_MINUTE,
    mostLogins = MOST_LOGINS,
    mostRequests = MOST_REQUESTS,
  }: PaceLimits = {},
): Pace {
  const sent = { requests: 0, logins: 0 };
  let serverErrors = 0;
  let nextMs = 0;
  let nextLoginMs = 0;
  let stopped: RunStopped | undefined;
  /** What `stopped` is where a limit of the run itself has stopped it, and nothing that the site answered. */
  let ranOut: RunStopped | undefined;
  let kept = () => 0;
  const stop = (why: string) => {
    stopped ??= new RunStopped(why);
    return stopped;
  };
  const runOut = (why: string) => {
    if (!stopped) ranOut = stop(why);
    return stop(why);
  };
  const beganMs = clock.now();
  /** What is kept back takes as long as so many requests have taken. */
  const endMs = () => untilMs - Math.min(MOST_KEPT_MS, (kept() * (clock.now() - beganMs)) / Math.max(1, sent.requests));

  async function waitForTurn(): Promise<void> {
    if (stopped) throw stopped;
    const now = clock.now();
    const turnMs = Math.max(now, nextMs);
    if (turnMs >= endMs()) throw runOut('the time for it was over');
    nextMs = turnMs + MINUTE_MS / Math.min(requestsPerMinute, MOST_PER_MINUTE);
    if (turnMs > now) await clock.sleep(turnMs - now);
  }

  return {
    sent,
    mostLogins,
    stop,
    keepBack(requests) {
      kept = requests;
      if (stopped === ranOut) stopped = undefined;
    },
    get stopped() {
      return stopped;
    },
    async countLogin() {
      if (stopped) throw stopped;
      if (sent.logins >= mostLogins)
        throw runOut(
          `${mostLogins} logins were made, which is the limit: where a site ends a session for each wrong request, set "policy.mostLogins"`,
        );
      sent.logins += 1;
      const turnMs = Math.max(clock.now(), nextLoginMs);
      if (turnMs >= endMs()) throw runOut('the time for it was over');
      nextLoginMs = turnMs + MINUTE_MS / loginsPerMinute;
      if (turnMs > clock.now()) await clock.sleep(turnMs - clock.now());
    },
    async restAfterLogin() {
      if (nextLoginMs > clock.now()) await clock.sleep(nextLoginMs - clock.now());
    },
    async ask(request, { atOnce = false, timeoutMs = ANSWER_MS, mayFail = false, mayBeRefused = false } = {}) {
      if (!atOnce) await waitForTurn();
      if (stopped) throw stopped;
      if (clock.now() >= endMs()) throw runOut('the time for it was over');
      if (sent.requests >= mostRequests - kept()) throw runOut(`${sent.requests} requests were sent, which is the limit`);
      sent.requests += 1;
      const leftMs = endMs() - clock.now();
      const answer = await send(request, Math.min(timeoutMs, leftMs)).catch((error: unknown) => {
        // The site had less time than an answer may take.
        if (leftMs < timeoutMs && error instanceof NoAnswer && error.code === 'ETIMEDOUT') throw runOut('the time for it was over');
        if (!mayFail && ++serverErrors >= MOST_SERVER_ERRORS)
          throw stop(`the site failed ${counted(serverErrors, 'time')}, the last time without an answer`);
        throw error;
      });
      if (!mayBeRefused && isRefusal(answer.status)) throw stop(refusalOf(answer.status));
      if (answer.status >= 500 && !mayFail && ++serverErrors >= MOST_SERVER_ERRORS)
        throw stop(`the site failed ${counted(serverErrors, 'time')}, the last time with ${answer.status}`);
      return answer;
    },
  };
}

export const isRefusal = (status: number): boolean => status === TOO_MANY_REQUESTS || status === LOCKED;

export const refusalOf = (status: number): string =>
  status === LOCKED
    ? `the site answered ${status}: the account may be locked`
    : `the site answered ${status}, too many requests: set "policy.requestsPerMinute" or "policy.loginsPerMinute" to its limit`;
