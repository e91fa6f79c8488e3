/** Real Chromium for tests of the console. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ensureBrowser } from '../../setup/set-up.mjs';

/** Of what a page should show within a second, on a machine with other work. */
const TIMEOUT_MS = 15_000;

/** Where pictures are kept after the tests. */
const ARTEFACTS = path.resolve(import.meta.dirname, '../../.holdfast/artefacts/console');

/** @throws SetupError that says what to install */
export async function launchChromium(): Promise<Browser> {
  const executablePath = await ensureBrowser();
  // Root, as which containers run, has no sandbox of its own; what is opened is the console alone.
  return chromium.launch({ executablePath, chromiumSandbox: process.getuid?.() !== 0 });
}

export interface Watched {
  readonly page: Page;
  /** What the browser's console said as an error, and what was thrown in the page. */
  readonly errors: readonly string[];
  /** Requests to other than the console itself. */
  readonly strangers: readonly string[];
}

export interface Looks {
  readonly colorScheme?: 'light' | 'dark';
  readonly width?: number;
}

/** A tab that notes what goes wrong in it. @param link of the console, with or without its token */
export async function openConsole(browser: Browser, link: string, { colorScheme = 'light', width = 1_280 }: Looks = {}): Promise<Watched> {
  const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT_MS);
  const errors: string[] = [];
  const strangers: string[] = [];
  const { origin } = new URL(link);
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.origin !== origin && url.protocol !== 'data:') strangers.push(request.url());
  });
  await page.goto(link);
  return { page, errors, strangers };
}

/** Keeps a picture of the whole page; its path. */
export async function keepPicture(page: Page, name: string): Promise<string> {
  mkdirSync(ARTEFACTS, { recursive: true });
  const file = path.join(ARTEFACTS, `${name}.png`);
  await page.screenshot({ path: file, fullPage: true });
  return file;
}
