/** The console in real Chromium: for its tests, and for the README's picture. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import axe, { type AxeResults, type RunOptions } from 'axe-core';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { ensureBrowser } from '../../setup/set-up.mjs';

/** For content that takes at most a second on an idle machine. */
const TIMEOUT_MS = 60_000;
/** A server takes some ten seconds for all its phases, and the first one waits for the preflight checks. */
const PHASE_TIMEOUT_MS = 60_000;

const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Screenshots that tests keep. */
const ARTEFACTS = path.resolve(import.meta.dirname, '../../.holdfast/artefacts/console');

/** @throws SetupError that says what to install */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureBrowser();
  // Chromium's sandbox does not work for root, the user of most containers. Only the console is opened.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

export interface ConsoleTab {
  readonly page: Page;
  /** Errors that were logged or thrown in the page. */
  readonly errors: string[];
  /** Requests to any server other than the console. */
  readonly foreignRequests: string[];
}

export interface TabOptions {
  readonly colorScheme?: 'light' | 'dark';
  /** In CSS pixels, as `height`. */
  readonly width?: number;
  readonly height?: number;
  /** Device pixels per CSS pixel. */
  readonly scale?: number;
  /** Time zone of the reader: `Asia/Kolkata`. @default the machine's */
  readonly timezoneId?: string;
  /** As if an earlier page of the tab had taken it from its link. @default that of the link */
  readonly token?: string;
}

/** Opens a tab and records what goes wrong in it. @param link of the console, with or without its token */
export async function openConsole(
  browser: Browser,
  link: string,
  { colorScheme = 'light', width = 1_280, height = 900, scale = 1, timezoneId, token }: TabOptions = {},
): Promise<ConsoleTab> {
  const context = await browser.newContext({
    colorScheme,
    viewport: { width, height },
    deviceScaleFactor: scale,
    reducedMotion: 'reduce',
    ...(timezoneId !== undefined && { timezoneId }),
  });
  if (token !== undefined)
    await context.addInitScript(`if (location.protocol === 'http:') sessionStorage.setItem('holdfast-token', ${JSON.stringify(token)})`);
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  const foreignRequests: string[] = [];
  const { origin } = new URL(link);
  page.on('console', (message) => {
    // A picture that is opened by itself names no icon, and the console's own page does.
    const isOfIcon = message.location().url.endsWith('/favicon.ico');
    if (message.type() === 'error' && !isOfIcon) errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') foreignRequests.push(request.url());
  });
  await page.goto(link);
  return { page, errors, foreignRequests };
}

/** The servers in the page of a deploy, in the order in which they are rolled. */
export const serverRows = (page: Page): Locator => page.locator('[data-key=servers] tbody tr');

/** Waits until a server is in `phase`, in the page's own words. */
export const untilServer = (page: Page, phase: string): Promise<void> =>
  serverRows(page).filter({ hasText: phase }).first().waitFor({ timeout: PHASE_TIMEOUT_MS });

/** Saves a screenshot of the whole page. @returns its path */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const file = path.join(ARTEFACTS, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true });
  return file;
}

/** What axe finds against WCAG 2.2 AA, one line per finding. */
export const accessibilityFindings = (page: Page): Promise<string[]> => findings(page, WCAG_22_AA);

/** Texts whose contrast axe measures as too low, one line each. */
export const contrastFindings = (page: Page): Promise<string[]> => findings(page, { type: 'rule', values: ['color-contrast'] });

async function findings(page: Page, runOnly: RunOptions['runOnly']): Promise<string[]> {
  // Not as a script element: the page's policy does not allow it. Half a megabyte, once for each page.
  if (await page.evaluate<boolean>("typeof axe === 'undefined'")) await page.evaluate(axe.source);
  const { violations } = await page.evaluate<AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(runOnly)} })`);
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html.slice(0, 160)} ${failureSummary?.slice(0, 300)}`),
  );
}
