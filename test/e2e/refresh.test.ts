/** `holdfast refresh` on the kept cloud: servers are replaced one at a time under traffic, and an abort leaves the fleet whole. */
import { beforeAll, describe, expect, it } from 'vitest';
import { until } from '../until.ts';
import { cloud, currentVersion, deploy, groupInstances, suspendedProcesses, untilHealthy, versions } from './fleet.ts';
import { ask, asked, holdFleet, letFleetGo } from './hold-fleet.ts';
import { refreshOf, startRefresh, stopRefresh, untilRefreshed } from './refresh.ts';
import { underTraffic } from './under-traffic.ts';

beforeAll(async () => {
  await untilHealthy(3);
});

describe('a fleet whose servers are current', () => {
  it('is left alone, and a dry run lists no server', async () => {
    const before = await groupInstances();
    for (const input of [{}, { dryRun: true }]) {
      const ended = await untilRefreshed(await startRefresh(input));
      expect(ended, JSON.stringify(ended)).toMatchObject({ status: 'SUCCEEDED' });
      expect(JSON.parse(ended.output ?? '')).toMatchObject({ members: 3, toReplace: [] });
    }
    expect(await groupInstances()).toEqual(before);
    expect((await (await cloud()).records.getLock('web'))?.deployId).toBeUndefined();
  });
});

describe('a refresh of every server that is stopped on its way', () => {
  it('has replaced one, registers the drained one again, frees the lock, and fails no request', { timeout: 120_000 }, async () => {
    const [before, current] = [(await groupInstances()).map(({ id }) => id), await currentVersion()];
    const { result: arn, report } = await underTraffic({ users: 30 }, async () => {
      const started = await startRefresh({ all: true });
      await until(
        async () => Object.values((await refreshOf(started))?.servers ?? {}).some(({ phase }) => phase === 'draining'),
        'the first server is drained',
      );
      // The lock knows that a refresh holds it: a deploy is refused, and nothing takes it for a deploy that never began.
      const refused = await deploy(current);
      expect(refused).toMatchObject({ status: 'FAILED', error: 'DeployInProgress', message: expect.stringMatching(/^refresh .* to lt-/) });
      await until(async () => {
        const phases = Object.values((await refreshOf(started))?.servers ?? {}).map(({ phase }) => phase);
        return phases.includes('replaced') && phases.includes('draining') ? true : undefined;
      }, 'the first server is replaced, and the second is drained');
      await stopRefresh(started);
      await until(async () => (await refreshOf(started))?.status === 'ABORTED', 'the end of the refresh is on record');
      await untilHealthy(3);
      return started;
    });
    expect(report).toMatchObject({ failed: 0, sessionsLost: 0 });
    const servers = (await refreshOf(arn))?.servers ?? {};
    expect(
      Object.values(servers)
        .map(({ phase }) => phase)
        .toSorted(),
    ).toEqual(['kept', 'replaced', 'waiting']);
    // The replaced server's own termination drains it once more.
    const after = await until(async () => {
      const ids = (await groupInstances()).map(({ id }) => id);
      return ids.length === before.length ? ids : undefined;
    }, 'the replaced server has ended');
    expect(before.filter((id) => !after.includes(id))).toEqual(Object.keys(servers).filter((id) => servers[id]?.phase === 'replaced'));
    expect(Object.values(await versions())).toEqual([current, current, current]);
    expect((await (await cloud()).records.getLock('web'))?.deployId).toBeUndefined();
    expect(await suspendedProcesses()).toEqual([]);
  });
});

describe('a drain whose command never answers', () => {
  it('is cancelled, and fails', async () => {
    const given = await holdFleet('refresh-overdue');
    try {
      const { deploy, lease, instanceId } = given;
      const patient = { ...deploy, settings: { ...deploy.settings, drainSliceSeconds: 60 } };
      const roll = { instanceId, phaseStartedAtMs: Date.now(), quietSeconds: 120 };
      const sent = await asked<{ roll: { commandId: string } }>('deploy-command', { step: 'sendWaitIdle', deploy: patient, lease, roll });
      const server = { instanceId, why: 'a test', launchedFrom: {}, known: [], phaseStartedAtMs: 1, commandId: sent.roll.commandId };
      const refresh = { refreshId: deploy.deployId, fleet: 'web', settings: deploy.settings, documents: {} };
      expect(await ask('refresh', { step: 'checkDrain', refresh, lease, server })).toMatchObject({ failed: true });
    } finally {
      await letFleetGo(given);
    }
  });
});
