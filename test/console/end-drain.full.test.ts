/** The button that ends the wait for a server's sessions, in real Chromium. */
import { expect, it } from 'vitest';
import type { EndDrainReply } from '../../functions/deploy/end-drain/contract.ts';
import { accessibilityFindings, keepPicture } from './chromium.ts';
import { dialogInBrowser } from './console-in-browser.ts';

const DEPLOY = 'd4a10000-sticky';
const BUTTON = '[data-key=end-drain]';

const ENDED: EndDrainReply = {
  outcome: 'ended',
  instanceId: 'i-0a1',
  sessionsLeft: 3,
  requestedBy: 'arn:aws:iam::000000000000:user/local/ann',
};
const shown = dialogInBrowser(ENDED);

/** A deploy that waits for the sessions of its first server, or has gone on. */
async function createDeploy(phase: 'sessionDrain' | 'installing') {
  const nowMs = Date.now();
  const target = { order: 0, fromVersion: '1.0.0', startedAtMs: nowMs - 90_000 };
  const left = phase === 'sessionDrain' && { sessionsLeft: 3, sessionDrainEndsAtMs: nowMs + 600_000 };
  await shown.fake.records.createDeploy({
    deployId: DEPLOY,
    executionArn: `arn:aws:states:us-east-1:000000000000:execution:holdfast-web-deploy:${DEPLOY}`,
    ...{ fleet: 'web', from: '1.0.0', to: '1.1.0', requestedBy: 'local/ann', startedAtMs: nowMs - 120_000 },
    ...{ status: 'RUNNING', stage: 'rolling' },
    targets: {
      'i-0a1': { ...target, phase, phaseStartedAtMs: nowMs - 60_000, ...left },
      'i-0b2': { ...target, order: 1, phase: 'waiting', phaseStartedAtMs: nowMs - 90_000 },
    },
  });
  shown.fake.executions.set(DEPLOY, { status: 'RUNNING' });
}

it('names the server and its sessions, and ends the wait for that server alone', async () => {
  await createDeploy('sessionDrain');
  const { page, errors } = await shown.open(`deploys/${DEPLOY}`);
  await page.click(BUTTON);
  expect(await page.textContent('dialog')).toContain('End the wait for the sessions of i-0a1');
  expect(await page.textContent('#dialog-explanation')).toMatch(/Users who still have a session on this server lose it \(.*3 left/);
  expect(await accessibilityFindings(page)).toEqual([]);
  await keepPicture(page, 'end-drain');
  expect(shown.invocations, 'before a yes').toEqual([]);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog', { state: 'detached' });
  expect(shown.invocations.map(({ url }) => url)).toEqual([expect.stringContaining('holdfast-web-end-drain')]);
  expect(shown.invocations.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { deployId: DEPLOY, instanceId: 'i-0a1', requestedBy: 'local/ann' },
  ]);
  expect(errors).toEqual([]);
});

it('shows why the wait is not ended, and leaves the dialog open', async () => {
  await createDeploy('sessionDrain');
  const message = 'The deploy waits for i-0b2 by now. Nothing was changed.';
  shown.reply({ outcome: 'refused', error: 'NoSessionDrain', message } satisfies EndDrainReply);
  const { page } = await shown.open(`deploys/${DEPLOY}`);
  await page.click(BUTTON);
  await page.click('dialog button[type=submit]');
  await page.waitForSelector('dialog .failed:visible');
  expect(await page.textContent('dialog .failed')).toContain('NoSessionDrain: The deploy waits for i-0b2 by now. Nothing was changed.');
});

it('is not there while a deploy waits for no sessions', async () => {
  await createDeploy('installing');
  const { page } = await shown.open(`deploys/${DEPLOY}`);
  await page.waitForSelector('[data-key=abort]');
  expect(await page.locator(BUTTON).count()).toBe(0);
});
