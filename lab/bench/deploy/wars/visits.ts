/** Users of a WAR, each with one session: what a deploy and the end of servers cost them is counted. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CookieJar } from '../../../demo/traffic/cookie-jar.ts';
import { type HttpSender, httpSender } from '../../../demo/traffic/http-client.ts';
import type { Browse, Habits, Page, Shown } from './habits.ts';

export const USERS = 12;
const THINK_MS = 1_000;
/** A page's first request on a server has it compiled, on a busy machine for seconds. */
const REQUEST_MS = 30_000;
const MOST_REDIRECTS = 5;

export interface VisitCounts {
  requests: number;
  failed: number;
  /** Requests that failed while a server was dead, before the load balancer knew. */
  failedByDeath: number;
  logins: [kept: number, of: number];
  state: [kept: number, of: number];
  readonly failures: string[];
}

export interface Visits {
  readonly counts: VisitCounts;
  /** While it is true, a failure is the dead server's. */
  serverIsDead: boolean;
  stop(): Promise<VisitCounts>;
}

/** What the application counted last for a user, and how many of the user's clicks since then have no answer. */
interface Known {
  count: number | undefined;
  unanswered: number;
}

/**
 * Judges one visit. A click without an answer may or may not have been written; a count that does not go on from the last one is a loss,
 * which is counted once.
 */
export function judgeVisit(
  { login, count }: Shown,
  known: Known,
): { readonly login?: boolean; readonly state?: boolean; readonly next: Known } {
  const next = { count: count === undefined || count < 0 ? undefined : count, unanswered: 0 };
  const judged = { next, ...(login !== undefined && { login }) };
  if (count === undefined || known.count === undefined) return judged;
  const [least, most] = [known.count + 1, known.count + 1 + known.unanswered];
  return { ...judged, state: count >= least && count <= most };
}

export function startVisits(url: string, caFile: string, habits: Habits): Visits {
  const counts: VisitCounts = { requests: 0, failed: 0, failedByDeath: 0, logins: [0, 0], state: [0, 0], failures: [] };
  const sender = httpSender({ url, caFile, connections: USERS, requestTimeoutMs: REQUEST_MS });
  let running = true;
  const visits = { counts, serverIsDead: false, stop };
  const lives = Array.from({ length: USERS }, (_, user) => live(user));

  async function live(user: number): Promise<void> {
    let failed = false;
    const browse = browser(sender, counts, (what) => {
      failed = true;
      if (visits.serverIsDead) counts.failedByDeath += 1;
      else {
        counts.failed += 1;
        counts.failures.push(what);
      }
    });
    await sleep((THINK_MS * user) / USERS);
    let known: Known = { count: (await habits.begin(browse, user)).count, unanswered: 0 };
    while (running) {
      await sleep(THINK_MS);
      failed = false;
      const shown = await habits.visit(browse, user);
      if (failed) {
        known = { ...known, unanswered: known.unanswered + 1 };
        continue;
      }
      const judged = judgeVisit(shown, known);
      for (const [kept, sum] of [
        [judged.login, counts.logins],
        [judged.state, counts.state],
      ] as const) {
        if (kept === undefined) continue;
        sum[0] += kept ? 1 : 0;
        sum[1] += 1;
      }
      known = judged.next;
    }
  }

  async function stop(): Promise<VisitCounts> {
    running = false;
    await Promise.all(lives);
    sender.close();
    return counts;
  }
  return visits;
}

function browser(sender: HttpSender, counts: VisitCounts, fail: (what: string) => void): Browse {
  const jar = new CookieJar(true);
  const ask = async (path: string, form?: Readonly<Record<string, string>>): Promise<Page> => {
    const cookie = jar.header(Date.now());
    const { answer, setCookie } = await sender.send({
      method: form === undefined ? 'GET' : 'POST',
      path,
      ...(cookie !== undefined && { cookie }),
      ...(form !== undefined && { body: `${new URLSearchParams(form)}` }),
      headers: { accept: 'text/html', ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }) },
    });
    counts.requests += 1;
    jar.store(setCookie, Date.now());
    if (answer.kind === 'answered' && answer.status < 500) return answer;
    fail(`${path.replace(/[?;].*/, '')}: ${answer.kind === 'answered' ? answer.status : answer.kind}`);
    return { status: 0, body: '' };
  };
  return async (path, form) => {
    let page = await ask(path, form);
    for (let step = 0; step < MOST_REDIRECTS && page.location !== undefined && page.status >= 300 && page.status < 400; step += 1) {
      const to = new URL(page.location, new URL(path, 'https://user'));
      page = await ask(`${to.pathname}${to.search}`);
    }
    return page;
  };
}
