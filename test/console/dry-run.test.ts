/** The button of the dialog that starts a deploy, in real Chromium. */
import { expect, it } from 'vitest';
import type { DryRunReport } from '../../functions/deploy/dry-run/contract.ts';
import { FULL } from '../e2e/full-run.ts';
import { accessibilityFindings, keepPicture } from './chromium.ts';
import { dialogInBrowser } from './console-in-browser.ts';

const REPORT: DryRunReport = {
  ...{ fleet: 'web', version: '1.1.0', from: '1.0.0', refused: true, atATime: 3, unchanged: [], suspendsAutoScaling: true },
  refusals: [{ check: 'agents', error: 'AgentOffline', message: 'the Systems Manager agent on i-2 is not online' }],
  unchecked: [{ check: 'release', why: 'whether it starts: only its first server shows that' }],
  warnings: [],
  servers: [
    {
      ...{ instanceId: 'i-1', zone: 'eu-west-1a', version: '1.0.0', health: 'healthy', drain: 'counts' },
      ...{ waitsForSessions: true, sessions: 4, startsAfterSeconds: 0, togetherWith: [] },
    },
    {
      ...{ instanceId: 'i-2', zone: 'eu-west-1b', version: '1.0.0', health: 'healthy', drain: 'kernel' },
      ...{ waitsForSessions: false, startsAfterSeconds: 40, togetherWith: ['i-3', 'i-4'] },
    },
    {
      ...{ instanceId: 'i-3', zone: 'eu-west-1b', version: '1.0.0', health: 'healthy', drain: 'kernel' },
      ...{ waitsForSessions: false, togetherWith: ['i-2'] },
    },
  ],
  expected: { deployId: 'd1', seconds: 95, suspendedSeconds: 80, phases: { draining: 12 } },
  worst: { seconds: 4_550, suspendedSeconds: 4_370 },
};

const shown = dialogInBrowser(REPORT);

async function openDialog() {
  const tab = await shown.open('deploys');
  await tab.page.click('button:has-text("Deploy a release")');
  await tab.page.check('input[value=halt]');
  await tab.page.click('dialog button:text-is("Dry run")');
  return tab;
}

it('shows what the deploy would do and what refuses it, and starts nothing', async () => {
  const { page, errors } = await openDialog();
  await page.waitForSelector('.dry-run');
  const text = await page.textContent('.dry-run');
  for (const words of [
    'would be refused',
    'AgentOffline: the Systems Manager agent on i-2 is not online',
    'eu-west-1a',
    'sessions (4 now), then requests in flight',
    '1 m 35 s, by deploy d1',
    'about 1 m 20 s, at most 1 h 13 m',
    'release: whether it starts',
  ])
    expect(text).toContain(words);
  const rows = await page.locator('[data-key=dry-run-servers] tr').all();
  const cells = await Promise.all(rows.map((row) => row.locator('th, td').allTextContents()));
  expect(cells.map((row) => row[4])).toEqual(['Out of service', 'after 0.0 s, alone', 'after 40.0 s, with i-3, i-4', 'with i-2']);
  expect(shown.invocations).toHaveLength(1);
  expect(shown.invocations[0]?.url).toContain('holdfast-web-deploy-dry-run');
  expect(shown.invocations[0]?.body, 'as the deploy would be started').toContain('"onFailure":"halt"');
  expect(shown.fake.started).toEqual([]);
  expect(await accessibilityFindings(page)).toEqual([]);
  if (FULL || process.env['KEEP_PICTURES']) await keepPicture(page, 'dry-run');
  await page.locator('dialog select').selectOption({ index: 1 });
  expect(await page.locator('.dry-run').count(), 'of another release').toBe(0);
  expect(errors).toEqual([]);
});

it('shows why it could not be asked', async () => {
  shown.reply({ message: 'no such function', Type: 'User' }, 404, { 'x-amzn-errortype': 'ResourceNotFoundException' });
  const { page } = await openDialog();
  await page.waitForSelector('dialog [role=alert]:visible');
  expect(await page.textContent('dialog [role=alert]')).toContain('There is no function holdfast-web-deploy-dry-run:live');
});
