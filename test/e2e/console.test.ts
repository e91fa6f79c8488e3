/** The console of the kept cloud in real Chromium: it draws the deployed dashboards, and starts deploys and sweeps. */
import { CloudWatchClient, GetDashboardCommand, ListDashboardsCommand, PutDashboardCommand } from '@aws-sdk/client-cloudwatch';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { consoleLink } from '../../cli/cloud-state.ts';
import type { DashboardBody } from '../../console/dashboards/body.ts';
import { drawingOf } from '../../console/dashboards/drawing.ts';
import {
  accessibilityFindings,
  type ConsoleTab,
  keepPicture,
  launchChromium,
  openConsole,
  serverRows,
  untilServer,
} from '../console/chromium.ts';
import { until } from '../until.ts';
import { withSettings } from './deploy-under-fault.ts';
import { cloud, currentVersion, kept, publish, untilHealthy } from './fleet.ts';
import { FULL } from './full-run.ts';
import { forgetSweeps } from './swept-before.ts';

const link = consoleLink(kept);
const OF_ANOTHER = 'holdfast-eu-sessions';
let browser: Browser;
let bodies: Map<string, DashboardBody>;
let tab: ConsoleTab;

beforeAll(async () => {
  browser = await launchChromium();
  const cloudWatch = new CloudWatchClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const { DashboardEntries = [] } = await cloudWatch.send(new ListDashboardsCommand({}));
  // Of an installation "holdfast-eu", whose names begin with this one's.
  await cloudWatch.send(new PutDashboardCommand({ DashboardName: OF_ANOTHER, DashboardBody: '{"widgets":[]}' }));
  const names = DashboardEntries.map(({ DashboardName = '' }) => DashboardName);
  const texts = await Promise.all(
    names.map(async (DashboardName) => (await cloudWatch.send(new GetDashboardCommand({ DashboardName }))).DashboardBody),
  );
  bodies = new Map(names.map((name, index) => [name, JSON.parse(texts[index] ?? '{}') as DashboardBody]));
  cloudWatch.destroy();
  tab = await openConsole(browser, link);
});
afterAll(() => browser?.close());

const go = (view: string) => tab.page.evaluate(`location.hash = '#/${view}'`);

describe('the deployed dashboards', () => {
  it('all exist, and those of an installation with a longer name are not offered', async () => {
    expect(bodies.size).toBeGreaterThanOrEqual(4);
    await go('dashboards');
    await tab.page.waitForSelector('nav.tabs a');
    const offered = await tab.page.locator('nav.tabs a').allTextContents();
    expect(offered.join(' ')).toContain('sessions');
    expect(offered).toHaveLength(bodies.size);
  });

  it('have every widget drawn, with data or marked as without', async () => {
    const { page } = tab;
    for (const [name, { widgets = [] }] of bodies) {
      await go(`dashboards/${name}`);
      await page.waitForSelector(`[data-drawn="${name}"]`);
      await page.waitForSelector('.widget [aria-busy=true]', { state: 'detached', timeout: 60_000 });
      const shown = page.locator('.widget');
      expect(await shown.count(), name).toBe(widgets.length);
      for (const [index, widget] of widgets.entries()) {
        const one = shown.nth(index);
        const { kind } = drawingOf(widget);
        expect([name, index, await one.getAttribute('data-kind')]).toEqual([name, index, kind]);
        expect(await one.locator('h2').first().textContent()).toBe(widget.properties?.title);
        expect(await one.locator('.failed:visible').allTextContents(), `${name}: ${widget.properties?.title}`).toEqual([]);
        if (kind === 'metrics' && (widget.properties?.view ?? 'timeSeries') === 'timeSeries') {
          expect((await one.locator('canvas').count()) + (await one.locator('.empty:visible').count()), name).toBeGreaterThan(0);
        }
      }
      if (FULL) await keepPicture(page, `deployed-${name}-light`);
    }
  });

  it('show data', async () => {
    const { page } = tab;
    await go('dashboards/holdfast-store');
    const engine = page.locator('.widget', { has: page.locator('h2:text-is("Engine CPU")') });
    await until(
      async () => (await engine.locator('.empty:visible').count()) === 0 && (await engine.locator('canvas').count()) > 0,
      'data of the store',
      90_000,
    );
  });

  it('are readable in dark mode', async () => {
    const { page } = tab;
    await page.emulateMedia({ colorScheme: 'dark' });
    for (const name of bodies.keys()) {
      await go(`dashboards/${name}`);
      await page.waitForSelector(`[data-drawn="${name}"]`);
      await page.waitForSelector('.widget [aria-busy=true]', { state: 'detached', timeout: 60_000 });
      if (FULL) process.stdout.write(`picture: ${await keepPicture(page, `deployed-${name}-dark`)}\n`);
      expect(await accessibilityFindings(page), name).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });
});

describe('by the keyboard alone', () => {
  async function tabTo(selector: string): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await tab.page.keyboard.press('Tab');
      if (await tab.page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) return;
    }
    throw new Error(`${selector} cannot be reached by Tab`);
  }

  it('a dry run of a sweep is started, followed to its end, and its report is shown', async () => {
    // A sweep that is clean by counters has no results by dialect.
    await forgetSweeps();
    const { page } = tab;
    await go('store');
    await page.waitForSelector('[data-key=sweep]');
    await tabTo('[data-key=sweep]');
    await page.keyboard.press('Enter');
    await tabTo('dialog button[type=submit]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/#\/store\/sweeps\/[\w-]+$/);
    const sweepId = page.url().split('/').at(-1) as string;
    await page.waitForSelector('text=SUCCEEDED', { timeout: 90_000 });
    await page.waitForSelector('h2:has-text("Results by dialect")');
    expect(await (await cloud()).sweeps.getSweep(sweepId)).toMatchObject({ dryRun: true, status: 'SUCCEEDED' });
    if (FULL) await keepPicture(page, 'deployed-sweep');
  });

  it.runIf(FULL)('a deploy that rolls every server is started, followed phase by phase, and shown to its end', async () => {
    const { page } = tab;
    await untilHealthy(3);
    const version = '62.0.0';
    await publish(version);
    await go('deploys');
    // An alarm can fire a minute after what a scenario before this one has broken.
    await withSettings({ alarmNames: [] }, async () => {
      await page.waitForSelector('[data-key=deploy]');
      await tabTo('[data-key=deploy]');
      await page.keyboard.press('Enter');
      await page.selectOption('select[name=version]', version);
      await tabTo('dialog button[type=submit]');
      await page.keyboard.press('Enter');
      await page.waitForURL(/#\/deploys\/[\w-]+$/);
      await untilServer(page, 'draining');
      await keepPicture(page, 'deployed-deploy-rolling');
      await untilServer(page, 'baking');
      await page.waitForSelector('.state.ok:has-text("SUCCEEDED")', { timeout: 120_000 });
    });
    const words = await serverRows(page).locator('td:last-child').allTextContents();
    expect(words).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^✓ done/)));
    expect(await currentVersion()).toBe(version);
    await keepPicture(page, 'deployed-deploy');
  });
});

it('sent no request to other servers, and had no error in the browser', () => {
  expect([tab.foreignRequests, tab.errors]).toEqual([[], []]);
});
