/** The console as the command serves it to people with one policy of the fleet and no other right, in real Chromium. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCli } from '../cli/run-cli.ts';
import { type ConsoleTab, keepPicture, launchChromium, openConsole } from '../console/chromium.ts';
import { until } from '../until.ts';
import { withSettings } from './deploy-under-fault.ts';
import { groupInstances, kept, untilHealthy } from './fleet.ts';
import { makePerson, type Person, removePerson } from './people.ts';

const STATE_FOLDER = process.env['HOLDFAST_STATE_FOLDER'] as string;
const PLACE = `account 000000000000 (local), ${kept.region}, installation holdfast, fleet web`;
const VIEWS = [
  'overview',
  'dashboards/holdfast-sessions',
  'dashboards/holdfast-web-web-tier',
  'deploys',
  'store',
  'alarms',
  'incidents',
  'canary',
];

/** Longer than the tests of one person take. */
const LIMIT_MS = 900_000;

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
  await untilHealthy(3);
});
afterAll(() => browser?.close());

interface Served {
  readonly tab: ConsoleTab;
  readonly link: string;
  /** Ends it by Ctrl-C. @returns the exit code */
  stop(): Promise<number | null>;
}

async function serveTo(person: Person): Promise<Served> {
  const { child, ended } = startCli(STATE_FOLDER, ['console', '--json'], person.env, 'main.ts', LIMIT_MS);
  let stdout = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += String(chunk);
  });
  await until(async () => stdout.endsWith('\n') || child.exitCode !== null, 'the link is printed', 60_000);
  const { link } = JSON.parse(stdout || (await ended).stderr) as { link: string };
  const tab = await openConsole(browser, link);
  return {
    tab,
    link,
    stop: async () => {
      await tab.page.context().close();
      child.kill('SIGINT');
      return (await ended).code;
    },
  };
}

async function look(page: Page, view: string): Promise<void> {
  await page.evaluate(`location.hash = '#/${view}'`);
  await page.waitForSelector('main h1');
  await page.waitForFunction("document.querySelector('[aria-busy=true]') === null", undefined, { timeout: 60_000 });
  await page.waitForSelector('#freshness:not(:empty)');
}

describe.each([
  ['reader', 'ReaderPolicyArn', 'ron'],
  ['operator', 'OperatorPolicyArn', 'otto'],
] as const)('with the policy of the %s alone', (kind, output, name) => {
  let person: Person;
  let served: Served;
  beforeAll(async () => {
    person = await makePerson(name, output);
    served = await serveTo(person);
  });
  afterAll(() => person && removePerson(person));

  it.each(VIEWS)('%s shows no error, and names account, Region and installation', async (view) => {
    const { page } = served.tab;
    await look(page, view);
    expect(await page.textContent('#where')).toBe(PLACE);
    expect(await page.locator('.failed:visible, .notice.bad[role=alert]:visible').allTextContents()).toEqual([]);
    if (view === 'overview') await keepPicture(page, `overview-of-${kind}`);
  });

  it('the first page has its four curves, or one sentence about the policy that they need', async () => {
    const { page } = served.tab;
    await look(page, 'overview');
    await page.waitForSelector('.curves .widget, section[aria-label="The last hour"] > .quiet:visible');
    const titles = await page.locator('.curves h2').allTextContents();
    expect(titles).toEqual(kind === 'reader' ? ['Answers by class', 'People turned away', 'Active sessions', 'Latency'] : []);
    if (kind === 'operator')
      expect(await page.textContent('section[aria-label="The last hour"] > .quiet')).toMatch(
        /^Curves are not shown: .*holdfast-web-reader does\.$/,
      );
  });

  it(kind === 'operator' ? 'has buttons' : 'has no button, which one sentence says', async () => {
    const { page } = served.tab;
    await look(page, 'deploys');
    await page.waitForSelector('h2:has-text("History")');
    expect(await page.locator('[data-key=deploy]').count()).toBe(kind === 'operator' ? 1 : 0);
    const notice = await page.locator('#notice:visible').allTextContents();
    expect(notice).toEqual(kind === 'operator' ? [] : [expect.stringMatching(/^There are no buttons: .*holdfast-web-operator does\.$/)]);
  });

  it.runIf(kind === 'operator')('a deploy shows its servers as a row of phases, and is a band of the curves', async () => {
    const [first] = await groupInstances();
    const { page } = served.tab;
    // Longer than a page takes to load on a busy machine.
    await withSettings({ bakeSeconds: 20 }, async () => {
      const restart = startCli(STATE_FOLDER, ['restart', first?.id ?? '', '--yes'], person.env, 'main.ts', LIMIT_MS);
      await look(page, 'overview');
      await page.waitForSelector('.phases li:has-text("draining"), .phases li:has-text("readiness"), .phases li:has-text("baking")', {
        timeout: 60_000,
      });
      await keepPicture(page, 'overview-mid-deploy');
      expect(await restart.ended).toMatchObject({ code: 0 });
    });
    await page.waitForSelector('.phases', { state: 'detached' });
  });

  it('answers nobody without its token, and no argument of a process has that', async () => {
    const { origin, hash } = new URL(served.link);
    const token = hash.replace('#token=', '');
    for (const path of ['place', 'overview', 'deploys', 'dashboards']) expect((await fetch(`${origin}/api/${path}`)).status).toBe(403);
    expect((await fetch(`${origin}/api/place`, { headers: { 'x-holdfast-token': token } })).status).toBe(200);
    expect((await fetch(`${origin}/api/cloud`, { headers: { 'x-holdfast-token': token } })).status).toBe(404);
  });

  it('loads nothing from elsewhere, and ends with Ctrl-C', async () => {
    expect(served.tab.foreignRequests).toEqual([]);
    expect(await served.stop()).toBe(0);
  });
});
