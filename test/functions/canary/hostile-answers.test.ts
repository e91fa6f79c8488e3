/** Real answers that no site should give: each ends the request, or is read, in a time that grows with its length. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { findExposed, judgeExposure, MOST_SEARCHED } from '../../../functions/canary/checks/exposure.ts';
import { type Recipe, recipeSchema } from '../../../functions/canary/contract/recipe.ts';
import { createPace } from '../../../functions/canary/http/pace.ts';
import { createSend } from '../../../functions/canary/http/send.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { Site } from '../../../functions/canary/site/site.ts';
import { Visitor } from '../../../functions/canary/site/visitor.ts';

const USERS = { a: { name: 'anna', password: { environment: 'A' } }, b: { name: 'ben-2', password: { environment: 'B' } } };
const PASSWORDS = new Map([
  ['anna', 'right-a'],
  ['ben-2', 'right-b'],
]);
const CLOCK = { now: Date.now, sleep: async () => {} };
const MEGABYTE = 1_048_576;

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.closeAllConnections?.();
    server.close();
  }
});
async function listen(server: Server): Promise<URL> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}
/** Answers each request with these bytes. */
const raw = (bytes: string, ends = false) =>
  listen(
    createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => (ends ? socket.end(bytes, 'latin1') : socket.write(bytes, 'latin1')));
    }),
  );
const pages = (answer: (response: ServerResponse) => void) => listen(createServer((_request, response) => answer(response)));

const send = createSend();
const get = (url: URL, headers: Record<string, string> = {}) => send({ method: 'GET', url, headers }, 5_000);
const siteAt = (base: URL, more: object = {}) => {
  const recipe: Recipe = recipeSchema.parse({ users: USERS, login: [{ get: '/' }], who: { get: '/who' }, ...more });
  return {
    recipe,
    site: new Site(base, recipe, { pace: createPace(send, CLOCK), clock: CLOCK, passwords: PASSWORDS, jarOf: async () => [] }),
  };
};

