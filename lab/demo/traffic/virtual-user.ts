import type { TrafficSettings } from './contract.ts';
import { CookieJar } from './cookie-jar.ts';
import type { Sender, UserRequest } from './http-client.ts';
import { type Answer, type Expectation, judgeCount, judgeDownload, judgeLogin, judgeLong, type Verdict } from './judge-answer.ts';
import type { Outcome } from './tally.ts';

export interface UserPorts {
  readonly sender: Sender;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly record: (outcome: Outcome) => void;
  /** Numbers from 0 to 1; called only when some requests are long ones or downloads. */
  readonly random?: () => number;
}

/** What sends requests, one at a time. */
export interface TrafficUser {
  /** True from a login until a lost session is detected. */
  readonly loggedIn: boolean;
  /** Sends the next request: a login without a session. */
  step(): Promise<void>;
  /** Ends the visit by a log-out. The next step is that of somebody with a fresh browser. */
  leave(): Promise<void>;
}

/** @param index from 0 on */
export type MakeUser = (index: number, ports: UserPorts) => TrafficUser;

/** Where the examples end a session. */
export const LOG_OUT_PATH = '/logout';

/** One person with one browser: logs in, then counts, one request at a time. */
export class VirtualUser implements TrafficUser {
  readonly #settings: TrafficSettings;
  readonly #ports: UserPorts;
  #jar: CookieJar;
  #expected: Expectation;
  #loggedIn = false;

  constructor(name: string, settings: TrafficSettings, ports: UserPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#jar = new CookieJar(settings.url.startsWith('https:'));
    this.#expected = { user: name, count: 0, uncertain: 0 };
  }

  get loggedIn(): boolean {
    return this.#loggedIn;
  }

  /** Sends this user's next request: a login without a session; with one a count, a long request or a download. */
  async step(): Promise<void> {
    if (!this.#loggedIn) return this.#login();
    const { longShare, downloadShare, longPath, longMs, downloadPath, downloadMs, requestTimeoutMs } = this.#settings;
    const chance = longShare + downloadShare > 0 ? (this.#ports.random?.() ?? 1) : 1;
    const timed = (path: string, ms: number): UserRequest => ({ method: 'GET', path, timeoutMs: requestTimeoutMs + ms });
    if (chance < longShare) await this.#ask(timed(`${longPath}?ms=${longMs}`, longMs), judgeLong, 'long');
    else if (chance < longShare + downloadShare) {
      await this.#ask(timed(`${downloadPath}?chunks=20&ms=${downloadMs}`, downloadMs), judgeDownload, 'download');
    } else await this.#count();
  }

  async leave(): Promise<void> {
    const { verdict } = await this.#ask({ method: 'POST', path: LOG_OUT_PATH }, judgeLogin);
    if (verdict !== 'good') return;
    this.#loggedIn = false;
    this.#jar = new CookieJar(this.#settings.url.startsWith('https:'));
  }

  async #login(): Promise<void> {
    const { loginPath } = this.#settings;
    const verdict = await this.#ask({ method: 'POST', path: loginPath, body: JSON.stringify({ user: this.#expected.user }) }, judgeLogin);
    if (verdict.verdict !== 'good') return;
    this.#loggedIn = true;
    this.#expected = { ...this.#expected, count: 0, uncertain: 0 };
  }

  async #count(): Promise<void> {
    const verdict = await this.#ask({ method: 'GET', path: this.#settings.countPath }, (answer) => judgeCount(this.#expected, answer));
    if (verdict.verdict === 'lost') {
      this.#loggedIn = false;
    } else if (verdict.count !== undefined) {
      this.#expected = { ...this.#expected, count: verdict.count, uncertain: 0 };
    } else {
      // Without an answer from the application it is unknown whether the server counted the request.
      this.#expected = { ...this.#expected, uncertain: this.#expected.uncertain + 1 };
    }
  }

  async #ask(request: UserRequest, judge: (answer: Answer) => Verdict, hard?: 'long' | 'download'): Promise<Verdict> {
    const { sender, now, record } = this.#ports;
    const startedMs = performance.now();
    const { answer, setCookie, traceId } = await sender.send({ ...request, cookie: this.#jar.header(now()) });
    this.#jar.store(setCookie, now());
    const verdict = judge(answer);
    const status = answer.kind === 'answered' ? answer.status : undefined;
    record({
      user: this.#expected.user,
      path: request.path,
      status,
      verdict,
      latencyMs: performance.now() - startedMs,
      atMs: now(),
      ...(hard && { hard }),
      ...(traceId !== undefined && { traceId }),
    });
    return verdict;
  }
}
