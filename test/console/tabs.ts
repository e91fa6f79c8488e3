/** The tabs of the console's tests: one that most of them have, one after the other, and those with options or a link of their own. */
import type { Browser } from 'playwright-core';
import { type ConsoleTab, openConsole, type TabOptions } from './chromium.ts';

export interface Tabs {
  /** A view, loaded anew. Another tab is another process of the browser, so it is the same one unless there are options. */
  open(view: string, options?: TabOptions): Promise<ConsoleTab>;
  /** In a tab of its own, without a token but the link's. */
  openLink(link: string): Promise<ConsoleTab>;
  /** After each test. */
  leave(): Promise<void>;
}

/** @param url of the console */
export async function openTabs(browser: Browser, url: string, token: string): Promise<Tabs> {
  // Of the console's origin, and loads nothing.
  const quietLink = `${url}icon.svg`;
  const shared = await openConsole(browser, quietLink, { token });
  let own: ConsoleTab | undefined;
  return {
    async open(view, options) {
      const link = `${url}#/${view}`;
      if (options) {
        own = await openConsole(browser, link, { token, ...options });
        return own;
      }
      for (const seen of [shared.errors, shared.foreignRequests]) seen.length = 0;
      await shared.page.emulateMedia({ colorScheme: 'light' });
      await shared.page.setViewportSize({ width: 1_280, height: 900 });
      await shared.page.goto(link);
      return shared;
    },
    async openLink(link) {
      own = await openConsole(browser, link);
      return own;
    },
    async leave() {
      await own?.page.context().close();
      own = undefined;
      await shared.page.unrouteAll();
      // A page that went on would load from the cloud of the next test.
      await shared.page.goto(quietLink);
    },
  };
}
