/** Auto Scaling's instance refresh replaces the fleet's servers under traffic, and waits while a deploy runs. */
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { cloud, groupInstances, publish, startDeploy, suspendedProcesses, untilEnded, untilHealthy, versions } from './fleet.ts';
import { leaversWhilePaused, readRefresh, startRefresh, untilRefreshed } from './instance-refresh.ts';
import { underTraffic } from './under-traffic.ts';

beforeAll(async () => {
  await untilHealthy(3);
});

const idsOf = async () => (await groupInstances()).map(({ id }) => id);

describe('an instance refresh', { timeout: 300_000 }, () => {
  it('of a fleet whose servers match replaces none, and is successful at once', async () => {
    const before = await idsOf();
    expect(await untilRefreshed(await startRefresh({ SkipMatching: true }))).toMatchObject({ Status: 'Successful' });
    expect(await idsOf()).toEqual(before);
  });

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
