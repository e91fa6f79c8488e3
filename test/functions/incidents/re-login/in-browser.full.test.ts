/** The re-login page in real Chromium, as the load balancer answers with it: readable for everyone, and over by itself. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { reLoginHtml } from '../../../../functions/incidents/re-login/choose-rule.ts';
import { DEFAULT_PAGE } from '../../../../infra/config/fleet-incidents.ts';
import { accessibilityFindings, keepPicture, launchChromium } from '../../../console/chromium.ts';
import { FULL } from '../../../e2e/full-run.ts';

/** A busy machine takes its time for a page. */
const PATIENCE = { timeout: 10_000 };

const APPLICATION = '<!doctype html><title>The application</title>';
/** Above a time and a half of retrySeconds, at which the slowest browser asks. */
const LONGEST_MS = DEFAULT_PAGE.retrySeconds * 1_500 + 1_000;

let browser: Browser;
let server: Server;
/** Another site. A script of the application's page can read nothing of its answers. */
let elsewhere: Server;
let context: BrowserContext;
/** As with the listener's rule, and without it. */
let isShown: boolean;
let retrySeconds: number;
/** Where the application leads a user without a session. */
let signOn: string | undefined;
let requests: string[];
let foreignRequests: string[];

const listen = async (each: Server) => new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
const hostOf = (each: Server) => `127.0.0.1:${(each.address() as AddressInfo).port}`;

beforeAll(async () => {
  browser = await launchChromium();
  server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    if (!isShown && signOn !== undefined) return void response.writeHead(302, { location: signOn }).end();
    response
      .writeHead(isShown ? 503 : 200, { 'content-type': 'text/html' })
      .end(isShown ? reLoginHtml({ ...DEFAULT_PAGE, retrySeconds }) : APPLICATION);
  });
  elsewhere = createServer(({ method, url }, response) => {
    foreignRequests.push(`${method} ${url}`);
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Another site</title>');
  });
  await Promise.all([listen(server), listen(elsewhere)]);
});
afterAll(async () => {
  await browser?.close();
  server?.close();
  elsewhere?.close();
});
beforeEach(() => {
  isShown = true;
  retrySeconds = DEFAULT_PAGE.retrySeconds;
  signOn = undefined;
  requests = [];
  foreignRequests = [];
});
afterEach(() => context?.close());

async function open(options: BrowserContextOptions = {}, path = '/orders?page=2') {
  context = await browser.newContext(options);
  const page = await context.newPage();
  if (options.javaScriptEnabled !== false) await page.clock.install();
  const response = await page.goto(`http://${hostOf(server)}${path}`);
  return { page, status: response?.status() };
}

const pageRequests = () => requests.filter((one) => one.includes('/orders'));

/** Turns the clock until the page has opened what the address leads to now. */
const untilTitle = (page: Page, title: string) =>
  expect
    .poll(async () => {
      await page.clock.fastForward(LONGEST_MS);
      return page.title();
    }, PATIENCE)
    .toBe(title);

/** Each color and each width is in the first two; the full run looks at the others too. */
const APPEARANCES = [
  ['light', 1_280],
  ['dark', 320],
  ['dark', 1_280],
  ['light', 320],
] as const;

it.each(APPEARANCES.slice(0, FULL ? undefined : 2))('is readable for everyone: %s, %i pixels wide', async (colorScheme, width) => {
  const { page, status } = await open({ colorScheme, viewport: { width, height: 800 } });
  expect([status, await page.title()]).toEqual([503, DEFAULT_PAGE.title]);
  expect(await accessibilityFindings(page)).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  if (FULL) await keepPicture(page, `re-login-${colorScheme}-${width}`);
  // It loads nothing; a browser asks for its icon on its own.
  expect(requests.filter((one) => !one.includes('/favicon.ico'))).toEqual(['GET /orders?page=2']);
});

it('asks for the same address again by itself, stays while it is refused, and opens it once it is not', async () => {
  const { page } = await open();
  const answered = page.waitForResponse((response) => response.request().method() === 'HEAD');
  await page.clock.fastForward(LONGEST_MS);
  expect((await answered).status()).toBe(503);
  expect([await page.title(), pageRequests()]).toEqual([DEFAULT_PAGE.title, ['GET /orders?page=2', 'HEAD /orders?page=2']]);
  isShown = false;
  // The answer's handler sets the next timer a moment after the response.
  await untilTitle(page, 'The application');
  expect(new URL(page.url()).search).toBe('?page=2');
});

/** Browsers read each of them, or what it becomes in the address line, as another site, where it is taken without the origin. */
const LEADING_ELSEWHERE = [
  '//HOST/x?y=1',
  '/\\HOST/x',
  '/\t/HOST/x',
  '/.//HOST/x',
  '///HOST/x',
  '//user@HOST/',
  '/%2fHOST/x',
  '/http:HOST/x',
];

it.each(LEADING_ELSEWHERE.slice(0, FULL ? undefined : 2))('stays on the site with the path %j', async (path) => {
  const { page } = await open({}, path.replace('HOST', hostOf(elsewhere)));
  const answered = page.waitForResponse((response) => response.request().method() === 'HEAD');
  await page.clock.fastForward(LONGEST_MS);
  await answered;
  isShown = false;
  await untilTitle(page, 'The application');
  expect([new URL(page.url()).host, foreignRequests]).toEqual([hostOf(server), []]);
});

it('opens the address without its fragment, with which a browser would load nothing', async () => {
  const { page } = await open({}, '/orders?page=2#row-7');
  isShown = false;
  await untilTitle(page, 'The application');
});

it('lets the browser follow a redirect to a sign-on of another site, and asks that site nothing itself', async () => {
  const { page } = await open();
  isShown = false;
  signOn = `http://${hostOf(elsewhere)}/sign-on`;
  await untilTitle(page, 'Another site');
  // The page's own question is a HEAD.
  expect(foreignRequests.filter((one) => !one.startsWith('GET'))).toEqual([]);
});

it('sends a form that led to it no second time', async () => {
  const { page } = await open();
  await page.evaluate(`document.body.innerHTML = '<form method=post action="/orders?page=3"><button>pay</button></form>'`);
  await page.click('button');
  await page.waitForURL(/page=3$/);
  isShown = false;
  await untilTitle(page, 'The application');
  expect(pageRequests().filter((one) => one.startsWith('POST'))).toHaveLength(1);
});

it('reloads without scripts', async () => {
  // Without scripts there is no clock to turn.
  retrySeconds = 1;
  const { page } = await open({ javaScriptEnabled: false });
  expect(await page.title()).toBe(DEFAULT_PAGE.title);
  isShown = false;
  await expect.poll(() => page.title(), { timeout: 10_000 }).toBe('The application');
});
