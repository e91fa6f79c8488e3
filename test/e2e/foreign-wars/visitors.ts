/** Users of a WAR that others wrote: each keeps one session and notices when it is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CookieJar } from '../../../lab/demo/traffic/cookie-jar.ts';
import { type HttpSender, httpSender } from '../../../lab/demo/traffic/http-client.ts';
import { kept } from '../fleet.ts';

const THINK_MS = 300;
/** A page's first request on a server has it compiled, on a busy machine for seconds. */
const REQUEST_MS = 30_000;

export interface Page {
  readonly status: number;
  readonly body: string;
}

/** A user's browser. `form` is sent as a POST. */
export type Browse = (path: string, form?: Readonly<Record<string, string>>) => Promise<Page>;

/** What users do in one application. */
export interface Habits {
  /** Begins the session. */
  begin(browse: Browse, user: number): Promise<void>;
  /** One more visit. @returns whether the session is as this user left it */
  visit(browse: Browse, user: number, round: number): Promise<boolean>;
}

export interface Visits {
  requests: number;
  visits: number;
  /** Requests without an answer, or with one of 5xx. */
  readonly failed: string[];
  /** Users whose session was gone. */
  readonly lost: Set<number>;
}

/** Lets users come while `work` runs, and after it each once more. */
export async function whileVisited<T>(url: string, users: number, habits: Habits, work: () => Promise<T>): Promise<[T, Visits]> {
  const visits: Visits = { requests: 0, visits: 0, failed: [], lost: new Set() };
  const sender = httpSender({ url, caFile: kept.caFile, connections: users, requestTimeoutMs: REQUEST_MS });
  const numbers = Array.from({ length: users }, (_, user) => user);
  const browsers = numbers.map(() => browser(sender, visits));
  try {
    await Promise.all(numbers.map((user) => habits.begin(browsers[user] as Browse, user)));
    let ends = false;
    const all = Promise.all(
      numbers.map(async (user) => {
        for (let round = 0, last = false; !last; round += 1) {
          last = ends;
          if (!(await habits.visit(browsers[user] as Browse, user, round))) visits.lost.add(user);
          visits.visits += 1;
          await sleep(THINK_MS);
        }
      }),
    );
    const result = await work().finally(() => {
      ends = true;
    });
    await all;
    return [result, visits];
  } finally {
    sender.close();
  }
}

function browser(sender: HttpSender, visits: Visits): Browse {
  const jar = new CookieJar(true);
  return async (path, form) => {
    const cookie = jar.header(Date.now());
    const { answer, setCookie } = await sender.send({
      method: form === undefined ? 'GET' : 'POST',
      path,
      ...(cookie !== undefined && { cookie }),
      ...(form !== undefined && { body: `${new URLSearchParams(form)}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
    });
    visits.requests += 1;
    jar.store(setCookie, Date.now());
    if (answer.kind === 'answered' && answer.status < 500) return answer;
    visits.failed.push(`${path.replace(/\?.*/, '')}: ${answer.kind === 'answered' ? answer.status : answer.kind}`);
    return { status: 0, body: '' };
  };
}
