/** New user data reaches running servers: `cdk deploy` makes a version of the launch template, `holdfast refresh` brings it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { cdkFor, changedApp, keptConfig } from './cdk.ts';
import { currentVersion, groupInstances, runOn, untilHealthy, versions } from './fleet.ts';
import { refreshOf, startRefresh, templateVersions, untilRefreshed } from './refresh.ts';
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
  it('reaches every server by a refresh under traffic, without a lost session or a failed request', { timeout: 300_000 }, async () => {
    const [before, current] = [await templateVersions(), await currentVersion()];
    const line = 'chown holdfast:holdfast "$root/var"';
    const marker = 'echo refreshed >"$root/refreshed"';
    const app = changedApp('refreshed', { 'server/user-data/begin.sh': [line, `${line}\n${marker}`] });
    await cdkFor('refreshed', keptConfig(), app).deploy(WEB_TIER);
    expect(await templateVersions()).toEqual(before);

    const dry = JSON.parse((await untilRefreshed(await startRefresh({ dryRun: true }))).output ?? '') as { toReplace: { why: string }[] };
    expect(dry.toReplace.map(({ why }) => why)).toEqual(
      Array(3).fill(expect.stringMatching(/^launch template version \d+, and \d+ is current$/)),
    );

    const { result: arn, report } = await underTraffic({ users: 50 }, async () => {
      const started = await startRefresh();
      const ended = await untilRefreshed(started);
      expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'SUCCEEDED' });
      return started;
    });
    await until(async () => (await groupInstances()).length === 3, 'the old servers have gone');
    await untilHealthy(3);
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    const record = await refreshOf(arn);
    expect(Object.keys(record?.servers ?? {}).toSorted()).toEqual(Object.keys(before).toSorted());
    expect(Object.values(record?.servers ?? {}).every(({ phase, replacement }) => phase === 'replaced' && replacement)).toBe(true);
    const after = await templateVersions();
    expect(Object.keys(after).some((id) => id in before)).toBe(false);
    expect(new Set(Object.values(after)).size).toBe(1);
    expect(Object.values(await versions())).toEqual([current, current, current]);
    const printed = await runOn(Object.keys(after), 'cat "$HOLDFAST_ROOT/refreshed"');
    expect(printed.map((text) => text.trim())).toEqual(['refreshed', 'refreshed', 'refreshed']);
    expect(JSON.parse((await untilRefreshed(await startRefresh())).output ?? '')).toMatchObject({ toReplace: [] });
  });
});
