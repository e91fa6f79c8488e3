/** A job that follows a deploy which waits to be continued: what its log has. */
import { beforeEach, describe, expect, it } from 'vitest';
import { pausesView } from '../../../cli/deploy/progress-view.ts';
import type { DeployRecord } from '../../../functions/records/types.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { EXECUTION, keepReleases } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli } from '../run-cli.ts';
import { deployRecord } from './deploy-record.ts';

const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };
const PAUSE = { after: 1, startedAtMs: 0, endsAtMs: 1_800_000 };
const PAUSED: DeployRecord = deployRecord({
  ...{ status: 'RUNNING', stage: 'paused', pauseAfter: 1, pause: PAUSE },
  targets: { 'i-1': { ...target, phase: 'done', executionName: 'e' }, 'i-2': { ...target, order: 1, phase: 'waiting' } },
});
const WAITS = 'waits to be continued: 1 of 2 servers has the release (i-1); until 1970-01-01T00:30:00.000Z, then it rolls back';
const COMMANDS = [
  expect.stringMatching(/^ *continue it with: \.\/holdfast deploys continue d1 --fleet web$/),
  expect.stringMatching(/^ *reject it with: \.\/holdfast deploys abort d1 --fleet web$/),
];

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});
beforeEach(() => {
  let polls = 0;
  keepReleases(cloud, ['1.1.0']);
  cloud.items.set('FLEET#web|DEPLOY#d1', { pk: 'FLEET#web', sk: 'DEPLOY#d1', ...PAUSED });
  // It waits at the first two polls.
  cloud.describe = () => {
    polls += 1;
    if (polls < 3) return { status: 'RUNNING', startDate: new Date(0) };
    cloud.items.set('FLEET#web|DEPLOY#d1', { pk: 'FLEET#web', sk: 'DEPLOY#d1', ...PAUSED, status: 'SUCCEEDED' });
    return { status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(12_300) };
  };
});
const linesOf = (text: string) => text.split('\n').slice(0, -1);

describe('deploy --pause-after', () => {
  it('with --json prints once on standard error what it waits for, and on standard output only the result', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', '1.1.0', '--pause-after=1', '--json']);
    expect(linesOf(stderr)).toEqual([`deploy d1 ${WAITS}`, ...COMMANDS]);
    expect([code, onlyLine(stdout)]).toEqual([
      0,
      { ...PLACE, deploy: expect.objectContaining({ status: 'SUCCEEDED', executionArn: EXECUTION }) },
    ]);
  });

  it('without --json prints it once on standard output, and nothing on standard error', async () => {
    const { code, stdout, stderr } = await runCli(state.folder, ['deploy', '1.1.0', '--pause-after=1']);
    const from = linesOf(stdout).indexOf(`  ${WAITS}`);
    expect(linesOf(stdout).slice(from, from + 3)).toEqual([`  ${WAITS}`, ...COMMANDS]);
    expect(stdout.split(WAITS)).toHaveLength(2);
    expect([code, stderr]).toEqual([0, '']);
  });
});

it('each wait is printed once, also while its words change, and nothing else is', () => {
  const printed: string[] = [];
  const view = pausesView((line) => printed.push(line));
  const show = (more: object) => view.show({ ...PAUSED, ...more }, 1);
  show({ pause: undefined, stage: 'rolling', warnings: ['A server is drained blind.'] });
  show({});
  show({ targets: { ...PAUSED.targets, 'i-3': { ...target, order: 2, phase: 'waiting' } } });
  show({ pause: { ...PAUSE, continued: { requestedBy: 'ann', atMs: 2 } } });
  expect(printed).toEqual([`deploy d1 ${WAITS}`, ...COMMANDS]);
  show({ pause: { ...PAUSE, startedAtMs: 60_000 } });
  expect(printed).toHaveLength(6);
});
