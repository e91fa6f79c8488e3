/** One person with one browser who uses an application as a canary's recipe describes it: logs in by its steps, then asks for the page of `who`. */
import { readFileSync } from 'node:fs';
import { NoAnswer, RecipeFailed, RunStopped } from '../../../functions/canary/contract/errors.ts';
import type { Pace } from '../../../functions/canary/http/pace.ts';
import { createSend, type HttpAnswer, type Send } from '../../../functions/canary/http/send.ts';
import { addressOf, readWho, type Shows, Site } from '../../../functions/canary/site/site.ts';
import { takeValue } from '../../../functions/canary/site/take-value.ts';
import { Visitor } from '../../../functions/canary/site/visitor.ts';
import type { FilledRecipe, TrafficSettings } from './contract.ts';
import { newTraceId } from './http-client.ts';
import type { Verdict } from './judge-answer.ts';
import type { Outcome } from './tally.ts';
import type { MakeUser, TrafficUser, UserPorts } from './virtual-user.ts';

/** Traffic goes on for hours: no answer is kept. */
class UnkeptSite extends Site {
  override note(): void {}
}

type Asked = Pick<Outcome, 'path' | 'latencyMs' | 'atMs'> & { readonly status?: number; readonly traceId: string };
type Ports = Pick<UserPorts, 'now' | 'record'>;

/** Connections are Node's own: kept alive, and shared by all users. */
export function recipeUsers(settings: TrafficSettings, recipe: FilledRecipe): MakeUser {
  const send = createSend(settings.caFile === undefined ? {} : { ca: readFileSync(settings.caFile, 'utf8') });
  return (index, ports) => new RecipeUser(index, { ...settings, recipe }, send, ports);
}

class RecipeUser implements TrafficUser {
  readonly #name: string;
  readonly #own: 'a' | 'b';
  readonly #settings: TrafficSettings & { readonly recipe: FilledRecipe };
  readonly #ports: Ports;
  readonly #send: Send;
  #visitor: Visitor;
  #loggedIn = false;
  /** The last request, which is judged by what comes of the step. */
  #asked: Asked | undefined;

  /** @param index the accounts of the recipe take turns */
  constructor(index: number, settings: TrafficSettings & { readonly recipe: FilledRecipe }, send: Send, ports: Ports) {
    this.#name = `${settings.userPrefix}-${index + 1}`;
    this.#own = index % 2 === 1 && settings.recipe.recipe.users.b !== undefined ? 'b' : 'a';
    this.#settings = settings;
    this.#send = send;
    this.#ports = ports;
    this.#visitor = this.#fresh();
  }

  get loggedIn(): boolean {
    return this.#loggedIn;
  }

