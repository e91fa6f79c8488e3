/** Every view on a telephone, a tablet and a wide screen: nothing is cut off; on the telephone nothing that matters is beyond the edge, and every text has enough contrast. */
import { beforeEach, expect, it } from 'vitest';
import type { DeployRecord } from '../../functions/records/types.ts';
import { FULL } from '../e2e/full-run.ts';
import { contrastFindings } from './chromium.ts';
import { consoleInBrowser } from './console-in-browser.ts';
import { KINDS } from './every-kind.ts';
import { VIEWS } from './views.ts';

const shown = consoleInBrowser();
/** Words without a place to break, as long as releases and callers can be. */
const [LONG_VERSION, LONG_CALLER] = [
  `2026.11.29-${'f'.repeat(53)}`,
  'arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_AdministratorAccess_0123456789abcdef/a.rather.long.name@example.com',
];
const longer = (deploy: DeployRecord): DeployRecord => ({
  ...deploy,
  ...{ to: LONG_VERSION, requestedBy: LONG_CALLER },
  ...(deploy.error && { error: { ...deploy.error, Cause: `/opt/${'x'.repeat(300)} does not answer` } }),
});
beforeEach(() => {
  shown.fake.bodies.set('kinds', JSON.stringify(KINDS));
  const { latestDeploys, getDeploy } = shown.fake.records;
  Object.assign(shown.fake.records, {
    latestDeploys: async (...query: Parameters<typeof latestDeploys>) => (await latestDeploys(...query)).map(longer),
    getDeploy: async (...query: Parameters<typeof getDeploy>) => {
      const deploy = await getDeploy(...query);
      return deploy && longer(deploy);
    },
  });
});

/** States, links, buttons and cells of tables that are right of the page, or of what clips or scrolls them. */
const BEYOND = `[...document.querySelectorAll('a:not(.skip), button, .state, td, dd, h1, #attention *')].filter((one) => {
  if (!one.checkVisibility()) return false;
  const { left, right, width } = one.getBoundingClientRect();
  if (width === 0) return false;
  for (let up = one.parentElement; up; up = up.parentElement) {
    const clips = getComputedStyle(up).overflowX !== 'visible' || up === document.body;
    const edge = up.getBoundingClientRect();
    if (clips && (right > edge.right + 1 || left < edge.left - 1)) return true;
  }
  return right > innerWidth + 1 || left < -1;
}).map((one) => one.outerHTML.slice(0, 120))`;

/** The page, or what clips or scrolls its content without showing that it does. */
const CUT = `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(
  [...document.querySelectorAll('html, body *')].filter((one) => {
    // What only screen readers get is one pixel wide.
    if (!one.checkVisibility() || one.clientWidth <= 1 || one.scrollWidth <= one.clientWidth) return false;
    return one === document.documentElement || (getComputedStyle(one).overflowX !== 'visible' && !one.matches('.cut'));
  }).map((one) => one.outerHTML.slice(0, 120)),
))))`;
/** Texts that name a page of the documentation and do not lead to it. */
const UNLINKED = `[...document.querySelectorAll('main :not(a, pre, pre *)')]
  .filter((one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /docs\\/[a-z/-]+\\.md/.test(node.data)))
  .map((one) => one.textContent)`;
/** 320: a page at 400 % zoom (WCAG 1.4.10). */
const WIDTHS_PX = [320, 390, 768, 1_440] as const;

/** A full run looks at every view, in both. */
const COLORS = ['light', 'dark'] as const;
const colorsOf = (at: number) => (FULL ? COLORS : COLORS.filter((_, index) => index === at % 2));
const SHOWN = VIEWS.map(([view, , shows], at) => [view, shows, colorsOf(at)] as const).filter((_, at) => FULL || at % 3 === 0);

it.each(SHOWN)('%s cuts nothing off, and at 390 pixels shows all that matters, in light and in dark', async (view, shows, colors) => {
  const { page } = await shown.open(view);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForSelector(shows, { state: 'visible' });
  await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
  expect(await page.evaluate(BEYOND)).toEqual([]);
  expect((await page.locator('.head h1').textContent())?.split(' ').length, 'words of the heading').toBeLessThanOrEqual(8);
  expect(await page.evaluate(UNLINKED)).toEqual([]);
  await page.evaluate("window.errors = []; addEventListener('error', ({ message }) => window.errors.push(message))");
  for (const width of WIDTHS_PX) {
    await page.setViewportSize({ width, height: 844 });
    expect(await page.evaluate(CUT), `${width} pixels`).toEqual([]);
  }
  // A layout that changes what it is decided by is an error event of the browser.
  expect(await page.evaluate('window.errors')).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  for (const colorScheme of colors) {
    await page.emulateMedia({ colorScheme });
    expect(await contrastFindings(page), colorScheme).toEqual([]);
  }
});
