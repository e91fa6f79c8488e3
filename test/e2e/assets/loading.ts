/** Browsers that load pages with the script that each names, and tabs that were opened before. */
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { kept } from '../fleet.ts';

const agent = new https.Agent({ keepAlive: true, maxSockets: 40, ca: readFileSync(kept.caFile) });
const get = (url: string, pathname: string): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve) => {
    https
      .get(new URL(pathname, url), { agent, timeout: 10_000 }, (response) => {
        let body = '';
        response.on('data', (part) => {
          body += part;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      })
      .on('error', (error) => resolve({ status: 0, body: String(error) }));
  });

/** Page loads while work goes on and for two minutes after, each with its script. */
export async function loading<T>(
  url: string,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly loads: number; readonly broken: readonly string[] }> {
  let goesOn = true;
  let loads = 0;
  const broken: string[] = [];
  const scriptOf = ({ body }: { readonly body: string }) => /src="([^"]+)"/.exec(body)?.[1] ?? '/none';
  const load = async (script: string) => {
    const { status } = await get(url, script);
    loads += 1;
    if (status !== 200) broken.push(`${status} ${script}`);
  };
  const visitor = async () => {
    while (goesOn) {
      await load(scriptOf(await get(url, '/')));
      await sleep(100);
    }
  };
  const tab = async () => {
    const script = scriptOf(await get(url, '/'));
    while (goesOn) {
      await load(script);
      await sleep(300);
    }
  };
  const people = [...Array.from({ length: 20 }, visitor), ...Array.from({ length: 5 }, tab)];
  try {
    const result = await work();
    await sleep(120_000);
    return { result, loads, broken };
  } finally {
    goesOn = false;
    await Promise.all(people);
  }
}
