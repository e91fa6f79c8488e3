/** The console in real Chromium with a cloud in memory: drawing, security and accessibility. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { DashboardBody } from '../../console/dashboards/body.ts';
import { renderIncidents } from '../../functions/widgets/render.ts';
import { readEvent } from '../../functions/widgets/serve-widget.ts';
import { FULL } from '../e2e/full-run.ts';
import { AT } from '../functions/incidents/report/an-incident.ts';
import { accessibilityFindings, type ConsoleTab, keepPicture } from './chromium.ts';
import { consoleInBrowser, TOKEN } from './console-in-browser.ts';
import { KINDS } from './every-kind.ts';
import { createFakeBackend, INCIDENTS } from './fake-backend.ts';
import { appearancesOf, VIEWS } from './views.ts';

const shown = consoleInBrowser();
const { open, openLink } = shown;
beforeEach(() => void shown.fake.bodies.set('kinds', JSON.stringify(KINDS)));

it.each(VIEWS)('%s is readable in light and dark, wide and narrow, and loads nothing from elsewhere', async (view, name, shows) => {
  const { page, errors, foreignRequests } = await open(view);
  for (const [colorScheme, width] of appearancesOf(name, FULL)) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await page.waitForSelector(shows, { state: 'visible' });
    await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
    if (FULL) await keepPicture(page, `${name}-${colorScheme}-${width}`);
    // The narrow page differs only in its layout; at night an incident is read on a telephone.
    if (width > 420 || view.startsWith('incidents')) expect(await accessibilityFindings(page)).toEqual([]);
    // Only elements that scroll by themselves are wider than the page.
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
  }
  expect([errors, foreignRequests]).toEqual([[], []]);
});

const widgetsOf = (name: string) => (JSON.parse(shown.fake.bodies.get(name) ?? '{}') as DashboardBody).widgets ?? [];

describe('a dashboard', () => {
  it('has the grid of its body', async () => {
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    const columns = await page.evaluate("[...document.querySelectorAll('.widget')].map((one) => one.style.gridColumn)");
    expect(columns).toEqual(widgetsOf('holdfast-sessions').map(({ x = 0, width = 6 }) => `${x + 1} / span ${width}`));
  });

  it('marks each chart without data, and draws no zero instead', async () => {
    shown.fake.isEmpty = true;
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    expect(await page.locator('.empty:visible').count()).toBe(6);
    expect(await page.locator('.numbers .value').allTextContents()).toEqual(['no data', 'no data', 'no data']);
  });

  it('has the latest values as a table for readers who do not see the chart', async () => {
    const { page } = await open('dashboards/holdfast-sessions');
    await page.click('section:has(h2:text-is("Active sessions")) summary');
    const cells = page.locator('section:has(h2:text-is("Active sessions")) tbody td');
    expect(await cells.first().textContent()).toBe('active sessions (estimate)');
  });

  it('shows the error in each widget whose data cannot be read', async () => {
    shown.fake.trouble = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    const { page } = await open('dashboards/holdfast-store');
    await page.waitForSelector('.failed');
    expect(await page.locator('.failed').first().textContent()).toMatch(/^NoAnswer: The cloud does not respond .*Check that it is running/);
  });

  it('shows an error and keeps its content when the console does not respond', async () => {
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    await page.route('**/api/**', (route) => route.abort());
    await page.click('[data-key=range-60]');
    await page.waitForSelector('#trouble:visible');
    expect(await page.textContent('#trouble')).toContain('NoAnswer: the console does not respond');
    expect(await page.locator('.widget').count()).toBe(widgetsOf('holdfast-sessions').length);
  });

  it('opens with the time range of its body', async () => {
    shown.fake.bodies.set('own', JSON.stringify({ ...KINDS, start: '-P2D' }));
    const { page } = await open('dashboards/own', { timezoneId: 'UTC' });
    await page.waitForSelector('[data-drawn]');
    expect(await page.getAttribute('.ranges [aria-pressed=true]', 'data-key')).toBe('range-2880');
  });

  it('loads the chosen time range, and stops loading in the background', async () => {
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    const request = page.waitForRequest((request) => request.url().includes('minutes=180'));
    await page.click('[data-key=range-180]');
    await request;
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
    await page.waitForSelector('#freshness:has-text("Paused")');
  });

  it('says that it is paused also when a load ends in the background', async () => {
    const { page } = await open('dashboards/holdfast-sessions');
    await page.waitForSelector('[data-drawn]');
    const { promise: held, resolve: answer } = Promise.withResolvers<void>();
    await page.route('**/api/**', async (route) => {
      await held;
      await route.continue();
    });
    const request = page.waitForRequest((request) => request.url().includes('minutes=180'));
    const response = page.waitForResponse((response) => response.url().includes('minutes=180'));
    await page.click('[data-key=range-180]');
    await request;
    await page.evaluate(`Object.defineProperty(document, 'hidden', { value: true, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'))`);
    answer();
    await (await response).finished();
    await page.waitForSelector('[data-drawn]');
    await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))');
    expect(await page.textContent('#freshness')).toContain('Paused');
  });
});

describe('an incident', () => {
  it('has every time in UTC, which is named, whatever the reader’s own time is', async () => {
    const { page } = await open('incidents/inc-0123456789ab', { timezoneId: 'Asia/Kolkata' });
    await page.waitForSelector('h2:text-is("Timeline (UTC)")');
    expect(await page.locator('.strip').textContent()).toContain('2026-11-22 03:12:25 UTC');
    expect(await page.textContent('#freshness')).toMatch(/^Live, updated \d\d:\d\d:\d\d, all times in UTC$/);
    await page.click('[data-key=events-summary]');
    expect(await page.locator('[data-key=event-rows] th').first().textContent()).toBe('Time (UTC)');
    expect(await page.locator('[data-key=event-rows]').textContent()).toContain('2026-11-22 03:12:05');
    await page.evaluate("location.hash = '#/incidents'");
    await page.waitForSelector('th:text-is("Opened (UTC)")');
    expect(await page.locator('[data-key=incidents]').textContent()).toContain('2026-11-22 03:12:25');
  });

  it('shows what shows the cause on request', async () => {
    const { page } = await open('incidents/inc-0123456789ab');
    const fact = page.locator('text=no session of the store was evicted');
    await fact.waitFor({ state: 'attached' });
    expect(await fact.isVisible()).toBe(false);
    await page.click('summary:text-is("What shows it")');
    expect(await fact.isVisible()).toBe(true);
  });

  it('leads to the heading of its alarm in the runbook', async () => {
    const { page } = await open('incidents/inc-0123456789ab');
    await page.click('[data-key=runbook-redirects]');
    await page.waitForSelector('text=the load balancer counts these too');
  });
});

it('an invalid address shows an error and leads nowhere else', async () => {
  const { page, errors } = await open('deploys/%2e%2e%2fcloud%');
  await page.waitForSelector('#trouble:visible');
  expect(await page.textContent('#trouble')).toContain('InvalidDeploy');
  expect(errors.filter((error) => !/400/.test(error))).toEqual([]);
});

it('a fleet without deploys and releases has a quiet line in place of each table', async () => {
  shown.fake = createFakeBackend();
  await (await open('deploys')).page.waitForSelector('p.quiet:has-text("No deploys yet.") + h2 + p.quiet:has-text("No releases yet.")');
});

it('a sweep shows its keys by size in readable units', async () => {
  const { page } = await open('store/sweeps/5eeb0002-dry');
  await page.waitForSelector('[data-key=sizes-as-table] tbody', { state: 'attached' });
  const rows = await page.locator('[data-key=sizes-as-table] tbody tr').all();
  const texts = await Promise.all(rows.map(async (row) => (await row.locator('td, th').allTextContents()).join(': ')));
  expect(texts).toEqual(['≤ 1 KiB: 1,120', '≤ 4 KiB: 76', '≤ 16 KiB: 8', '> 16 MiB: 0']);
});

describe('a custom widget', () => {
  const place = '.foreign';
  const textOf = (page: ConsoleTab['page']) => page.evaluate("document.querySelector('.foreign').shadowRoot.textContent");
  const drawn = async (payload: unknown): Promise<ConsoleTab> => {
    shown.fake.reply = () => ({ failed: false, payload });
    shown.fake.bodies.set('own', JSON.stringify({ widgets: [KINDS.widgets?.find(({ type }) => type === 'custom')] }));
    const opened = await open('dashboards/own');
    await opened.page.waitForSelector('[aria-busy=false]');
    return opened;
  };

  it.each([
    ['HTML', '<table><tr><td style="color:red">31 s</td></tr></table>', '31 s', 'td'],
    ['Markdown', { markdown: '# Head\n\n| a |\n|---|\n| 1 |' }, 'Head', 'table'],
    ['JSON', { a: { b: 1 } }, '"b": 1', 'pre'],
  ])('is shown as %s', async (_, payload, text, element) => {
    const { page, errors } = await drawn(payload);
    expect(await textOf(page)).toContain(text);
    expect(await page.locator(`${place} ${element}`).count()).toBeGreaterThan(0);
    expect(errors).toEqual([]);
  });

  it.each([
    [
      'what would run, load or send',
      {
        script: '<script>document.title = "evil"</script>',
        '[onerror]': '<img src="x" onerror="document.title = \'evil\'">',
        iframe: '<iframe src="/"></iframe>',
        use: '<svg><use href="/icon.svg#x"></use></svg>',
        form: '<form action="/api/sweeps"><button>x</button></form>',
        'a[href]': '<a href="javascript:document.title=\'evil\'">x</a>',
        set: '<svg><a><set attributeName="href" to="javascript:document.title=1"></set></a></svg>',
      },
    ],
    ['an action of CloudWatch', { 'cwdb-action': '<a class="btn">x</a><cwdb-action action="call">{"secret":1}</cwdb-action>' }],
  ])('is shown without %s', async (_, pieces) => {
    const { page, foreignRequests } = await drawn(`<p>before</p>${Object.values(pieces).join('<p>between</p>')}<p>after</p>`);
    expect(await textOf(page)).toMatch(/before.*after/s);
    for (const selector of Object.keys(pieces)) expect(await page.locator(`${place} ${selector}`).count(), selector).toBe(0);
    expect(await textOf(page)).not.toContain('secret');
    expect(await page.title()).not.toBe('evil');
    expect(foreignRequests).toEqual([]);
  });

  it('has styles of its own that reach nothing around it, and load nothing', async () => {
    const { page, errors, foreignRequests } = await drawn(
      '<style>p { color: rgb(1, 2, 3) } body, header, h1 { display: none } p { background: url(https://example.com/x.png) }</style><p>styled</p>',
    );
    const color = "getComputedStyle(document.querySelector('.foreign').shadowRoot.querySelector('p')).color";
    expect(await page.evaluate(color)).toBe('rgb(1, 2, 3)');
    expect(await page.locator('h1').isVisible()).toBe(true);
    // The page's policy stops the browser from loading it.
    expect(foreignRequests.length === 0 || errors.some((error) => error.includes('img-src'))).toBe(true);
  });

  it.each([
    ['a fixed host', '<style>:host{position:fixed;inset:0;z-index:9999;background:red}</style><p>x</p>'],
    ['an element of its own', '<div style="position:fixed;inset:0;z-index:9999;background:red">x</div>'],
    ['a popover', '<button popovertarget="a">x</button><div id="a" popover style="inset:0;width:100vw;height:100vh">x</div>'],
  ])('covers nothing of the page with %s', async (_, payload) => {
    const { page } = await drawn(payload);
    if (payload.includes('<button')) await page.click('.foreign button');
    const seen = `(() => { const { x, y, width, height } = document.querySelector('#where').getBoundingClientRect();
      return document.elementFromPoint(x + width / 2, y + height / 2).id })()`;
    expect(await page.evaluate(seen)).toBe('where');
    expect(await page.locator(`${place} [popover], ${place} [popovertarget]`).count()).toBe(0);
  });

  it('shows why its function failed', async () => {
    shown.fake.reply = () => ({ failed: true, payload: { errorType: 'AccessDenied', errorMessage: 'may not read the table' } });
    shown.fake.bodies.set('own', JSON.stringify({ widgets: [KINDS.widgets?.find(({ type }) => type === 'custom')] }));
    const { page } = await open('dashboards/own');
    await page.waitForSelector('.failed');
    expect(await page.textContent('.failed')).toMatch(/^WidgetFailed: the function .* failed with AccessDenied: may not read the table$/);
  });
});

describe.runIf(FULL)('the widget of the latest incidents', () => {
  it.each(['light', 'dark'] as const)('is readable on the dashboard of sessions: %s', async (colorScheme) => {
    shown.fake.reply = (event) => {
      const request = readEvent(event);
      if (request.kind !== 'rows') throw new Error('the dashboard did not ask for rows');
      return { failed: false, payload: renderIncidents(INCIDENTS.slice(0, request.rows), request.viewer, AT + 900_000).html };
    };
    const own = widgetsOf('holdfast-sessions').filter(({ properties }) => properties?.title === 'Latest incidents');
    shown.fake.bodies.set('own', JSON.stringify({ widgets: own }));
    const { page, errors } = await open('dashboards/own', { colorScheme });
    await page.waitForSelector('.foreign td');
    if (FULL) await keepPicture(page, `widget-incidents-${colorScheme}`);
    const text = await page.evaluate<string>("document.querySelector('.foreign').shadowRoot.textContent");
    for (const { incidentId } of INCIDENTS) expect(text).toContain(incidentId);
    expect([await accessibilityFindings(page), errors]).toEqual([[], []]);
  });
});

describe('by the keyboard alone', () => {
  /** Presses Tab until the focus is on `selector`. */
  async function tabTo({ page }: ConsoleTab, selector: string): Promise<void> {
    for (let presses = 0; presses < 60; presses += 1) {
      await page.keyboard.press('Tab');
      if (await page.evaluate(`document.activeElement?.matches(${JSON.stringify(selector)}) ?? false`)) {
        // The focus is visible.
        expect(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')).not.toBe('none');
        return;
      }
    }
    throw new Error(`${selector} cannot be reached by Tab`);
  }

  it('a dry run of a sweep is explained, then started', async () => {
    const opened = await open('store');
    await opened.page.waitForSelector('[data-key=sweep]');
    await tabTo(opened, '[data-key=sweep]');
    await opened.page.keyboard.press('Enter');
    expect(await opened.page.textContent('dialog[open] #dialog-explanation')).toBe('Does everything but the writes, and changes nothing.');
    await tabTo(opened, 'dialog button[type=submit]');
    await opened.page.keyboard.press('Enter');
    await opened.page.waitForURL(/#\/store\/sweeps\/started-1$/);
    expect(shown.fake.started.map(({ input }) => input)).toEqual([{ dryRun: true, requestedBy: 'local/ann' }]);
  });

  it('Escape closes a dialog, starts nothing, and returns the focus', async () => {
    const opened = await open('store');
    await opened.page.waitForSelector('[data-key=sweep]');
    await tabTo(opened, '[data-key=sweep]');
    await opened.page.keyboard.press('Enter');
    await opened.page.waitForSelector('dialog[open]');
    await opened.page.keyboard.press('Escape');
    await opened.page.waitForSelector('dialog', { state: 'detached' });
    expect(await opened.page.evaluate("document.activeElement?.getAttribute('data-key')")).toBe('sweep');
    expect(shown.fake.started).toEqual([]);
  });

  it('the first Tab skips the navigation', async () => {
    const { page } = await open('alarms');
    await page.waitForSelector('table');
    await page.evaluate('document.activeElement?.blur()');
    await page.locator('.skip').focus();
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement?.id')).toBe('main');
  });
});