  async step(): Promise<void> {
    const wasIn = this.#loggedIn;
    const verdict = await (wasIn ? this.#ask() : this.#logIn()).catch(failureOf);
    this.#record(verdict);
    // An answer that is no answer of the application ends no session.
    this.#loggedIn = verdict.verdict === 'good' || (wasIn && verdict.verdict === 'failed');
    // Some sites show their login's form only to somebody without a session.
    if (!wasIn && !this.#loggedIn) this.#visitor = this.#fresh();
  }

  /** Without a log-out in the recipe the visit goes on. */
  async leave(): Promise<void> {
    if (this.#settings.recipe.recipe.logout === undefined) return;
    const verdict = await this.#visitor.logOut().then((isDone) => (isDone ? GOOD : this.#refused()), failureOf);
    this.#record(verdict);
    if (verdict.verdict !== 'good') return;
    this.#loggedIn = false;
    this.#visitor = this.#fresh();
  }

  #fresh(): Visitor {
    const { url, recipe: filled, requestTimeoutMs } = this.#settings;
    const ask: Pace['ask'] = async (request, { timeoutMs = requestTimeoutMs } = {}) => {
      // Those before it came with a redirect, or before the last step: what matters of them is that the application answered.
      this.#record(isServerError(this.#asked?.status) ? { verdict: 'failed', failure: 'serverError' } : GOOD);
      const traceId = newTraceId();
      const [startedMs, path] = [performance.now(), addressOf(request.url, site.knownParts).replace(site.base.origin, '')];
      const asked = () => ({ path, traceId, latencyMs: performance.now() - startedMs, atMs: this.#ports.now() });
      const headers = { ...request.headers, 'x-amzn-trace-id': `Root=${traceId}` };
      const answer = await this.#send({ ...request, headers }, timeoutMs).finally(() => {
        this.#asked = asked();
      });
      this.#asked = { ...asked(), status: answer.status };
      return answer;
    };
    const site: Site = new UnkeptSite(new URL(url), filled.recipe, {
      pace: { ...UNLIMITED, ask },
      clock: { now: this.#ports.now, sleep: (ms) => new Promise((done) => setTimeout(done, ms)) },
      passwords: new Map(Object.entries(filled.passwords)),
      jarOf: async () => [],
    });
    return new Visitor(site, site.userOf(this.#own));
  }

  /** It is one only where the page shows the user then. */
  async #logIn(): Promise<Verdict> {
    if (!(await this.#visitor.logIn())) return this.#refused();
    const verdict = await this.#ask();
    return verdict.verdict === 'lost' && verdict.reason === 'signedOut'
      ? { verdict: 'failed', failure: 'malformed', detail: 'the login shows no user' }
      : verdict;
  }

  #refused(): Verdict {
    return { verdict: 'failed', failure: isServerError(this.#asked?.status) ? 'serverError' : 'unexpectedStatus' };
  }

  async #ask(): Promise<Verdict> {
    const { answer, url } = await this.#visitor.askWho();
    const { server } = this.#settings.recipe.recipe;
    const name = server && takeValue(answer, server, url)?.slice(0, 64);
    return { ...judgeWho(answer, this.#visitor.site.shows, this.#own), ...(name !== undefined && { server: name }) };
  }

  #record(verdict: Verdict): void {
    const asked = this.#asked;
    this.#asked = undefined;
    if (asked !== undefined) this.#ports.record({ user: this.#name, ...asked, verdict });
  }
}

const GOOD: Verdict = { verdict: 'good', count: 0 };
const isServerError = (status = 0): boolean => status >= 500;
/** The canary's limits are for sites in production. */
const UNLIMITED: Omit<Pace, 'ask'> = {
  sent: { requests: 0, logins: 0 },
  mostLogins: Number.POSITIVE_INFINITY,
  stopped: undefined,
  stop: (why) => new RunStopped(why),
  keepBack: () => {},
  countLogin: async () => {},
  restAfterLogin: async () => {},
};

/** Judges the page of `who` for a user who has logged in. Other statuses than these say nothing of the session. */
export function judgeWho(answer: Pick<HttpAnswer, 'status' | 'body'>, shows: Shows, own: 'a' | 'b'): Verdict {
  const [who, { status }] = [readWho(answer, shows), answer];
  if (who === own) return GOOD;
  if (isServerError(status)) return { verdict: 'failed', failure: 'serverError' };
  if (who === 'unclear') return { verdict: 'failed', failure: 'malformed', detail: 'the page shows both users' };
  if (who !== 'nobody') return { verdict: 'lost', reason: 'wrongUser' };
  return status < 400 || status === 401 || status === 403
    ? { verdict: 'lost', reason: 'signedOut' }
    : { verdict: 'failed', failure: 'unexpectedStatus' };
}

/** @throws what is no answer of the application */
function failureOf(error: unknown): Verdict {
  if (error instanceof RecipeFailed) return { verdict: 'failed', failure: 'malformed', detail: error.message };
  if (!(error instanceof NoAnswer)) throw error;
  return error.code === 'ETIMEDOUT'
    ? { verdict: 'failed', failure: 'timeout' }
    : { verdict: 'failed', failure: 'connection', detail: error.code };
}
