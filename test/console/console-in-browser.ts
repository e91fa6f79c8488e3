/** What tests of the console in real Chromium share: a cloud in memory, and tabs of a browser. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import { launchChromium } from './chromium.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction } from './fake-function.ts';
import { LOCAL } from './shown-cloud.ts';
import { openTabs, type Tabs } from './tabs.ts';

export const TOKEN = 'a-token';

export interface ConsoleInBrowser {
  /** A new one for each test, with deploys and releases. */
  fake: FakeBackend;
  /** The console's address. */
  readonly url: string;
  open: Tabs['open'];
  openLink: Tabs['openLink'];
}

/** Registers the hooks that start and end it all. */
export function consoleInBrowser(): ConsoleInBrowser {
  let browser: Browser;
  let served: Console;
  let tabs: Tabs;
  const shown = {
    fake: createFakeBackend(),
    get url() {
      return served.url;
    },
    open: (...given: Parameters<Tabs['open']>) => tabs.open(...given),
    openLink: (link: string) => tabs.openLink(link),
  };
  beforeAll(async () => {
    browser = await launchChromium();
    served = await startConsole({ port: 0, token: TOKEN, backend: async () => shown.fake, more: LOCAL });
    tabs = await openTabs(browser, served.url, TOKEN);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  beforeEach(async () => {
    shown.fake = createFakeBackend();
    await furnish(shown.fake);
  });
  afterEach(() => tabs.leave());
  return shown;
}

interface Invocation {
  readonly url: string | undefined;
  readonly body: string;
}

export interface DialogInBrowser extends ConsoleInBrowser {
  /** What the function was invoked with in this test. */
  readonly invocations: readonly Invocation[];
  /** What the function replies to each invocation of this test. */
  reply(body: object, status?: number, headers?: Readonly<Record<string, string>>): void;
}

/** With the function that a dialog's button invokes. @param firstReply what it replies where a test says nothing else */
export function dialogInBrowser(firstReply: object): DialogInBrowser {
  const shown = consoleInBrowser();
  const invocations: Invocation[] = [];
  let lambda: FakeFunction;
  let reply: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object };
  beforeAll(() => {
    lambda = startFakeFunction((invocation, response) => {
      invocations.push(invocation);
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(JSON.stringify(reply.body));
    });
  });
  afterAll(() => lambda?.close());
  beforeEach(async () => {
    invocations.length = 0;
    reply = { status: 200, headers: {}, body: firstReply };
    await lambda.serve(shown.fake);
  });
  return Object.assign(shown, {
    invocations,
    reply(body: object, status = 200, headers: Readonly<Record<string, string>> = {}) {
      reply = { status, headers, body };
    },
  });
}
