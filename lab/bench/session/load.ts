/** Users who send requests that change nothing, each over a connection of its own, one after the other. */
import { once } from 'node:events';
import { Agent, request } from 'node:http';

export interface Load {
  /** @returns requests per second. @throws Error for any answer but 200 */
  run(forMs: number): Promise<{ readonly requests: number; readonly perSecond: number }>;
  close(): void;
}

export async function startLoad(port: number, users: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, maxSockets: users });
  const ask = async (path: string, cookie = ''): Promise<string> => {
    const outgoing = request({ port, path, agent, timeout: 10_000, headers: cookie ? { cookie } : {} });
    outgoing.once('timeout', () => outgoing.destroy(new Error('no answer within 10 s')));
    const [answer] = await once(outgoing.end(), 'response');
    answer.resume();
    await once(answer, 'end');
    if (answer.statusCode !== 200) throw new Error(`the server answered ${answer.statusCode} to ${path}`);
    return String(answer.headers['set-cookie']?.[0] ?? '').split(';')[0] as string;
  };
  const cookies = await Promise.all(Array.from({ length: users }, () => ask('/login')));
  return {
    async run(forMs) {
      const begunMs = performance.now();
      let requests = 0;
      await Promise.all(
        cookies.map(async (cookie) => {
          while (performance.now() - begunMs < forMs) {
            await ask('/', cookie);
            requests += 1;
          }
        }),
      );
      return { requests, perSecond: (requests * 1_000) / (performance.now() - begunMs) };
    },
    close: () => agent.destroy(),
  };
}
