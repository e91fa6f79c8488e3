/** The page of a deploy that waits to be continued, and its two buttons, in real Chromium. */
import { expect, it } from 'vitest';
import type { ContinueReply } from '../../functions/deploy/continue/contract.ts';
import { accessibilityFindings, type ConsoleTab, keepPicture } from './chromium.ts';
import { dialogInBrowser } from './console-in-browser.ts';
import { createPausedDeploy, PAUSED } from './paused-deploy.ts';

const [CONTINUE, ABORT] = ['[data-key=continue]', '[data-key=abort]'];
const continued = { requestedBy: 'arn:…/Operator', atMs: 60_000 };

const CONTINUED: ContinueReply = {
  outcome: 'continued',
  done: 1,
  servers: 3,
  requestedBy: 'local/ann',
};
const shown = dialogInBrowser(CONTINUED);
const asked = () => shown.invocations.map(({ body }) => JSON.parse(body) as unknown);

const open = async (more?: Parameters<typeof createPausedDeploy>[1]): Promise<ConsoleTab> => {
  await createPausedDeploy(shown.fake, more);
  return shown.open(`deploys/${PAUSED}`);
};
/** What the page has under a name above the table of servers. */
const factOf = ({ page }: ConsoleTab, name: string) => page.locator(`.panel dt:text-is("${name}") + dd`);

it('shows what it waits for, and until when', async () => {
  const tab = await open();
  await tab.page.waitForSelector(CONTINUE);
  expect(await factOf(tab, 'Decision').textContent()).toMatch(
    /^This deploy waits to be continued: 1 of 3 servers has the release \(i-0a1\)\. It rolls back in 2[67] min unless it is continued\.$/,
  );
  expect([await tab.page.textContent(CONTINUE), await tab.page.textContent(ABORT)]).toEqual(['Continue…', 'Reject…']);
  expect(await accessibilityFindings(tab.page)).toEqual([]);
  await keepPicture(tab.page, 'paused');
  expect(tab.errors).toEqual([]);
});

it('"Continue…" explains what follows, and has this deploy go on after a yes', async () => {
  const { page, errors } = await open();
  await page.click(CONTINUE);
  expect(await page.textContent('#dialog-title')).toBe('Continue the deploy of 1.1.0');
  expect(await page.textContent('#dialog-explanation')).toMatch(
    /^This deploy waits to be continued: 1 of 3 servers .* Continued, it brings the release to the other servers, and your name/,
  );
  expect(await accessibilityFindings(page)).toEqual([]);
  await keepPicture(page, 'paused-continue');
  expect(asked(), 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect(asked()).toEqual([{ deployId: PAUSED, requestedBy: 'local/ann' }]);
  expect([shown.fake.stopped, errors]).toEqual([[], []]);
});

it('"Reject…" stops this deploy, and continues nothing', async () => {
  const { page } = await open();
  await page.click(ABORT);
  expect(await page.textContent('#dialog-explanation')).toContain('returns every server that has or may have the new release');
  expect(shown.fake.stopped, 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect([shown.fake.stopped, asked()]).toEqual([[expect.stringMatching(new RegExp(`:${PAUSED}$`))], []]);
});

it('shows why it does not go on, and leaves the dialog open', async () => {
  shown.reply({
    outcome: 'refused',
    error: 'NotWaiting',
    message: 'It was continued by ann. Nothing was changed.',
  } satisfies ContinueReply);
  const { page } = await open();
  await page.click(CONTINUE);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .failed:visible');
  expect(await page.textContent('dialog .failed')).toBe('NotWaiting: It was continued by ann. Nothing was changed.');
});

it('once continued shows who has, and can be aborted', async () => {
  const tab = await open({ stage: 'rolling', pause: { after: 1, startedAtMs: 1, endsAtMs: 2, continued } });
  await tab.page.waitForSelector(ABORT);
  expect(await factOf(tab, 'Decision').textContent()).toBe('waited after 1 server; continued by arn:…/Operator at 1970-01-01 00:01:00 UTC');
  expect(await tab.page.textContent(ABORT)).toBe('Abort…');
  expect(await tab.page.locator(CONTINUE).count()).toBe(0);
});

it('while its clean-up runs has neither button', async () => {
  const tab = await open({ cleanUp: { executionArn: 'a', startedAtMs: 1, attempt: 1 } });
  await factOf(tab, 'Clean-up').waitFor();
  expect(await tab.page.locator(`${CONTINUE}, ${ABORT}`).count()).toBe(0);
});
