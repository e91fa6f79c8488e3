/**
 * `npm run picture`: makes the README's two pictures in docs/images, or in the folder that `-- FOLDER MINUTES` names, from the real pages: the console during a
 * deploy, and the web tier's dashboard after it. Starts a local cloud of its own, rolls a release after MINUTES (8) of traffic, and ends everything.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { type ConsoleTab, launchChromium, openConsole, serverRows, untilServer } from './console/chromium.ts';

// Its own state: a cloud that is running in this checkout is neither used nor stopped.
process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../.holdfast/picture');
const { DEFAULT_FLEET } = await import('../cli/cloud.ts');
const { DEFAULT_INSTALLATION, fleetDashboardName } = await import('../functions/shared/naming.ts');
const { consoleLink } = await import('../cli/cloud-state.ts');
const { deployUnderTraffic, isGreen } = await import('../lab/demo/deploy-under-traffic.ts');
const { listenForInterruption } = await import('../lab/demo/interruption.ts');
const { FIRST_VERSION, NEXT_VERSION, bringUp } = await import('../lab/demo/bring-up.ts');

const [folder = path.resolve(import.meta.dirname, '../docs/images'), minutes = '8', ...others] = process.argv.slice(2);
/** Two device pixels per CSS pixel keep the text sharp. The height ends below the last line. */
const SCREEN = { colorScheme: 'light', width: 1_120, height: 650, scale: 2 } as const;
/** Two rows of graphs, and the first alarms. */
const DASHBOARD_SCREEN = { ...SCREEN, height: 900 } as const;
const USERS = 200;
/** Of traffic before the deploy: by default half of what the dashboard's shortest range shows. */
const STEADY_MS = Number(minutes) * 60_000;
/** For the log-ins of all users, the traffic before the deploy, and its preflight checks. */
const START_TIMEOUT_MS = 90_000;
/** Phases of a server that has the release. */
const AT_WORK = /health gate|registering|baking/;

/** Opens the deploy when it starts, and takes the picture when one server is done and the next one has the release. */
async function pictureOfDeploy(browser: Browser, link: string): Promise<Buffer> {
  const { page, errors, foreignRequests } = await openConsole(browser, link, SCREEN);
  await page.evaluate("location.hash = '#/deploys'");
  // Until then, the latest deploy is the first one, which has ended.
  await page
    .locator('[data-key=latest]')
    .filter({ hasText: NEXT_VERSION })
    .click({ timeout: STEADY_MS + START_TIMEOUT_MS });
  await untilServer(page, 'done');
  // Each phase is seconds long: on a busy machine, the page can poll past one of them.
  await serverRows(page).nth(1).filter({ hasText: AT_WORK }).waitFor({ timeout: START_TIMEOUT_MS });
  return screenshotOf({ page, errors, foreignRequests });
}

async function pictureOfDashboard(browser: Browser, link: string): Promise<Buffer> {
  const tab = await openConsole(browser, link, DASHBOARD_SCREEN);
  await tab.page.evaluate(`location.hash = '#/dashboards/${fleetDashboardName(DEFAULT_INSTALLATION, DEFAULT_FLEET, 'web-tier')}'`);
  await tab.page.waitForSelector('[data-drawn]');
  return screenshotOf(tab);
}

async function screenshotOf({ page, errors, foreignRequests }: ConsoleTab): Promise<Buffer> {
  const png = await page.screenshot();
  if (errors.length + foreignRequests.length > 0) throw new Error(`the page has errors: ${[...errors, ...foreignRequests].join('; ')}`);
  return png;
}

async function makePictures(): Promise<void> {
  const log = (line: string) => process.stdout.write(`${line}\n`);
  const interruption = listenForInterruption(() => log('stopping everything'));
  const browser = await launchChromium();
  try {
    const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
      fleet: DEFAULT_FLEET,
      realTime: false,
      gatewayPort: 0,
      pagePort: 0,
      loadBalancerPort: 0,
      log,
      signal: interruption.signal,
    });
    try {
      await publish(NEXT_VERSION);
      const failure = new AbortController();
      const signal = AbortSignal.any([interruption.signal, daemon.lost, failure.signal]);
      const { state } = daemon;
      const meanwhile = () => sleep(STEADY_MS, undefined, { signal });
      const versions = { from: FIRST_VERSION, to: NEXT_VERSION };
      const [outcome, png] = await Promise.all([
        deployUnderTraffic({ cloud, loadBalancerUrl, caFile: state.caFile, users: USERS, ...versions, log, meanwhile, signal }),
        pictureOfDeploy(browser, consoleLink(state)).catch((error: Error) => {
          failure.abort(error);
          throw error;
        }),
      ]);
      if (!isGreen(outcome)) throw new Error('no picture was made: the deploy failed, a request failed or a session was lost');
      mkdirSync(folder, { recursive: true });
      writeFileSync(path.join(folder, 'console-deploy.png'), png);
      writeFileSync(path.join(folder, 'dashboard-web-tier.png'), await pictureOfDashboard(browser, consoleLink(state)));
      log(`the pictures in ${path.relative(process.cwd(), folder)} are made`);
    } finally {
      await daemon.stop();
    }
  } finally {
    await browser.close();
  }
}

if (others.length > 0 || folder.startsWith('-') || !(STEADY_MS >= 0)) {
  process.stderr.write('picture takes the name of a folder and a number of minutes at most; nothing was started\n');
  process.exit(2);
}
process.exit(
  await makePictures().then(
    () => 0,
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      return 1;
    },
  ),
);
