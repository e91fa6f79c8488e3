/** What a reader of the console sees without reading: in real Chromium, with a cloud in memory. */
import { describe, expect, it } from 'vitest';
import type { DeployRecord } from '../../functions/records/types.ts';
import { READING } from '../cli/store/readings.ts';
import { FULL } from '../e2e/full-run.ts';
import { consoleInBrowser } from './console-in-browser.ts';
import { createFakeBackend } from './fake-backend.ts';
import { createPausedDeploy, PAUSED } from './paused-deploy.ts';

const shown = consoleInBrowser();
const { open } = shown;

describe('the first page', () => {
  it('is the one without an address, and names release, servers, deploy, trouble and what to do', async () => {
    const { page } = await open('');
    await page.waitForSelector('h2:text-is("What to do next")');
    expect(await page.locator('[aria-current=page]').first().textContent()).toBe('Overview');
    const tile = (name: string) => page.locator(`section[aria-label="${name}"]`).textContent();
    expect(await tile('Current release')).toContain('1.0.0');
    expect(await tile('Servers')).toContain('2 of 3 servers have 1.0.0; i-0a1 has 1.2.0');
    expect(await tile('Deploy under way')).toContain('RUNNING, rolling');
    expect(await tile('Trouble')).toContain('1 in ALARM, 2 open incidents');
    expect(await page.locator('ol.steps').textContent()).toMatch(/An incident of fleet web is open.*A deploy is under way/s);
  });

  it('says in an empty fleet what would be there and how to get it', async () => {
    shown.fake = createFakeBackend();
    Object.assign(shown.fake.cloud, { store: { getStore: async () => undefined, getUnreachable: async () => undefined } });
    const { page } = await open('overview');
    await page.waitForSelector('h2:text-is("What to do next")');
    const text = await page.textContent('main');
    for (const part of [
      './holdfast releases publish 1.0.0 PATH --fleet web',
      'its first reading will be shown here',
      'No server has a release yet',
    ])
      expect(text).toContain(part);
  });
});

it('the page of a fleet without a canary leads to how to set one up, and has the command that runs one now', async () => {
  Object.assign(shown.fake.cloud, { canary: async () => undefined });
  const { page } = await open('canary');
  await page.waitForSelector('pre:has-text("./holdfast canary URL --login RECIPE.json")');
  await page.click('a:text-is("docs/canary-schedule.md")');
  await page.waitForSelector('h1:text-is("Documentation: canary schedule")');
  await page.waitForSelector('text=Off by default.');
});

describe('alarms', () => {
  it('that need attention come first, those without data with the reason, and the others are folded', async () => {
    shown.fake.alarms = shown.fake.alarms.map((alarm) =>
      alarm.state === 'INSUFFICIENT_DATA' ? { ...alarm, reason: 'Unchecked: Initial alarm creation' } : alarm,
    );
    const { page } = await open('alarms');
    const rows = page.locator('[data-key=alarms] tbody tr');
    await rows.first().waitFor();
    const states = await rows.locator('td:first-child').allTextContents();
    expect(new Set(states)).toEqual(new Set(['! ALARM', '– no data']));
    expect(states[0]).toBe('! ALARM');
    expect(await rows.nth(1).textContent()).toContain('(not evaluated since it was created)');
    expect(await page.locator('[data-key=alarms-ok]').isVisible()).toBe(false);
    await page.evaluate("location.hash = '#/dashboards/holdfast-sessions'");
    await page.waitForSelector('.alarm-list li:has-text("no data"):has-text("not evaluated since it was created") a[href^="#/runbook/"]');
  });

  it('are filtered, and a refresh leaves the filter, its text and its focus', async () => {
    const { page } = await open('alarms');
    await page.click('[data-key=fine-summary]');
    const rows = page.locator('[data-key=alarms-ok] tbody tr');
    const all = await rows.count();
    await page.locator('[data-key=filter-alarms-ok]').pressSequentially('deploy out');
    const names = await rows.filter({ visible: true }).locator('td:nth-child(2)').allTextContents();
    expect(names.length).toBeGreaterThan(0);
    expect(names.length).toBeLessThan(all);
    for (const name of names) expect(name).toMatch(/deploy.*out/);
    expect(await page.textContent('label:has([data-key=filter-alarms-ok])')).toBe(`Filter${names.length} of ${all} rows`);
    const refreshed = page.waitForResponse((response) => response.url().endsWith('/api/alarms'));
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await (await refreshed).finished();
    await page.waitForTimeout(300);
    expect(await page.evaluate('[document.activeElement.value, document.activeElement.selectionStart].join()')).toBe('deploy out,10');
    expect(await rows.filter({ visible: true }).count()).toBe(names.length);
    expect(await page.textContent('label:has([data-key=filter-alarms-ok])')).toBe(`Filter${names.length} of ${all} rows`);
  });
});

