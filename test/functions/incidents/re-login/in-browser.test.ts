/** The re-login page in real Chromium, as the load balancer answers with it: readable for everyone, and over by itself. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { reLoginHtml } from '../../../../functions/incidents/re-login/page-html.ts';
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
let context: BrowserContext;
/** As with the listener's rule, and without it. */
let isShown: boolean;
let retrySeconds: number;
let requests: string[];

beforeAll(async () => {
  browser = await launchChromium();
  server = createServer(({ method, url }, response) => {
    requests.push(`${method} ${url}`);
    response
      .writeHead(isShown ? 503 : 200, { 'content-type': 'text/html' })
      .end(isShown ? reLoginHtml({ ...DEFAULT_PAGE, retrySeconds }) : APPLICATION);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await browser?.close();
  server?.close();
});
beforeEach(() => {
  isShown = true;
  retrySeconds = DEFAULT_PAGE.retrySeconds;
  requests = [];
});
afterEach(() => context?.close());

async function open(options: BrowserContextOptions = {}) {
  context = await browser.newContext(options);
  const page = await context.newPage();
  if (options.javaScriptEnabled !== false) await page.clock.install();
  const response = await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/orders?page=2`);
  return { page, status: response?.status() };
}

const pageRequests = () => requests.filter((one) => one.includes('/orders'));

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
  await expect
    .poll(async () => {
      await page.clock.fastForward(LONGEST_MS);
      return page.title();
    }, PATIENCE)
    .toBe('The application');
  expect(new URL(page.url()).search).toBe('?page=2');
});

it('sends a form that led to it no second time', async () => {
  const { page } = await open();
  await page.evaluate(`document.body.innerHTML = '<form method=post action="/orders?page=3"><button>pay</button></form>'`);
  await page.click('button');
  await page.waitForURL(/page=3$/);
  isShown = false;
  await expect
    .poll(async () => {
      await page.clock.fastForward(LONGEST_MS);
      return page.title();
    }, PATIENCE)
    .toBe('The application');
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
