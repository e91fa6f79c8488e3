/** Users of a Tomcat cluster who stay, each in one session. */
import { setTimeout as sleep } from 'node:timers/promises';

export const USERS = 20;
const THINK_MS = 300;

export interface Tally {
  requests: number;
  failed: number;
  lost: number;
}

/** Users who log in once, and count in their session until they are sent home. */
export function startUsers(url: string): { stop(): Promise<Tally> } {
  const tally: Tally = { requests: 0, failed: 0, lost: 0 };
  let isOver = false;
  const live = async (): Promise<void> => {
    const jar = new Map<string, string>();
    const ask = async (query = '') => {
      tally.requests += 1;
      const cookie = [...jar].map((pair) => pair.join('=')).join('; ');
      const response = await fetch(`${url}/${query}`, { headers: { cookie }, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
      if (response === undefined || response.status >= 500) {
        tally.failed += 1;
        return undefined;
      }
      for (const each of response.headers.getSetCookie()) {
        const [name = '', value = ''] = (each.split(';')[0] ?? '').split(/=(.*)/s);
        jar.set(name, value);
      }
      return (await response.text()).trim();
    };
    let count = 0;
    while (!isOver) {
      const answer = await ask();
      if (answer !== undefined) {
        count += 1;
        if (Number(answer) !== count) tally.lost += 1;
        count = Number(answer);
      }
      await sleep(THINK_MS);
    }
    await ask('?bye=1');
  };
  const users = Array.from({ length: USERS }, live);
  return {
    async stop(): Promise<Tally> {
      isOver = true;
      await Promise.all(users);
      return tally;
    },
  };
}
