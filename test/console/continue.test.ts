/** The request behind the button that continues a deploy. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import type { ContinueReply } from '../../functions/deploy/continue/contract.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction } from './fake-function.ts';
import { createPausedDeploy, PAUSED } from './paused-deploy.ts';

const TOKEN = 'a-token';
const PATH = `deploys/${PAUSED}/continue`;

let fake: FakeBackend;
let served: Console;
let lambda: FakeFunction;
let asked: { readonly url: string | undefined; readonly statement: object }[];
let reply: ContinueReply;

beforeAll(() => {
  lambda = startFakeFunction(({ url, body }, response) => {
    asked.push({ url, statement: JSON.parse(body) as object });
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
});
afterAll(() => lambda.close());
beforeEach(async () => {
  asked = [];
  reply = { outcome: 'continued', done: 1, servers: 3, requestedBy: 'local/ann' };
  fake = createFakeBackend();
  await furnish(fake);
  await lambda.serve(fake);
  served = await startConsole({ port: 0, token: TOKEN, backend: async () => fake });
});
afterEach(() => served.close());

/** As the page sends it. */
async function post(path: string, value: unknown = {}, headers: Readonly<Record<string, string>> = {}) {
  const own = { origin: new URL(served.url).origin, 'x-holdfast-token': TOKEN, 'content-type': 'application/json' };
  const response = await fetch(new URL(`/api/${path}`, served.url), {
    method: 'POST',
    headers: { ...own, ...headers },
    body: JSON.stringify(value),
  });
  return {
    status: response.status,
    body: (await response.json()) as { readonly error?: { readonly code: string; readonly message: string } },
  };
}

it.each([
  ['its id', PATH],
  ['the beginning of its id', 'deploys/b0a7/continue'],
])('lets the deploy go on that is named by %s, and starts and stops nothing', async (_, path) => {
  await createPausedDeploy(fake);
  expect(await post(path)).toEqual({ status: 200, body: { deployId: PAUSED } });
  expect(asked).toEqual([
    {
      url: expect.stringContaining('holdfast-web-deploy-continue'),
      statement: { deployId: PAUSED, requestedBy: 'local/ann' },
    },
  ]);
  expect([...fake.started, ...fake.stopped]).toEqual([]);
});

const continued = { requestedBy: 'arn:…/Operator', atMs: 60_000 };
it.each<[string, string, unknown, number, string]>([
  ['an unknown deploy', 'deploys/none/continue', {}, 404, 'NoSuchDeploy'],
  ['an invalid id', 'deploys/a%20b/continue', {}, 400, 'InvalidDeploy'],
  ['one that does not wait', 'deploys/c0ffee12-running/continue', {}, 400, 'NotWaiting'],
  ['one that has ended', 'deploys/5a1e0c77-success/continue', {}, 400, 'NotWaiting'],
  ['an input that it does not have', PATH, { instanceId: 'i-0a1' }, 400, 'InvalidInput'],
])('refuses %s, and asks nobody', async (_, path, value, status, code) => {
  await createPausedDeploy(fake);
  expect(await post(path, value)).toMatchObject({ status, body: { error: { code } } });
  expect(asked).toEqual([]);
});

it('refuses one that was continued already, with who has', async () => {
  await createPausedDeploy(fake, { pause: { after: 1, startedAtMs: 1, endsAtMs: 2, continued } });
  const { status, body } = await post(PATH);
  expect([status, body.error?.code]).toEqual([400, 'NotWaiting']);
  expect(body.error?.message).toContain('was already continued, by arn:…/Operator');
  expect(asked).toEqual([]);
});

it('refuses one that was stopped a moment ago', async () => {
  await createPausedDeploy(fake);
  fake.executions.set(PAUSED, { status: 'ABORTED' });
  expect(await post(PATH)).toMatchObject({ status: 400, body: { error: { code: 'NotWaiting' } } });
  expect(asked).toEqual([]);
});

it('passes on what the function refuses', async () => {
  await createPausedDeploy(fake);
  reply = { outcome: 'refused', error: 'NotWaiting', message: 'It has failed. Nothing was changed.' };
  const error = { code: 'NotWaiting', message: 'It has failed. Nothing was changed.' };
  expect(await post(PATH)).toEqual({ status: 400, body: { error } });
});

it.each([
  ['another origin', { origin: 'https://example.com' }, 403],
  ['another token', { 'x-holdfast-token': 'guessed' }, 403],
  ['a content type of forms', { 'content-type': 'text/plain' }, 415],
])('is refused with %s, and asks nobody', async (_, headers, status) => {
  await createPausedDeploy(fake);
  expect((await post(PATH, {}, headers)).status).toBe(status);
  expect(asked).toEqual([]);
});

it('a GET is refused, and asks nobody', async () => {
  await createPausedDeploy(fake);
  expect((await fetch(new URL(`/api/${PATH}`, served.url), { headers: { 'x-holdfast-token': TOKEN } })).status).toBe(405);
  expect(asked).toEqual([]);
});
