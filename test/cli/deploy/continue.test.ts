import { expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

const HOUR_MS = 3_600_000;
const TARGET = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };
const record = (more: object = {}) =>
  deployRecord({
    status: 'RUNNING',
    stage: 'paused',
    pauseAfter: 1,
    pause: { after: 1, startedAtMs: 1, endsAtMs: Date.now() + HOUR_MS },
    targets: { 'i-1': { ...TARGET, phase: 'done', executionName: 'e' }, 'i-2': { ...TARGET, phase: 'waiting' } },
    ...more,
  });

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  cloud.items.set('FLEET#web|DEPLOY#d1', record());
  cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
});

/** What the fleet's function answers. */
const answers = (reply: object) => cloud.objects.set('functions/holdfast-web-deploy-continue%3Alive/invocations', JSON.stringify(reply));

it('"deploys continue" lets a deploy go on that waits', async () => {
  answers({ outcome: 'continued', done: 1, servers: 2, requestedBy: 'arn:…/Operator' });
  const { code, stdout } = await runCli(state.folder, ['deploys', 'continue', 'd1', '--json']);
  const deploy = { deployId: 'd1', to: '1.1.0', outcome: 'continued', done: 1, servers: 2, requestedBy: 'arn:…/Operator' };
  expect([code, onlyLine(stdout)]).toEqual([0, { ...PLACE, deploy }]);
});

it.each<[string, string, () => void, string]>([
  ['an unknown deploy', 'none', () => {}, 'Fleet web has no deploy none.'],
  [
    'one that does not wait',
    'd1',
    () => cloud.items.set('FLEET#web|DEPLOY#d1', record({ status: 'FAILED' })),
    'Deploy d1 of 1.1.0 has already ended with FAILED. Nothing was changed.',
  ],
  [
    'one that was stopped a moment ago',
    'd1',
    () => {
      cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1_000) });
    },
    'was stopped, and its clean-up starts now, or within minutes.',
  ],
  [
    'what the function refuses',
    'd1',
    () => answers({ outcome: 'refused', error: 'NotWaiting', message: 'It has failed. Nothing was changed.' }),
    'It has failed. Nothing was changed.',
  ],
])('"deploys continue" refuses %s, and exits with 2', async (_what, id, given, message) => {
  given();
  const { code, stderr } = await runCli(state.folder, ['deploys', 'continue', id]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});

it('"deploy" refuses to stop after no server, and starts nothing', async () => {
  const { code, stderr } = await runCli(state.folder, ['deploy', '1.1.0', '--pause-after=0']);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--pause-after')]);
  expect(cloud.started).toEqual([]);
});
