/** The button of the dialog that starts a deploy, in real Chromium. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import type { DryRunReport } from '../../functions/deploy/dry-run/contract.ts';
import { FULL } from '../e2e/full-run.ts';
import { accessibilityFindings, keepPicture, launchChromium } from './chromium.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction } from './fake-function.ts';
import { CLOUD } from './shown-cloud.ts';
import { openTabs, type Tabs } from './tabs.ts';

const REPORT: DryRunReport = {
  ...{ fleet: 'web', version: '1.1.0', from: '1.0.0', refused: true, atATime: 3, unchanged: [], suspendsAutoScaling: true },
  refusals: [{ check: 'agents', error: 'AgentOffline', message: 'the Systems Manager agent on i-2 is not online' }],
  unchecked: [{ check: 'release', why: 'whether it starts: only its first server shows that' }],
  warnings: [],
  servers: [
    {
      ...{ instanceId: 'i-1', zone: 'eu-west-1a', version: '1.0.0', health: 'healthy', drain: 'counts' },
      ...{ waitsForSessions: true, sessions: 4, startsAfterSeconds: 0, togetherWith: [] },
    },
    {
      ...{ instanceId: 'i-2', zone: 'eu-west-1b', version: '1.0.0', health: 'healthy', drain: 'kernel' },
      ...{ waitsForSessions: false, startsAfterSeconds: 40, togetherWith: ['i-3', 'i-4'] },
    },
    {
      ...{ instanceId: 'i-3', zone: 'eu-west-1b', version: '1.0.0', health: 'healthy', drain: 'kernel' },
      ...{ waitsForSessions: false, togetherWith: ['i-2'] },
    },
  ],
  copies: [{ instanceId: 'i-1', sessionsAlone: 2, reason: '10.0.0.2:4000 is not reached' }],
  expected: { deployId: 'd1', seconds: 95, suspendedSeconds: 80, phases: { draining: 12 } },
  worst: { seconds: 4_550, suspendedSeconds: 4_370 },
};

let browser: Browser;
let fake: FakeBackend;
let served: Console;
let tabs: Tabs;
let lambda: FakeFunction;
let asked: { readonly url: string | undefined; readonly body: string }[];
let status: number;

beforeAll(async () => {
  lambda = startFakeFunction((request, response) => {
    asked.push(request);
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(status !== 200 && { 'x-amzn-errortype': 'ResourceNotFoundException' }),
    });
    response.end(JSON.stringify(status === 200 ? REPORT : { message: 'no such function', Type: 'User' }));
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
  [asked, status] = [[], 200];
  fake = createFakeBackend();
  await furnish(fake);
  await lambda.serve(fake);
});

async function openDialog() {
  const tab = await tabs.open('deploys');
  await tab.page.click('button:has-text("Deploy a release")');
  await tab.page.check('input[value=halt]');
  await tab.page.click('dialog button:text-is("Dry run")');
  return tab;
}

it('shows what the deploy would do and what refuses it, and starts nothing', async () => {
  const { page, errors } = await openDialog();
  await page.waitForSelector('.dry-run');
  const text = await page.textContent('.dry-run');
  for (const words of [
    'would be refused',
    'AgentOffline: the Systems Manager agent on i-2 is not online',
    'eu-west-1a',
    'sessions (4 now), then requests in flight',
    'i-1: 2 sessions that no other server holds: 10.0.0.2:4000 is not reached',
    '1 m 35 s, by deploy d1',
    'about 1 m 20 s, at most 1 h 13 m',
    'release: whether it starts',
  ])
    expect(text).toContain(words);
  const rows = await page.locator('[data-key=dry-run-servers] tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
  expect(cells.map((row) => row[4])).toEqual(['Out of service', 'after 0.0 s, alone', 'after 40.0 s, with i-3, i-4', 'with i-2']);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.url).toContain('holdfast-web-deploy-dry-run');
  expect(asked[0]?.body, 'as the deploy would be started').toContain('"onFailure":"halt"');
  expect(fake.started).toEqual([]);
  expect(await accessibilityFindings(page)).toEqual([]);
  if (FULL || process.env['KEEP_PICTURES']) await keepPicture(page, 'dry-run');
  await page.locator('dialog select').selectOption({ index: 1 });
  expect(await page.locator('.dry-run').count(), 'of another release').toBe(0);
  expect(errors).toEqual([]);
});

it('shows why it could not be asked', async () => {
  status = 404;
  const { page } = await openDialog();
  await page.waitForSelector('dialog [role=alert]:visible');
  expect(await page.textContent('dialog [role=alert]')).toContain('There is no function holdfast-web-deploy-dry-run:live');
});
