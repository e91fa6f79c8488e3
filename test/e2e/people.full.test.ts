/** A release that logs users out goes no further than its first server: it is seen in the servers' access logs. */
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withSettings } from './deploy-under-fault.ts';
import { currentVersion, deploy, kept, publish, recordOf, untilHealthy, versions } from './fleet.ts';

/** Log-ins are a signed cookie; the log has a field for it. */
const SERVER = `
import http from 'node:http';
import { createHmac } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
mkdirSync(process.env.HOLDFAST_DATA + '/logs', { recursive: true });
const LOG = process.env.HOLDFAST_DATA + '/logs/access.log';
const sign = (name) => name + '.' + createHmac('sha256', 'SECRET').update(name).digest('hex');
let inFlight = 0, requests = 0;
http.createServer((request, response) => {
  const url = new URL(request.url, 'http://x');
  if (url.pathname === '/live' || url.pathname === '/health') return response.end('{"status":"UP"}');
  if (url.pathname === '/status') return response.end(JSON.stringify({ inFlight, requests, errors: 0 }));
  inFlight += 1; requests += 1;
  const cookie = /sid=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
  response.on('close', () => {
    inFlight -= 1;
    appendFileSync(LOG, \`\${new Date().toISOString()} \${request.method} \${url.pathname} \${response.statusCode} \${cookie ?? '-'}\\n\`);
  });
  if (url.pathname === '/login') {
    response.setHeader('set-cookie', 'sid=' + sign(url.searchParams.get('u') ?? '') + '; Path=/; HttpOnly; Secure');
    return response.end('login');
  }
  if (cookie && cookie === sign(cookie.split('.')[0])) return response.end('hello');
  response.statusCode = 302; response.setHeader('location', '/login'); response.end();
}).listen(Number(process.env.PORT), process.env.HOST, function () { this.keepAliveTimeout = 75_000; });
process.on('SIGTERM', () => process.exit(0));
`;
const count = (field: string) => ({ path: '/status', field });
const CONTRACT = {
  start: ['node', 'server.mjs'],
  port: 8080,
  health: { loadBalancer: '/live', ready: '/health' },
  keepAliveSeconds: 75,
  inFlight: count('inFlight'),
  requests: count('requests'),
  errors: count('errors'),
  session: { cookie: 'sid' },
  logs: { access: { path: 'logs/access.log', pattern: '$time_iso8601 $request_method $uri $status $cookie_sid' } },
};

async function publishShop(version: string, secret: string): Promise<void> {
  const folder = path.join(kept.runFolder, 'people', version);
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'holdfast.app.json'), JSON.stringify(CONTRACT));
  await writeFile(path.join(folder, 'server.mjs'), SERVER.replace('SECRET', secret));
  await publish(version, folder);
}

const agent = new https.Agent({ keepAlive: true, maxSockets: 60, ca: readFileSync(kept.caFile) });
const get = (pathname: string, cookie = ''): Promise<{ readonly status: number; readonly cookie: string }> =>
  new Promise((resolve) => {
    https
      .get(new URL(pathname, kept.loadBalancerUrl), { agent, timeout: 10_000, headers: { cookie } }, (response) => {
        response.resume();
        const status = response.statusCode ?? 0;
        response.on('end', () => resolve({ status, cookie: response.headers['set-cookie']?.[0]?.split(';')[0] ?? '' }));
      })
      .on('error', () => resolve({ status: 0, cookie: '' }));
  });

const USERS = 60;
/** Users who ask for their account while work goes on, and how many of them were sent to the login page. */
async function under<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly turnedAway: number }> {
  let goesOn = true;
  const away = new Set<number>();
  const user = async (_: unknown, one: number) => {
    const { cookie } = await get(`/login?u=user${one}`);
    while (goesOn) {
      if ((await get('/account', cookie)).status === 302) away.add(one);
      await sleep(1_000);
    }
  };
  const people = Array.from({ length: USERS }, user);
  try {
    await sleep(20_000);
    return { result: await work(), turnedAway: away.size };
  } finally {
    goesOn = false;
    await Promise.all(people);
  }
}

let before: string;
beforeAll(async () => {
  await untilHealthy(3);
  before = await currentVersion();
  await publishShop('81.0.0', 'one');
  await deploy('81.0.0');
}, 300_000);
afterAll(async () => {
  agent.destroy();
  await deploy(before);
}, 300_000);

it('another secret stops at the first server', { timeout: 600_000 }, async () => {
  await publishShop('82.0.0', 'two');
  const { result, turnedAway } = await under(() => withSettings({ bakeSeconds: 15 }, () => deploy('82.0.0')));
  const record = await recordOf(result.executionArn);
  expect(result, JSON.stringify({ result, people: record?.people, warnings: record?.warnings })).toMatchObject({
    status: 'FAILED',
    error: 'UsersTurnedAway',
  });
  expect(turnedAway).toBeGreaterThan(0);
  expect(Object.values(record?.targets ?? {}).filter(({ phases = [] }) => phases.length > 0)).toHaveLength(1);
  expect(Object.values(await versions())).toEqual(Array(3).fill('81.0.0'));
});
