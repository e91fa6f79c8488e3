/** The button that ends the wait for a server's sessions, in real Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import type { EndDrainReply } from '../../functions/deploy/end-drain/contract.ts';
import { accessibilityFindings, keepPicture, launchChromium } from './chromium.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction, statementOf } from './fake-function.ts';
import { CLOUD } from './shown-cloud.ts';
import { openTabs, type Tabs } from './tabs.ts';

const DEPLOY = 'd4a10000-sticky';
const BUTTON = '[data-key=end-drain]';

let browser: Browser;
let fake: FakeBackend;
let served: Console;
let tabs: Tabs;
let lambda: FakeFunction;
let asked: { readonly url: string | undefined; readonly statement: object }[];
let reply: EndDrainReply;

beforeAll(async () => {
  lambda = startFakeFunction(({ url, body }, response) => {
    asked.push({ url, statement: statementOf(body) });
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
  reply = { outcome: 'ended', instanceId: 'i-0a1', sessionsLeft: 3, requestedBy: 'arn:aws:iam::000000000000:user/local/ann' };
  fake = createFakeBackend();
  await furnish(fake);
  await lambda.serve(fake);
});

/** A deploy that waits for the sessions of its first server, or has gone on. */
async function createDeploy(phase: 'sessionDrain' | 'installing') {
  const nowMs = Date.now();
  const target = { order: 0, fromVersion: '1.0.0', startedAtMs: nowMs - 90_000 };
  const left = phase === 'sessionDrain' && { sessionsLeft: 3, sessionDrainEndsAtMs: nowMs + 600_000 };
  await fake.records.createDeploy({
    deployId: DEPLOY,
    executionArn: `arn:aws:states:us-east-1:000000000000:execution:holdfast-web-deploy:${DEPLOY}`,
    ...{ fleet: 'web', from: '1.0.0', to: '1.1.0', requestedBy: 'local/ann', startedAtMs: nowMs - 120_000 },
    ...{ status: 'RUNNING', stage: 'rolling' },
    targets: {
      'i-0a1': { ...target, phase, phaseStartedAtMs: nowMs - 60_000, ...left },
      'i-0b2': { ...target, order: 1, phase: 'waiting', phaseStartedAtMs: nowMs - 90_000 },
    },
  });
  fake.executions.set(DEPLOY, { status: 'RUNNING' });
}

it('names the server and its sessions, and ends the wait for that server alone', async () => {
  await createDeploy('sessionDrain');
  const { page, errors } = await tabs.open(`deploys/${DEPLOY}`);
  await page.click(BUTTON);
  expect(await page.textContent('dialog')).toContain('End the wait for the sessions of i-0a1');
  expect(await page.textContent('#dialog-explanation')).toMatch(/Users who still have a session on this server lose it \(.*3 left/);
  expect(await accessibilityFindings(page)).toEqual([]);
  await keepPicture(page, 'end-drain');
  expect(asked, 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect(asked).toEqual([
    {
      url: expect.stringContaining('holdfast-web-end-drain'),
      statement: { installation: 'holdfast', fleet: 'web', deployId: DEPLOY, instanceId: 'i-0a1' },
    },
  ]);
  expect(errors).toEqual([]);
});

it('shows why the wait is not ended, and leaves the dialog open', async () => {
  await createDeploy('sessionDrain');
  reply = { outcome: 'refused', error: 'NoSessionDrain', message: 'The deploy waits for i-0b2 by now. Nothing was changed.' };
  const { page } = await tabs.open(`deploys/${DEPLOY}`);
  await page.click(BUTTON);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .failed:visible');
  expect(await page.textContent('dialog .failed')).toContain('NoSessionDrain: The deploy waits for i-0b2 by now. Nothing was changed.');
});

it('is not there while a deploy waits for no sessions', async () => {
  await createDeploy('installing');
  const { page } = await tabs.open(`deploys/${DEPLOY}`);
  await page.waitForSelector('[data-key=abort]');
  expect(await page.locator(BUTTON).count()).toBe(0);
});
