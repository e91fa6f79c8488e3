import { describe, expect, it } from 'vitest';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { REFRESH_EXECUTION } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli, spawnCli } from '../run-cli.ts';

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
});

const WHY = 'launch template version 1, and 2 is current';
const PLAN = {
  members: 3,
  current: { launchTemplate: 'lt-1 version 2', imageId: 'ami-2' },
  toReplace: [{ instanceId: 'i-1', why: WHY, launchTemplate: 'lt-1 version 1' }],
};
const succeed = (plan: object) => {
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(42_000), output: JSON.stringify(plan) });
};
const fail = (error: string, cause: string) => {
  cloud.describe = () => ({ status: 'FAILED', startDate: new Date(0), stopDate: new Date(42_000), error, cause });
};
const keep = (servers: Record<string, object>) =>
  cloud.items.set('FLEET#web|REFRESH', {
    pk: 'FLEET#web',
    sk: 'REFRESH',
    refreshId: 'r1',
    executionArn: REFRESH_EXECUTION,
    status: 'RUNNING',
    servers,
  });
const server = (phase: string, more: object = {}) => ({ phase, phaseStartedAtMs: 1, why: WHY, ...more });

describe('refresh', () => {
  it('prints each server and the end', async () => {
    succeed(PLAN);
    keep({ 'i-1': server('replaced', { replacement: { instanceId: 'i-4', launchTemplate: 'lt-1 version 2', imageId: 'ami-2' } }) });
    const { code, stdout } = await spawnCli(state.folder, ['refresh']);
    expect([code, stdout.split('\n')]).toEqual([
      0,
      [
        'account 000000000000 (local), us-east-1, fleet web',
        '  i-1  replaced by i-4 (lt-1 version 2, ami-2)',
        'replaced 1 of 3 servers in 42.0 s; current is lt-1 version 2, ami-2',
        '',
      ],
    ]);
    expect(JSON.parse(String(cloud.started[0]?.['input']))).toEqual({ requestedBy: 'local/ann' });
  });

  it('lists the outdated servers and why with --dry-run', async () => {
    succeed(PLAN);
    const { code, stdout } = await runCli(state.folder, ['refresh', '--dry-run']);
    expect([code, stdout.split('\n').slice(1)]).toEqual([
      0,
      ['would replace 1 of 3 servers; current is lt-1 version 2, ami-2', `  i-1  ${WHY}`, 'nothing was changed', ''],
    ]);
    expect(JSON.parse(String(cloud.started[0]?.['input']))).toMatchObject({ dryRun: true });
  });

  it('reports that no server is outdated', async () => {
    succeed({ ...PLAN, toReplace: [] });
    expect((await runCli(state.folder, ['refresh', '--all'])).stdout).toContain(
      'no server is outdated: all 3 were launched from lt-1 version 2, ami-2\n',
    );
    expect(JSON.parse(String(cloud.started[0]?.['input']))).toMatchObject({ all: true });
  });

  it('is one line of JSON with --json', async () => {
    succeed(PLAN);
    expect(onlyLine((await runCli(state.folder, ['refresh', '--json'])).stdout)).toEqual({
      ...PLACE,
      refresh: { status: 'SUCCEEDED', executionArn: REFRESH_EXECUTION, seconds: 42, dryRun: false, ...PLAN },
    });
  });

  it.each([
    ['DeployInProgress', 'deploy d1 of 2 by ann has held the lock of fleet web since then', {}, 7],
    ['LaunchesSuspended', 'the Auto Scaling process Launch is suspended', {}, 2],
    ['DrainTimedOut', 'i-1 was not idle', { 'i-1': server('kept'), 'i-2': server('waiting') }, 1],
    ['ReplacementFailed', 'its launch failed', { 'i-1': server('failed'), 'i-2': server('waiting') }, 6],
  ])('ends after %s with its exit code, and names what was not touched', async (error, cause, servers, exit) => {
    fail(error, cause);
    keep(servers);
    const { code, stdout } = await runCli(state.folder, ['refresh', '--json']);
    expect(code).toBe(exit);
    const untouched = 'i-2' in servers ? ' Not touched: i-2.' : '';
    const isRefused = Object.keys(servers).length === 0;
    const end = isRefused ? `was refused: ${cause}. Nothing was changed.` : `ended with FAILED: ${cause}.${untouched}`;
    expect(onlyLine(stdout)).toEqual({ error: { code: error, message: expect.stringContaining(`The refresh ${end}`) } });
  });

  it('explains that existing instances cannot be refreshed', async () => {
    const { code, stdout } = await runCli(state.folder, ['refresh', '--fleet', 'shop', '--json']);
    expect(code).toBe(2);
    expect(onlyLine(stdout)).toMatchObject({
      error: { code: 'NoRefresh', message: expect.stringContaining('Only servers of an Auto Scaling group can be refreshed') },
    });
  });
});

describe('refresh --abort', () => {
  const lock = (holder: object) =>
    cloud.items.set('FLEET#web|LOCK', { pk: 'FLEET#web', sk: 'LOCK', fencingToken: 2, deployId: 'r1', ...holder });

  it('stops the refresh that holds the lock', async () => {
    lock({ heldBy: 'refresh' });
    const { code, stdout } = await runCli(state.folder, ['refresh', '--abort']);
    expect([code, stdout]).toEqual([0, expect.stringContaining('stopped refresh r1')]);
    expect(cloud.stopped).toMatchObject([{ executionArn: REFRESH_EXECUTION, error: 'Aborted' }]);
  });

  it('never stops a deploy', async () => {
    lock({});
    const { code, stdout } = await runCli(state.folder, ['refresh', '--abort', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      2,
      { error: { code: 'NoRefreshRuns', message: 'No refresh of fleet web is running. Nothing was stopped.' } },
    ]);
    expect(cloud.stopped).toEqual([]);
  });
});

describe('status', () => {
  it('shows which servers are outdated, and a refresh that holds the lock', async () => {
    const servers = { checkedAtMs: 0, members: 3, current: { launchTemplate: 'lt-1 version 2' }, outdated: { 'i-1': WHY } };
    cloud.items.set('FLEET#web|SERVERS', { pk: 'FLEET#web', sk: 'SERVERS', ...servers });
    const lock = { fencingToken: 2, deployId: 'r1', heldBy: 'refresh', version: 'lt-1 version 2', requestedBy: 'ann' };
    cloud.items.set('FLEET#web|LOCK', { pk: 'FLEET#web', sk: 'LOCK', ...lock });
    const { stdout } = await runCli(state.folder, ['status']);
    expect(stdout).toContain(
      `outdated 1 of 3 servers, at 1970-01-01T00:00:00.000Z. Replace them with: npx --no holdfast refresh --fleet web\n  i-1  ${WHY}\nlock     held by refresh r1 to lt-1 version 2, requested by ann`,
    );
  });
});
