/** The console's times, for a reader in another zone: in real Chromium, with a cloud in memory. */
import { expect, it } from 'vitest';
import { consoleInBrowser } from './console-in-browser.ts';
import { createPausedDeploy, PAUSED } from './paused-deploy.ts';

const shown = consoleInBrowser();
/**
 * A reader's zone in which it is not the hour of the recorded incidents, 03:12 UTC, while this test runs: in India
 * that hour begins at 21:30 UTC, in the north of Australia at 17:30.
 */
const timezoneId = [21, 22].includes(new Date().getUTCHours()) ? 'Australia/Darwin' : 'Asia/Kolkata';
/** Every time with a clock on the page, in its text and its titles, and which of these are the reader's own. */
const TIMES = `[...document.body.innerText.matchAll(/\\d\\d:\\d\\d:\\d\\d|[ap]m\\b/gi)].map(([time]) => time)`;

it('every page has one zone, which it names: none has the time of the reader but as a title', async () => {
  await createPausedDeploy(shown.fake);
  const { page } = await shown.open('deploys', { timezoneId });
  // The first page compiles the console's code.
  for (const [view, shows] of [
    ['deploys', '[data-key=deploys]'],
    ['deploys/7f00ba44-failure', '[data-key=servers]'],
    ['store', '[data-key=sweeps]'],
    ['alarms', '[data-key=alarms]'],
    ['incidents', '[data-key=incidents]'],
    ['overview', '[data-key=servers]'],
  ]) {
    await page.evaluate(`location.hash = '#/${view}'`);
    await page.waitForSelector(shows as string, { timeout: 45_000 });
    await page.waitForSelector('#freshness:has-text("all times in UTC")');
    const times = await page.evaluate<string[]>(TIMES);
    // Half an hour away from every full hour of UTC: minutes of times of the last hour show which zone it is.
    const local = await page.evaluate<string>("new Date().toLocaleTimeString('en-GB').slice(0, 2)");
    expect(times.length, view).toBeGreaterThan(0);
    expect(
      times.filter((time) => time.startsWith(local) || /[ap]m/i.test(time)),
      view,
    ).toEqual([]);
  }
  expect(await page.locator('time').first().getAttribute('title')).toMatch(/ where you are$/);
});

it('a deadline is how long it is until then, with the time as its title', async () => {
  await createPausedDeploy(shown.fake);
  const { page } = await shown.open(`deploys/${PAUSED}`);
  const time = page.locator('.facts time');
  await time.waitFor();
  expect(await time.textContent()).toMatch(/^rolls back in 2[67] min$/);
  expect(await time.getAttribute('title')).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
});

it("a widget's function gets the page's zone, and shows 24 hours", async () => {
  const { page } = await shown.open('dashboards/holdfast-sessions', { timezoneId: 'Asia/Kolkata' });
  await page.waitForSelector('[data-drawn]');
  await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
  expect(JSON.stringify(shown.fake.invoked[0]?.event)).toContain('"offsetInMinutes":0');
});
