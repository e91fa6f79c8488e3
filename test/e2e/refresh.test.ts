/** Auto Scaling's instance refresh replaces a server under traffic. */
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { groupInstances, untilHealthy } from './fleet.ts';
import { cancelRefresh, startRefresh, untilRefreshed } from './instance-refresh.ts';
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