describe('the buttons', () => {
  it('start a deploy of a published release, with the chosen behavior on failure', async () => {
    const { page } = await open('deploys');
    await page.click('[data-key=deploy]');
    await page.selectOption('select[name=version]', '1.1.0');
    await page.check('input[value=halt]');
    expect(await page.textContent('#dialog-explanation')).toMatch(/^Rolls 1\.1\.0 through fleet web: drains each server/);
    await page.click('dialog button[type=submit]');
    await page.waitForURL(/#\/deploys\/started-1$/);
    expect(shown.fake.started[0]?.input).toEqual({ version: '1.1.0', requestedBy: 'local/ann', onFailure: 'halt' });
    await page.waitForSelector('text=RUNNING, starting');
  });

  it('abort a running deploy, and resume a failed one', async () => {
    const { page } = await open('deploys/c0ffee12-running');
    await page.click('[data-key=abort]');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog', { state: 'detached' });
    expect(shown.fake.stopped).toEqual([expect.stringMatching(/:c0ffee12-running$/)]);
    await page.evaluate("location.hash = '#/deploys/7f00ba44-failure'");
    await page.click('[data-key=resume]');
    await page.click('dialog button[type=submit]');
    await page.waitForURL(/#\/deploys\/started-1$/);
    expect(shown.fake.started[0]?.input).toEqual({ version: '1.2.0', requestedBy: 'local/ann' });
  });

  it("show the command's error, and leave the dialog open", async () => {
    const { page } = await open('deploys/c0ffee12-running');
    await page.waitForSelector('[data-key=abort]');
    shown.fake.executions.set('c0ffee12-running', { status: 'SUCCEEDED' });
    await page.click('[data-key=abort]');
    await page.click('dialog button[type=submit]');
    await page.waitForSelector('dialog .failed:visible');
    expect(await page.textContent('dialog .failed')).toMatch(
      /^DeployEnded: Deploy c0ffee12-running of 1\.2\.0 has already ended with SUCCEEDED, .*Nothing was stopped\.$/,
    );
    expect(shown.fake.stopped).toEqual([]);
  });

  it('are absent where the caller may change nothing, which one sentence says; what is read is there', async () => {
    shown.fake.changes = 'denied';
    const { page } = await openLink(`${shown.url}#token=${TOKEN}`);
    for (const view of ['deploys', 'deploys/c0ffee12-running', 'store', 'incidents']) {
      await page.evaluate(`location.hash = '#/${view}'`);
      await page.waitForSelector('h1, h2');
      await page.waitForSelector('#freshness:has-text("Live")');
      expect(await page.locator('main button').allTextContents(), view).toEqual([]);
    }
    expect(await page.textContent('#notice')).toBe(
      'There are no buttons: the current credentials do not allow lambda:InvokeFunction of holdfast-web-deploy-dry-run, as the managed policy holdfast-web-operator does.',
    );
    expect(await page.isHidden('#trouble')).toBe(true);
  });

  it('are absent in a tab without the token, which shows nothing and says why', async () => {
    const { page } = await openLink(shown.url);
    await page.waitForSelector('#notice:has-text("This tab has no token")');
    expect(await page.locator('main *, nav *').allTextContents()).toEqual([expect.stringContaining('needs JavaScript')]);
    expect(shown.fake.invoked).toEqual([]);
  });

  it('name account, Region and installation in each dialog, as each page does', async () => {
    const { page } = await open('deploys');
    await page.click('[data-key=deploy]');
    const place = 'account 000000000000 (local), us-east-1, installation holdfast, fleet web';
    expect([await page.textContent('dialog h2 + p'), await page.textContent('#where')]).toEqual([place, place]);
  });

  it('work in a tab opened with the token, which does not stay in the address', async () => {
    const { page } = await openLink(`${shown.url}#token=${TOKEN}`);
    await page.evaluate("location.hash = '#/deploys'");
    expect(page.url()).not.toContain(TOKEN);
    expect(await page.evaluate('history.length')).toBeLessThanOrEqual(3);
    await page.waitForSelector('[data-key=deploy]:enabled');
  });
});
