/** New user data reaches running servers: `cdk deploy` makes a version of the launch template, an instance refresh brings it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { cdkFor, changedApp, keptConfig } from './cdk.ts';
import { currentVersion, groupInstances, publish, recordOf, runOn, startDeploy, untilEnded, untilHealthy, versions } from './fleet.ts';
import { cancelRefresh, leaversWhilePaused, startRefresh, templateVersions, untilRefreshed } from './instance-refresh.ts';
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
