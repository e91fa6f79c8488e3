/** The tabs of the console's tests: one that most of them have, one after the other, and those with options or a link of their own. */
import type { Browser } from 'playwright-core';
import { type ConsoleTab, openConsole, type TabOptions } from './chromium.ts';

export interface Tabs {
  /**
   * A view, made anew: by its address in the page that the tests before have loaded. Another page has to compile the console's code
   * again, and another tab is another process of the browser, so that it is the same one unless there are options of a tab.
   */
  open(view: string, options?: TabOptions): Promise<ConsoleTab>;
  /** In a tab of its own, without a token but the link's. */
  openLink(link: string): Promise<ConsoleTab>;
  /** After each test. */
  leave(): Promise<void>;
}

/** It asks the cloud of no test, so that nothing is on its way when that is replaced. */
const QUIET_VIEW = 'runbook/deploy-failed';
/** A test has left what the next one would see. */
const IS_SPOILED = "document.hidden || document.querySelector('dialog') !== null || document.getElementById('main') === null";
/** The console's own listener comes first. */
const showView = (view: string): string => `new Promise((done) => {
  const hash = ${JSON.stringify(`#/${view}`)};
  if (location.hash === hash) return done();
  addEventListener('hashchange', () => done(), { once: true });
  location.hash = hash;
})`;

/** @param url of the console */
export async function openTabs(browser: Browser, url: string, token: string): Promise<Tabs> {
  // A page of the console's origin that loads nothing else.
  const quietLink = `${url}icon.svg`;
  const shared = await openConsole(browser, quietLink, { token });
  const { page } = shared;
  let isLoaded = false;
  let own: ConsoleTab | undefined;
  return {
    async open(view, { colorScheme = 'light', ...options } = {}) {
      const link = `${url}#/${view}`;
      if (Object.keys(options).length > 0) {
        own = await openConsole(browser, link, { token, colorScheme, ...options });
        return own;
      }
      for (const seen of [shared.errors, shared.foreignRequests]) seen.length = 0;
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width: 1_280, height: 900 });
      await (isLoaded ? page.evaluate(showView(view)) : page.goto(link));
      isLoaded = true;
      return shared;
    },
    async openLink(link) {
      own = await openConsole(browser, link);
      return own;
    },
    async leave() {
      await own?.page.context().close();
      own = undefined;
      await page.unrouteAll();
      isLoaded &&= !(await page.evaluate<boolean>(IS_SPOILED));
      if (!isLoaded) {
        await page.goto(quietLink);
        return;
      }
      await page.evaluate(showView(QUIET_VIEW));
      await page.waitForSelector('text=What Holdfast does.');
      await page.waitForSelector('#trouble', { state: 'hidden' });
    },
  };
}
