/** Every view on a telephone, in light and in dark: nothing that matters is beyond the edge, and every text has enough contrast. */
import { beforeEach, expect, it } from 'vitest';
import { FULL } from '../e2e/full-run.ts';
import { contrastFindings } from './chromium.ts';
import { consoleInBrowser } from './console-in-browser.ts';
import { KINDS } from './every-kind.ts';
import { VIEWS } from './views.ts';

const shown = consoleInBrowser();
beforeEach(() => void shown.fake.bodies.set('kinds', JSON.stringify(KINDS)));

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

/** A full run looks at every view, in both. */
const COLORS = ['light', 'dark'] as const;
const colorsOf = (at: number) => (FULL ? COLORS : COLORS.filter((_, index) => index === at % 2));
const SHOWN = VIEWS.map(([view, , shows], at) => [view, shows, colorsOf(at)] as const).filter((_, at) => FULL || at % 3 === 0);

it.each(SHOWN)('%s at 390 pixels shows all that matters, and its texts can be read in light and in dark', async (view, shows, colors) => {
  const { page } = await shown.open(view);
  await page.setViewportSize({ width: 390, height: 844 });
  await page.waitForSelector(shows, { state: 'visible' });
  await page.waitForSelector('[aria-busy=true]', { state: 'detached' });
  expect(await page.evaluate(BEYOND)).toEqual([]);
  for (const colorScheme of colors) {
    await page.emulateMedia({ colorScheme });
    expect(await contrastFindings(page), colorScheme).toEqual([]);
  }
});
