/** Traffic by a canary's recipe, against a site with a form, a token in it, redirects and two accounts. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { readRecipe } from '../../../../functions/canary/contract/read-recipe.ts';
import type { FilledRecipe, TrafficReport } from '../../traffic/contract.ts';
import { judgeWho, recipeUsers } from '../../traffic/recipe-user.ts';
import { paceOf, runTraffic, settle } from '../../traffic/run-traffic.ts';

const RECIPE = {
  users: { a: { name: 'anna', password: { environment: 'A' } }, b: { name: 'bert', password: { environment: 'B' } } },
  login: [
    { get: '/sign-in', take: { csrf: { input: '_csrf' } } },
    { post: '/sign-in', form: { _csrf: '{csrf}', name: '{name}', password: '{password}' } },
  ],
  who: { get: '/account' },
  server: { header: 'x-server' },
};
const filled = (more: object = {}): FilledRecipe => ({
  recipe: readRecipe(JSON.stringify({ ...RECIPE, ...more }), 'recipe.json'),
  passwords: { anna: 'of-anna', bert: 'of-bert' },
});

type Fault = (path: string, nth: number) => { readonly status: number; readonly body?: string } | undefined;

let server: Server | undefined;
afterEach(() => server?.close());

/** @param fault answers in the place of the site; `nth` counts the requests for each path */
async function shop(fault: Fault): Promise<string> {
  const sessions = new Map<string, { csrf?: string; user?: string }>();
  const nth = new Map<string, number>();
  server = createServer(async (request, response) => {
    const path = request.url ?? '';
    nth.set(path, (nth.get(path) ?? 0) + 1);
    const wrong = fault(path, nth.get(path) ?? 0);
    if (wrong) return void response.writeHead(wrong.status).end(wrong.body);
    const id = /sid=([\w-]+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const session = sessions.get(id);
    if (path === '/account')
      return void (session?.user
        ? response.writeHead(200, { 'x-server': 'one' }).end(`<p>Hello ${session.user}</p>`)
        : response.writeHead(302, { location: '/sign-in' }).end());
    if (request.method === 'GET') {
      const [made, csrf] = [crypto.randomUUID(), crypto.randomUUID()];
      sessions.set(made, { csrf });
      return void response.writeHead(200, { 'set-cookie': `sid=${made}` }).end(`<form><input name="_csrf" value="${csrf}"></form>`);
    }
    const form = new URLSearchParams(await textOf(request));
    const [name, isRight] = [
      form.get('name') ?? '',
      form.get('_csrf') === session?.csrf && form.get('password') === `of-${form.get('name')}`,
    ];
    if (!isRight || session === undefined) return void response.writeHead(403).end();
    session.user = name;
    response.writeHead(303, { location: '/account' }).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

async function trafficOn(url: string, requests: number, recipe = filled()): Promise<TrafficReport> {
  const settings = settle({ url, recipe, users: 4, thinkTimeMs: 5, rampUpMs: 5, requestTimeoutMs: 8_000 });
  const traffic = runTraffic(settings, recipeUsers(settings, recipe));
  await expect.poll(() => traffic.snapshot().requests, { timeout: 60_000, interval: 10 }).toBeGreaterThan(requests);
  return traffic.stop();
}

describe('traffic by a recipe', () => {
  it('logs each account in by its form, and finds nothing wrong with a site that is sound', async () => {
    const report = await trafficOn(await shop(() => undefined), 60);
    expect(report).toMatchObject({ users: 4, sessions: 4, failed: 0, sessionsLost: 0, failures: {}, losses: {} });
    expect(report.perServer['one']).toBeGreaterThan(20);
  });

  it.each<[string, ReturnType<Fault>, Partial<TrafficReport['failures'] & TrafficReport['losses']>]>([
    ['a 500', { status: 500 }, { serverError: expect.objectContaining({ count: 1, came: { 500: expect.anything() } }) }],
    ['a 404', { status: 404 }, { unexpectedStatus: expect.objectContaining({ came: { 404: expect.anything() } }) }],
    ['a page without the user', { status: 200, body: '<p>Sign in</p>' }, { signedOut: expect.objectContaining({ count: 1 }) }],
    ['a redirect to the login', { status: 302 }, { signedOut: expect.objectContaining({ came: { 302: expect.anything() } }) }],
  ])('counts %s for what it is, once', async (_what, wrong, expected) => {
    const report = await trafficOn(await shop((path, nth) => (path === '/account' && nth === 30 ? wrong : undefined)), 80);
    expect({ ...report.failures, ...report.losses }).toEqual(expected);
    expect(report.sessions).toBe(4);
  });

  it('counts a step of a login that fails, and says what the recipe takes that is not there', async () => {
    const failing = await trafficOn(await shop((path) => (path === '/sign-in' ? { status: 500, body: '' } : undefined)), 10);
    expect(failing).toMatchObject({ sessions: 0, sessionsLost: 0, losses: {} });
    expect(failing.failures.serverError?.came).toEqual({
      500: expect.objectContaining({ latest: expect.objectContaining({ path: '/sign-in' }) }),
    });
    const other = await trafficOn(await shop((path) => (path === '/sign-in' ? { status: 200, body: '<form></form>' } : undefined)), 10);
    expect(other.failures.malformed?.examples[0]?.detail).toContain('login, step 1: {csrf} is not in the answer');
  });

  it('takes no login for one after which the page shows nobody, and reports no password', async () => {
    const report = await trafficOn(await shop((path) => (path === '/account' ? { status: 200, body: 'Welcome' } : undefined)), 20);
    expect([report.sessions, report.sessionsLost, report.failures.malformed?.examples[0]?.detail]).toEqual([
      0,
      0,
      'the login shows no user',
    ]);
    expect(JSON.stringify(report)).not.toContain('of-anna');
  });
});

describe('the page of who', () => {
  const shows = { a: 'anna', b: 'bert' };
  it.each([
    [200, 'anna', 'good', undefined],
    [200, 'bert', 'lost', 'wrongUser'],
    [401, 'anna', 'lost', 'signedOut'],
    [403, '', 'lost', 'signedOut'],
    [429, '', 'failed', 'unexpectedStatus'],
    [200, 'anna bert', 'failed', 'malformed'],
    [503, 'anna', 'failed', 'serverError'],
  ])('with %s and "%s" is %s (%s)', (status, body, verdict, why) => {
    const judged = judgeWho({ status, body }, shows, 'a');
    expect([judged.verdict, 'reason' in judged ? judged.reason : 'failure' in judged ? judged.failure : undefined]).toEqual([verdict, why]);
  });
});

describe('the pace', () => {
  it.each<[object, object]>([
    [{}, { users: 10 }],
    [{ policy: { sessionsPerUser: 2 } }, { users: 4 }],
    [{ policy: { requestsPerMinute: 60 } }, { users: 10, thinkTimeMs: 10_000 }],
    [{ policy: { loginsPerMinute: 30 } }, { users: 10, rampUpMs: 20_000 }],
  ])('with %o is %o', (policy, expected) => expect(paceOf(filled(policy), 10, 750)).toEqual(expected));
});
