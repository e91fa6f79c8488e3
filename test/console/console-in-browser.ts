/** What tests of one dialog of the console share: real Chromium, a cloud in memory, and the function that the dialog's button invokes. */
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { type Console, startConsole } from '../../console/server.ts';
import { launchChromium } from './chromium.ts';
import { createFakeBackend, type FakeBackend, furnish } from './fake-backend.ts';
import { type FakeFunction, startFakeFunction } from './fake-function.ts';
import { CLOUD } from './shown-cloud.ts';
import { openTabs, type Tabs } from './tabs.ts';

const TOKEN = 'a-token';

interface Invocation {
  readonly url: string | undefined;
  readonly body: string;
}

export interface ConsoleInBrowser {
  /** A new one for each test. */
  readonly fake: FakeBackend;
  /** What the function was invoked with in this test. */
  readonly invocations: readonly Invocation[];
  open: Tabs['open'];
  /** What the function replies to each invocation of this test. */
  reply(body: object, status?: number, headers?: Readonly<Record<string, string>>): void;
}

/** Registers the hooks that start and end it all. @param firstReply what the function replies where a test says nothing else */
export function consoleInBrowser(firstReply: object): ConsoleInBrowser {
  let browser: Browser;
  let fake: FakeBackend;
  let served: Console;
  let tabs: Tabs;
  let lambda: FakeFunction;
  const invocations: Invocation[] = [];
  let reply: { readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: object };

  beforeAll(async () => {
    lambda = startFakeFunction((invocation, response) => {
      invocations.push(invocation);
      response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(JSON.stringify(reply.body));
    });
    browser = await launchChromium();
    served = await startConsole({ port: 0, token: TOKEN, backend: async () => fake, describeCloud: () => CLOUD });
    tabs = await openTabs(browser, served.url, TOKEN);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
    lambda?.close();
  });
  afterEach(() => tabs.leave());
  beforeEach(async () => {
    invocations.length = 0;
    reply = { status: 200, headers: {}, body: firstReply };
    fake = createFakeBackend();
    await furnish(fake);
    await lambda.serve(fake);
  });
  return {
    get fake() {
      return fake;
    },
    invocations,
    open: (view, options) => tabs.open(view, options),
    reply(body, status = 200, headers = {}) {
      reply = { status, headers, body };
    },
  };
}