it('warnings of a succeeded deploy, and that a failed one was not rolled back, are in the list', async () => {
  const { records } = shown.fake;
  const { latestDeploys } = records;
  const shows = (deploy: DeployRecord): DeployRecord => {
    if (deploy.status === 'SUCCEEDED') return { ...deploy, warnings: ['the canary was not asked'] };
    if (deploy.status !== 'FAILED') return deploy;
    const targets = Object.entries(deploy.targets).map(([id, { rollingBackTo: _, ...target }]) => [
      id,
      target.phase === 'waiting' ? target : { ...target, phase: 'failed' as const },
    ]);
    return { ...deploy, rolledBack: false, targets: Object.fromEntries(targets) };
  };
  Object.assign(records, { latestDeploys: async (fleet: string, count: number) => (await latestDeploys(fleet, count)).map(shows) });
  const { page } = await open('deploys');
  await page.waitForSelector('[data-key=deploys]');
  const states = page.locator('[data-key=deploys] .state');
  expect((await states.allTextContents()).map((text) => text.trim())).toEqual([
    '▸ RUNNING, rolling',
    '! FAILED, not rolled back',
    '! SUCCEEDED, with 1 warning',
  ]);
  expect(await states.nth(2).getAttribute('class')).toBe('state warn');
});

it('a dry run of a sweep has not repaired what it would', async () => {
  const { page } = await open('store');
  await page.waitForSelector('[data-key=sweeps]');
  const repaired = page.locator('[data-key=sweeps] td[data-label=Repaired]');
  expect(await repaired.allTextContents()).toEqual(['would be 40', '40']);
});

it('a deploy that waits is a warning on the first page, and a failed one leads to its runbook', async () => {
  await createPausedDeploy(shown.fake);
  const { latestDeploys } = shown.fake.records;
  const waiting = async (fleet: string, count: number) => (await latestDeploys(fleet, count)).filter(({ deployId }) => deployId === PAUSED);
  Object.assign(shown.fake.records, { latestDeploys: waiting });
  shown.fake.alarms = [];
  Object.assign(shown.fake.cloud.incidents, { latestIncidents: async () => [] });
  const { page } = await open('overview');
  await page.waitForSelector('.head .state.warn:has-text("a deploy waits for your decision")');
  await page.waitForSelector('.tile .state.warn:has-text("RUNNING, paused")');
  await page.evaluate("location.hash = '#/deploys/7f00ba44-failure'");
  await page.click('[data-key=runbook]');
  await page.waitForSelector('h1:text-is("Runbook: deploy failed")');
});

it('a deploy that does not exist is named so, and no line says that it is tried again', async () => {
  const { page } = await open('deploys/none');
  await page.waitForSelector('#trouble:visible');
  expect(await page.textContent('#trouble')).toMatch(
    /^Fleet web has no deploy none\..*The navigation above leads to what exists\. \(NoSuchDeploy\)$/,
  );
  let requests = 0;
  page.on('request', (request) => {
    if (request.url().endsWith('/api/deploys/none')) requests += 1;
  });
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 900))');
  expect(requests).toBe(0);
});

