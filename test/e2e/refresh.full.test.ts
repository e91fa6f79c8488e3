/** Auto Scaling's instance refresh replaces servers under traffic, alone and with a deploy; new user data reaches running servers so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { cdkFor, changedApp, keptConfig } from './cdk.ts';
import {
  cloud,
  currentVersion,
  groupInstances,
  publish,
  recordOf,
  runOn,
  startDeploy,
  suspendedProcesses,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { cancelRefresh, leaversWhilePaused, readRefresh, startRefresh, templateVersions, untilRefreshed } from './instance-refresh.ts';
import { underTraffic } from './under-traffic.ts';

const WEB_TIER = ['holdfast-web-web-tier'];

beforeAll(async () => {
  await untilHealthy(3);
});
// The scenarios that follow are of the app as it is.
afterAll(
  () =>
    cdkFor('unchanged', keptConfig())
      .deploy(WEB_TIER)
      .then(() => {}),
  300_000,
);

const idsOf = async () => (await groupInstances()).map(({ id }) => id);

describe('an instance refresh', { timeout: 300_000 }, () => {
  it('of a fleet whose servers match replaces none, and is successful at once', async () => {
    const before = await idsOf();
    expect(await untilRefreshed(await startRefresh({ SkipMatching: true }))).toMatchObject({ Status: 'Successful' });
    expect(await idsOf()).toEqual(before);
  });

  it('replaces a server by one that serves before it goes, and drains it: no request fails, no session is lost; cancelled, it leaves a whole fleet', async () => {
    const before = await idsOf();
    const { report } = await underTraffic({ users: 30 }, async () => {
      const started = await startRefresh();
      await until(async () => (await groupInstances()).some(({ state }) => state.startsWith('Terminating')), 'the first server leaves');
      await cancelRefresh();
      expect(await untilRefreshed(started)).toMatchObject({ Status: 'Cancelled' });
      await until(async () => (await groupInstances()).length === 3, 'the first server has gone');
    });
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    await untilHealthy(3);
    expect((await idsOf()).filter((id) => before.includes(id)).length).toBeLessThan(3);
  });
});

describe('changed user data', () => {
  it('reaches every server by a refresh that began during a deploy, without a lost session or a failed request', {
    timeout: 400_000,
  }, async () => {
    const before = await templateVersions();
    const line = 'chown holdfast:holdfast "$root/var"';
    const marker = 'echo refreshed >"$root/refreshed"';
    const app = changedApp('refreshed', { 'server/user-data/begin.sh': [line, `${line}\n${marker}`] });
    await cdkFor('refreshed', keptConfig(), app).deploy(WEB_TIER);
    expect(await templateVersions()).toEqual(before);

    await publish('12.1.0');
    const { report } = await underTraffic({ users: 50 }, async () => {
      const deploy = await startDeploy({ version: '12.1.0' });
      await until(
        async () => Object.values((await recordOf(deploy))?.targets ?? {}).some(({ phase }) => phase === 'draining'),
        'the first server is drained',
      );
      const started = await startRefresh({ SkipMatching: true });
      const { ended, leavers } = await leaversWhilePaused(untilEnded(deploy));
      expect(ended, ended.message).toMatchObject({ status: 'SUCCEEDED' });
      expect(leavers).toEqual([]);
      expect(await untilRefreshed(started)).toMatchObject({ Status: 'Successful' });
    });
    await untilHealthy(3);
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    const after = await templateVersions();
    expect(Object.keys(after).some((id) => id in before)).toBe(false);
    expect(new Set(Object.values(after).map(({ version }) => version)).size).toBe(1);
    expect(Object.values(await versions())).toEqual(['12.1.0', '12.1.0', '12.1.0']);
    const printed = await runOn(Object.keys(after), 'cat "$HOLDFAST_ROOT/refreshed"');
    expect(printed.map((text) => text.trim())).toEqual(['refreshed', 'refreshed', 'refreshed']);
  });
});

describe('a refresh', { timeout: 400_000 }, () => {
  it('is paused by a deploy that begins meanwhile, and then goes on: no request fails, and no session is lost', async () => {
    const before = await idsOf();
    await publish('12.0.0');
    const { result: refresh, report } = await underTraffic({ users: 30 }, async () => {
      const started = await startRefresh();
      await until(async () => (await groupInstances()).some(({ state }) => state.startsWith('Terminating')), 'the first server leaves');
      const deploy = await startDeploy({ version: '12.0.0' });
      const { ended, leavers } = await leaversWhilePaused(untilEnded(deploy));
      expect(ended, ended.message).toMatchObject({ status: 'SUCCEEDED' });
      expect(leavers).toEqual([]);
      expect(await readRefresh(started)).toMatchObject({ Status: 'InProgress' });
      return untilRefreshed(started);
    });
    expect(refresh).toMatchObject({ Status: 'Successful', InstancesToUpdate: 0 });
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    await untilHealthy(3);
    expect((await idsOf()).filter((id) => before.includes(id))).toEqual([]);
    expect(Object.values(await versions())).toEqual(['12.0.0', '12.0.0', '12.0.0']);
    expect((await (await cloud()).records.getLock('web'))?.deployId).toBeUndefined();
    expect(await suspendedProcesses()).toEqual([]);
  });
});

describe('a refresh that is cancelled', () => {
  it('leaves a whole fleet', { timeout: 300_000 }, async () => {
    const current = await currentVersion();
    const started = await startRefresh();
    await until(async () => (await groupInstances()).length > 3, 'the first new server is launched');
    await cancelRefresh();
    expect(await untilRefreshed(started)).toMatchObject({ Status: 'Cancelled' });
    await until(async () => (await groupInstances()).length === 3, 'the surplus server has gone');
    await untilHealthy(3);
    expect(Object.values(await versions())).toEqual([current, current, current]);
  });
});
