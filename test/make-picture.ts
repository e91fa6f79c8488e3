/**
 * `npm run picture`: one `npm start -- --once` writes what README shows of it: its last lines, and the console in the middle of its deploy
 * (docs/images/console-deploy.png).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium, openConsole, serverRows, untilServer } from './console/chromium.ts';
import { REPOSITORY, runNode } from './run-node.ts';
import { until } from './until.ts';

// Its own state: a cloud that is running in this checkout is neither used nor stopped.
process.env['HOLDFAST_STATE_FOLDER'] = path.join(REPOSITORY, '.holdfast/picture');
const { consoleLink, readCloudState } = await import('../cli/cloud-state.ts');
const { NEXT_VERSION } = await import('../lab/demo/bring-up.ts');

const PICTURE = path.join(REPOSITORY, 'docs/images/console-deploy.png');
const README = path.join(REPOSITORY, 'README.md');
/** What `npm start` prints at its end. */
const SUMMARY = /^deploy +\d.*?peak memory \d+ MB$/ms;
/** Two device pixels per CSS pixel keep the text sharp. The height ends below the last line. */
const SCREEN = { colorScheme: 'light', width: 1_120, height: 650, scale: 2 } as const;
/** Of the stacks' first deployment on a busy machine, and of the first deploy. */
const START_TIMEOUT_MS = 600_000;
/** Phases of a server that has the release. */
const AT_WORK = /checking readiness|registering|baking/;

/** Opens the deploy when it starts, and takes the picture when one server is done and the next one has the release. */
async function takePicture(browser: Browser): Promise<Buffer> {
  const withStacks = async () => {
    const state = await readCloudState();
    return state?.loadBalancerUrl === undefined ? undefined : state;
  };
  const state = await until(withStacks, 'the stacks are deployed', START_TIMEOUT_MS);
  const { page, errors, foreignRequests } = await openConsole(browser, consoleLink(state), SCREEN);
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
  const browser = await launchChromium();
  try {
    let printed = '';
    const onResult = (text: string) => {
      printed += text;
      process.stdout.write(text);
    };
    const run = runNode(['lab/demo/start.ts', '--once'], { output: 'result', onResult });
    const [code, png] = await Promise.all([run, takePicture(browser)]);
    const [summary] = SUMMARY.exec(printed) ?? [];
    if (code !== 0 || summary === undefined)
      throw new Error('nothing was written: the deploy failed, a request failed or a session was lost');
    writeFileSync(PICTURE, png);
    writeFileSync(
      README,
      readFileSync(README, 'utf8').replace(SUMMARY, () => summary),
    );
    process.stdout.write('README.md and docs/images/console-deploy.png are of this run\n');
  } finally {
    await browser.close();
  }
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