it('a link to the runbook says what is there, and the local cloud suggests a version that can be published', async () => {
  const { page } = await open('alarms');
  await page.waitForSelector('table');
  const links = await page.locator('[data-key=alarms] a').allTextContents();
  expect([...new Set(links)]).toEqual(['What to do']);
  await page.evaluate("location.hash = '#/cloud'");
  await page.waitForSelector('pre:has-text("./holdfast releases publish 1.3.0 PATH --fleet web")');
});

describe('what is not of now', () => {
  const MINUTE = 60_000;

  it('is grey and has its age: the latest values of metrics', async () => {
    const { getMetricData } = shown.fake;
    // The collector has published nothing for seven minutes.
    shown.fake.getMetricData = async (queries, { startMs, endMs }) => getMetricData(queries, { startMs, endMs: endMs - 7 * MINUTE });
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    const labels = await page.locator('.numbers dt').allTextContents();
    expect(labels).toEqual(
      ['active sessions (estimate)', 'hit rate', 'keys without TTL'].map((name) =>
        expect.stringMatching(new RegExp(`^${name.replace(/[()]/g, '\\$&')}.*, [67] min ago$`)),
      ),
    );
    const style = (property: string) => `getComputedStyle(document.querySelector('.numbers .value')).${property}`;
    expect(await page.evaluate([style('fontWeight'), style('color')].join(" + ' ' + "))).toBe('400 rgb(87, 96, 107)');
  });

  it('is grey and has its age: the reading of the store, there and on the first page', async () => {
    const reading = { ...READING, takenAtMs: Date.now() - 6 * MINUTE };
    Object.assign(shown.fake.cloud, { store: { getStore: async () => ({ reading }), getUnreachable: async () => undefined } });
    const { page } = await open('store');
    await page.waitForSelector('.facts.old');
    expect(await page.locator('h2').first().textContent()).toBe('Latest reading, 6 min ago: its values are out of date');
    await page.evaluate("location.hash = '#/overview'");
    await page.waitForSelector('.tile.old:has-text("out of date: read 6 min ago")');
  });

  it('is grey at once when the store has become unreachable, however young the reading is', async () => {
    const seen = { sinceMs: Date.now() - 10_000, seenAtMs: Date.now(), failed: [{ name: 'one:6379', error: 'ETIMEDOUT' }] };
    Object.assign(shown.fake.cloud, { store: { ...shown.fake.cloud.store, getUnreachable: async () => seen } });
    const { page } = await open('overview');
    await page.waitForSelector('.tile.old:has-text("out of date")');
    // What is true now is not grey, and leads to what to do.
    await page.evaluate("location.hash = '#/store'");
    const alert = page.locator('.facts.old .alert');
    expect(await alert.textContent()).toMatch(/^since .* UTC, 1\d s: no primary answers \(one:6379: ETIMEDOUT\)\. What to do$/);
    expect(await page.evaluate("getComputedStyle(document.querySelector('.facts.old .alert')).color")).toBe('rgb(179, 38, 26)');
    await alert.locator('a').click();
    await page.waitForSelector('h1:text-is("Runbook: store unreachable")');
  });

  it('is no reading where the store has been unreachable from the start', async () => {
    const seen = { sinceMs: Date.now() - 10_000, seenAtMs: Date.now(), failed: [] };
    Object.assign(shown.fake.cloud, { store: { getStore: async () => undefined, getUnreachable: async () => seen } });
    const { page } = await open('store');
    await page.waitForSelector('.alert:has-text("only replicas do")');
    expect(await page.locator('h2').first().textContent()).toBe('Latest reading');
  });

  it('is grey and has its age: the results of a canary that has stopped', async () => {
    const { page } = await open('canary');
    await page.waitForSelector('.alert:has-text("The site last answered the canary")');
    expect(await page.evaluate("getComputedStyle(document.querySelector('.old td')).color")).toBe('rgb(87, 96, 107)');
  });

  // The console tries again after some seconds.
  it.runIf(FULL)('is grey while the console does not respond, whatever else of the page can be loaded', async () => {
    const { page } = await open('incidents');
    await page.waitForSelector('[data-key=incidents]');
    await page.route('**/api/incidents', (route) => route.abort());
    await page.waitForSelector('main.outdated');
    // The faults on the same page are loaded again and again.
    await page.waitForResponse((response) => response.url().endsWith('/api/faults'));
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))');
    expect(await page.locator('#trouble').isVisible()).toBe(true);
    expect(await page.textContent('#freshness')).toMatch(/^Last updated/);
    await page.unrouteAll();
    await page.waitForSelector('main:not(.outdated)');
  });

  it.each(['cloud', 'canary', 'store', 'runbook/deploy-failed'])(
    'an alarm and open incidents are named on every page, %s too',
    async (view) => {
      const { page } = await open(view);
      await page.waitForSelector('#attention:visible');
      expect(await page.textContent('#attention')).toMatch(
        /^! 2 open incidents: inc-0123456789ab \(fleet web\), .*! 1 alarm in ALARM: holdfast-evictions$/,
      );
    },
  );

  it('what the caller may no longer read is grey, and no error', async () => {
    const { page } = await open('incidents');
    await page.waitForSelector('[data-key=incidents]');
    const body = JSON.stringify({ error: { code: 'AccessDenied', message: 'The current credentials do not allow this.' } });
    await page.route('**/api/incidents', (route) => route.fulfill({ status: 503, body }));
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await page.waitForSelector('main.outdated');
    expect(await page.locator('#trouble:not(.bad):visible').count()).toBe(1);
    expect(await page.textContent('#freshness')).toMatch(/^Last updated/);
  });

  it('the page is as old as the oldest of its parts, and not as a page before it', async () => {
    const { page } = await open('overview');
    await page.waitForSelector('#freshness:has-text("Live")');
    const ageOf = async () => {
      const shown = /\d\d:\d\d:\d\d/.exec((await page.textContent('#freshness')) ?? '')?.[0];
      return (86_400_000 + (Date.now() % 86_400_000) - Date.parse(`1970-01-01T${shown}Z`)) % 86_400_000;
    };
    expect(await ageOf()).toBeLessThan(20_000);
    await page.route('**/api/incidents', async (route) => route.fulfill({ response: await route.fetch(), headers: { age: '50' } }));
    await page.evaluate("location.hash = '#/incidents'");
    await page.waitForSelector('[data-key=incidents]');
    await page.waitForResponse((response) => response.url().endsWith('/api/faults'));
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 100))');
    expect(await ageOf()).toBeGreaterThanOrEqual(50_000);
  });

  it('the strip says which policy shows alarms, where the caller may read none', async () => {
    shown.fake.listAlarms = async () => Promise.reject(Object.assign(new Error('not authorized'), { name: 'AccessDenied' }));
    const { page } = await open('canary');
    await page.waitForSelector('#attention:has-text("! Alarms are not shown: the current credentials do not allow")');
  });

  it('the strip says that it knows nothing where it cannot read, and is away when nothing is wrong', async () => {
    shown.fake.listAlarms = async () => Promise.reject(new Error('down'));
    const { page } = await open('canary');
    await page.waitForSelector('#attention:has-text("cannot be read now")');
    shown.fake.listAlarms = async () => [];
    Object.assign(shown.fake.cloud.incidents, { latestIncidents: async () => [] });
    await page.evaluate("location.hash = '#/cloud'");
    await page.waitForSelector('#attention', { state: 'hidden' });
  });
});

it('a number of the first dashboard has its unit', async () => {
  const { page } = await open('dashboards/holdfast-sessions');
  await page.waitForSelector('[data-drawn]');
  expect(await page.locator('.numbers .value').nth(1).textContent()).toMatch(/^[\d.]+ %$/);
});