describe('an answer that changes the protocol', () => {
  const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

  it('is an answer, and its connection is not kept', async () => {
    const base = await raw(`${SWITCH}held`);
    expect(await get(base)).toEqual({ status: 101, headers: {}, setCookies: [], body: '' });
    await expect.poll(() => [...sockets].every((socket) => socket.destroyed)).toBe(true);
  });

  it('at every page ends a run: the recipe does not work there', async () => {
    const { site, recipe } = siteAt(await raw(SWITCH));
    await expect(runCanary({ recipe, base: site.base, extras: [] }, site)).rejects.toMatchObject({ name: 'RecipeFailed' });
  });

  it.each([
    ['that closes without an answer', '', /no answer/],
    ['that ends after a preliminary answer', 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n', /no answer/],
    ['that is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', /no answer/],
  ])('and a connection %s ends its request', async (_what, bytes, message) => {
    await expect(get(await raw(bytes, true))).rejects.toMatchObject({ name: 'NoAnswer', message: expect.stringMatching(message) });
  });

  it('and a page whose end is that of its connection is read', async () => {
    expect(await get(await raw('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nanna', true))).toMatchObject({ status: 200, body: 'anna' });
  });
});

describe('an address that no request can have', () => {
  const ADDRESSES = [
    'blob:ORIGIN/5f1d',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'ws://HOST/',
    'mailto:a@b',
    'http://[/',
    'about:blank',
    'http://%@HOST/',
    'http://anna@HOST/',
    'http://:swordfish@HOST/',
    '//anna:swordfish@HOST/',
  ];
  const filled = (address: string, base: URL) => address.replace('ORIGIN', base.origin).replace('HOST', base.host);

  it.each(ADDRESSES)('%s, as a redirect, is an error of the recipe', async (address) => {
    let base = new URL('http://127.0.0.1');
    base = await pages((response) => response.writeHead(302, { location: filled(address, base) }).end());
    const { site, recipe } = siteAt(base);
    const visitor = new Visitor(site, recipe.users.a);
    await expect(visitor.logIn()).rejects.toMatchObject({ name: 'RecipeFailed', message: expect.stringMatching(/redirects to/) });
  });

  it.each(ADDRESSES)('%s, as the address of a form, is an error of the recipe', async (address) => {
    let base = new URL('http://127.0.0.1');
    base = await pages((response) => response.end(`<form id=kc action="${filled(address, base)}">`));
    const login = [
      { get: '/', take: { action: { action: 'kc' } } },
      { post: '{action}', form: { p: '{password}' } },
    ];
    const { site, recipe } = siteAt(base, { login });
    await expect(new Visitor(site, recipe.users.a).logIn()).rejects.toMatchObject({ name: 'RecipeFailed' });
  });
});

it('an address with a login that cannot be read is an error of the recipe, and says nothing of it', async () => {
  const sent = send({ method: 'GET', url: new URL('http://%:swordfish@127.0.0.1:9/'), headers: {} }, 1_000);
  await expect(sent).rejects.toMatchObject({
    name: 'RecipeFailed',
    message: 'GET http://127.0.0.1:9: the request cannot be made (URIError): check what earlier steps take for it',
  });
});

it('a value that no header can have is an error of the recipe', async () => {
  const base = await pages((response) => response.end(JSON.stringify({ csrf: 'a\r\nX: y', other: '東京' })));
  for (const json of ['csrf', 'other']) {
    const login = [
      { get: '/', take: { t: { json } } },
      { post: '/login', headers: { 'X-CSRF': '{t}' } },
    ];
    const { site, recipe } = siteAt(base, { login });
    await expect(new Visitor(site, recipe.users.a).logIn()).rejects.toMatchObject({
      name: 'RecipeFailed',
      message: expect.stringMatching(/a character that HTTP does not allow/),
    });
  }
});

describe('a page of 1 MB', () => {
  it.each([
    '<',
    '<form ',
    '<form id=a>',
    '<input name="t',
    '<meta name=x content=',
    '<form id="',
    '<!--',
    '<a =',
    'a',
    '&#',
    '{"a":[',
    '"',
  ])('of %j takes less than a second of a processor, whatever a step takes from it', async (unit) => {
    const body = unit.repeat(Math.ceil(MEGABYTE / unit.length)).slice(0, MEGABYTE);
    const take = { a: { action: 'kc' }, i: { input: 't' }, m: { meta: 'x' }, j: { json: 'a.b' } };
    const base = await pages((response) => response.end(body));
    const answers = await Promise.all(
      Object.entries(take).map(async ([name, one]) => {
        const { site, recipe } = siteAt(base, { login: [{ get: '/', take: { [name]: one } }] });
        const before = process.cpuUsage();
        const error = await new Visitor(site, recipe.users.a).logIn().catch((thrown: unknown) => thrown);
        const { user, system } = process.cpuUsage(before);
        return { error, seconds: (user + system) / 1e6 };
      }),
    );
    for (const { error, seconds } of answers) {
      if (error !== true) expect(error).toMatchObject({ name: 'RecipeFailed' });
      // All four at once.
      expect(seconds).toBeLessThan(4);
    }
  });
});

describe('a site that gives thousands of ids and long pages', () => {
  it('is searched for some seconds, and the rest is no result', () => {
    const ids = Array.from({ length: 4_000 }, (_, at) => `${at}`.padStart(12, 'q'));
    const answer = { status: 200, headers: {}, setCookies: [], body: 'x'.repeat(MEGABYTE) };
    const seen = Array.from({ length: 5 }, () => ({ place: 'who', url: new URL('https://shop/'), answer }));
    const found = findExposed(seen, ids);
    expect(found).toEqual({ inUrls: [], inBodies: [], notSearched: 5 });
    expect(MEGABYTE * ids.length).toBeGreaterThan(MOST_SEARCHED);
    expect(judgeExposure(found)).toEqual([
      expect.objectContaining({ is: 'notChecked', unclear: true, what: expect.stringContaining('5 bodies were left out') }),
    ]);
  });
});
