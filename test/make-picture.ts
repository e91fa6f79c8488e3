/**
 * `npm run picture`: makes docs/images/console-deploy.png, the README's picture, from the real page, or the file that `-- FILE` names. Starts a local cloud of its
 * own, rolls a release under traffic, takes the picture during the deploy, and ends everything.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium, openConsole, serverRows, untilServer } from './console/chromium.ts';

// Its own state: a cloud that is running in this checkout is neither used nor stopped.
process.env['HOLDFAST_STATE_FOLDER'] = path.resolve(import.meta.dirname, '../.holdfast/picture');
const { DEFAULT_FLEET } = await import('../cli/cloud.ts');
const { consoleLink } = await import('../cli/cloud-state.ts');
const { deployUnderTraffic, isGreen } = await import('../lab/demo/deploy-under-traffic.ts');
const { listenForInterruption } = await import('../lab/demo/interruption.ts');
const { FIRST_VERSION, NEXT_VERSION, bringUp } = await import('../lab/demo/bring-up.ts');

const [picture = path.resolve(import.meta.dirname, '../docs/images/console-deploy.png'), ...others] = process.argv.slice(2);
/** Two device pixels per CSS pixel keep the text sharp. The height ends below the last line. */
const SCREEN = { colorScheme: 'light', width: 1_120, height: 650, scale: 2 } as const;
const USERS = 200;
/** For the log-ins of all users, the traffic before the deploy, and its preflight checks. */
const START_TIMEOUT_MS = 90_000;
/** Phases of a server that has the release. */
const AT_WORK = /health gate|registering|baking/;

/** Opens the deploy when it starts, and takes the picture when one server is done and the next one has the release. */
async function pictureOfDeploy(browser: Browser, link: string): Promise<Buffer> {
  const { page, errors, foreignRequests } = await openConsole(browser, link, SCREEN);
  await page.evaluate("location.hash = '#/deploys'");
  // Until then, the latest deploy is the first one, which has ended.
  await page.locator('[data-key=latest]').filter({ hasText: NEXT_VERSION }).click({ timeout: START_TIMEOUT_MS });
  await untilServer(page, 'done');
  // Each phase is seconds long: on a busy machine, the page can poll past one of them.
  await serverRows(page).nth(1).filter({ hasText: AT_WORK }).waitFor({ timeout: START_TIMEOUT_MS });
  const png = await page.screenshot();
  if (errors.length + foreignRequests.length > 0) throw new Error(`the page has errors: ${[...errors, ...foreignRequests].join('; ')}`);
  return png;
}

async function makePicture(): Promise<void> {
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
      const versions = { from: FIRST_VERSION, to: NEXT_VERSION };
      const [outcome, png] = await Promise.all([
        deployUnderTraffic({ cloud, loadBalancerUrl, caFile: state.caFile, users: USERS, ...versions, log, signal }),
        pictureOfDeploy(browser, consoleLink(state)).catch((error: Error) => {
          failure.abort(error);
          throw error;
        }),
      ]);
      if (!isGreen(outcome)) throw new Error('no picture was made: the deploy failed, a request failed or a session was lost');
      mkdirSync(path.dirname(picture), { recursive: true });
      writeFileSync(picture, png);
      log(`${path.relative(process.cwd(), picture)} is made`);
    } finally {
      await daemon.stop();
    }
  } finally {
    await browser.close();
  }
}

if (others.length > 0 || picture.startsWith('-')) {
  process.stderr.write('picture takes the name of one file at most; nothing was started\n');
  process.exit(2);
}
process.exit(
  await makePicture().then(
    () => 0,
    (error: Error) => {
      process.stderr.write(`${error.message}\n`);
      return 1;
    },
  ),
);
