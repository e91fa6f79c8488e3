/** People who log in, use their session for some seconds, log out, and come back: what each lost is counted. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Tally {
  requests: number;
  sessions: number;
  /** Requests that were answered with 5xx, or not at all. */
  failed: number;
  /** Sessions that were gone, or had lost a count, although nobody had logged out. */
  lost: number;
}

interface Options {
  readonly url: string;
  readonly caFile: string;
  readonly people: number;
  /** Between two requests. */
  readonly thinkMs: number;
  /** How long a session lasts: at least, and at most. */
  readonly lifeMs: readonly [least: number, most: number];
}

export interface People {
  readonly tally: Tally;
  stop(): Promise<Tally>;
}

export function startPeople({ url, caFile, people, thinkMs, lifeMs }: Options): People {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(caFile) });
  const tally: Tally = { requests: 0, sessions: 0, failed: 0, lost: 0 };
  let isOver = false;

  const live = async (name: string): Promise<void> => {
    while (!isOver) {
      const jar = new Map<string, string>();
      const ask = (method: string, path: string, body?: object) => {
        tally.requests += 1;
        return call(agent, new URL(path, url), { method, jar, body });
      };
      const login = await ask('POST', '/login', { user: name });
      if (login.status !== 200) {
        tally.failed += 1;
        await sleep(thinkMs);
        continue;
      }
      tally.sessions += 1;
      const endsAtMs = Date.now() + lifeMs[0] + Math.random() * (lifeMs[1] - lifeMs[0]);
      for (let count = 1; Date.now() < endsAtMs; count += 1) {
        await sleep(thinkMs);
        const answer = await ask('GET', '/count');
        if (answer.status >= 500 || answer.status === 0) tally.failed += 1;
        else if (answer.status !== 200 || answer.count !== count) {
          tally.lost += 1;
          break;
        }
      }
      await ask('POST', '/logout');
    }
  };
  const lives = Array.from({ length: people }, (_, index) => live(`person-${index + 1}`));
  return {
    tally,
    async stop() {
      isOver = true;
      await Promise.all(lives);
      agent.destroy();
      return tally;
    },
  };
}

interface Answer {
  /** 0: there was none. */
  readonly status: number;
  readonly count?: number;
}

function call(
  agent: Agent,
  url: URL,
  { method, jar, body }: { readonly method: string; readonly jar: Map<string, string>; readonly body: object | undefined },
): Promise<Answer> {
  const headers = { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), 'content-type': 'application/json' };
  return new Promise((resolve) => {
    const sent = request(url, { agent, method, headers, timeout: 20_000 }, (response) => {
      for (const cookie of response.headers['set-cookie'] ?? []) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        jar.set(name, value);
      }
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, ...countOf(Buffer.concat(parts).toString()) }));
    });
    sent.on('timeout', () => sent.destroy(new Error('no answer within 20 s')));
    sent.on('error', () => resolve({ status: 0 }));
    sent.end(body && JSON.stringify(body));
  });
}

function countOf(text: string): { readonly count?: number } {
  try {
    const { count } = JSON.parse(text) as { readonly count?: number };
    return count === undefined ? {} : { count };
  } catch {
    return {};
  }
}
