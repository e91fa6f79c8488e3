/** The page of a deploy that waits to be continued, and its two buttons, in real Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import type { ContinueReply } from '../../functions/deploy/continue/contract.ts';
import { accessibilityFindings, type ConsoleTab, keepPicture, launchChromium } from './chromium.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction, statementOf } from './fake-function.ts';
import { createPausedDeploy, PAUSED } from './paused-deploy.ts';
import { CLOUD } from './shown-cloud.ts';
import { openTabs, type Tabs } from './tabs.ts';

const [CONTINUE, ABORT] = ['[data-key=continue]', '[data-key=abort]'];
const continued = { requestedBy: 'arn:…/Operator', atMs: 60_000 };

let browser: Browser;
let fake: FakeBackend;
let served: Console;
let tabs: Tabs;
let lambda: FakeFunction;
let asked: object[];
let reply: ContinueReply;

beforeAll(async () => {
  lambda = startFakeFunction(({ body }, response) => {
    asked.push(statementOf(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  });
  browser = await launchChromium();
  served = await startConsole({ port: 0, token: 'a-token', backend: async () => fake, describeCloud: () => CLOUD });
  tabs = await openTabs(browser, served.url, 'a-token');
});
afterAll(async () => {
  await browser?.close();
  await served?.close();
  lambda?.close();
});
afterEach(() => tabs.leave());
beforeEach(async () => {
  asked = [];
  reply = { outcome: 'continued', done: 1, servers: 3, requestedBy: 'arn:aws:iam::000000000000:user/local/ann' };
  fake = createFakeBackend();
  await furnish(fake);
  await lambda.serve(fake);
});

const open = async (more?: Parameters<typeof createPausedDeploy>[1]): Promise<ConsoleTab> => {
  await createPausedDeploy(fake, more);
  return tabs.open(`deploys/${PAUSED}`);
};
/** What the page has under a name above the table of servers. */
const factOf = ({ page }: ConsoleTab, name: string) => page.locator(`.panel dt:text-is("${name}") + dd`);

it('shows what it waits for, and until when', async () => {
  const tab = await open();
  await tab.page.waitForSelector(CONTINUE);
  expect(await factOf(tab, 'Decision').textContent()).toMatch(
    /^This deploy waits to be continued: 1 of 3 servers has the release \(i-0a1\); until 20.*Z, then it rolls back\.$/,
  );
  expect([await tab.page.textContent(CONTINUE), await tab.page.textContent(ABORT)]).toEqual(['Continue…', 'Reject…']);
  expect(await accessibilityFindings(tab.page)).toEqual([]);
  await keepPicture(tab.page, 'paused');
  expect(tab.errors).toEqual([]);
});

it('"Continue…" explains what follows, and has this deploy go on after a yes', async () => {
  const { page, errors } = await open();
  await page.click(CONTINUE);
  expect(await page.textContent('#dialog-title')).toBe('Continue the deploy of 1.1.0');
  expect(await page.textContent('#dialog-explanation')).toMatch(
    /^This deploy waits to be continued: 1 of 3 servers .* Continued, it brings the release to the other servers, and the role/,
  );
  expect(await accessibilityFindings(page)).toEqual([]);
  await keepPicture(page, 'paused-continue');
  expect(asked, 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect(asked).toEqual([{ installation: 'holdfast', fleet: 'web', deployId: PAUSED, command: 'continue' }]);
  expect([fake.stopped, errors]).toEqual([[], []]);
});

it('"Reject…" stops this deploy, and continues nothing', async () => {
  const { page } = await open();
  await page.click(ABORT);
  expect(await page.textContent('#dialog-explanation')).toContain('returns every server that has or may have the new release');
  expect(fake.stopped, 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect([fake.stopped, asked]).toEqual([[expect.stringMatching(new RegExp(`:${PAUSED}$`))], []]);
});

it('shows why it does not go on, and leaves the dialog open', async () => {
  reply = { outcome: 'refused', error: 'NotWaiting', message: 'It was continued by ann. Nothing was changed.' };
  const { page } = await open();
  await page.click(CONTINUE);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .failed:visible');
  expect(await page.textContent('dialog .failed')).toBe('NotWaiting: It was continued by ann. Nothing was changed.');
});

it('once continued shows who has, and can be aborted', async () => {
  const tab = await open({ stage: 'rolling', pause: { after: 1, startedAtMs: 1, endsAtMs: 2, continued } });
  await tab.page.waitForSelector(ABORT);
  expect(await factOf(tab, 'Decision').textContent()).toBe(
    'waited after 1 server; continued by arn:…/Operator at 1970-01-01T00:01:00.000Z',
  );
  expect(await tab.page.textContent(ABORT)).toBe('Abort…');
  expect(await tab.page.locator(CONTINUE).count()).toBe(0);
});

it('while its clean-up runs has neither button', async () => {
  const tab = await open({ cleanUp: { executionArn: 'a', startedAtMs: 1, attempt: 1 } });
  await factOf(tab, 'Clean-up').waitFor();
  expect(await tab.page.locator(`${CONTINUE}, ${ABORT}`).count()).toBe(0);
});
