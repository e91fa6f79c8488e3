/** A runbook restarts one server under traffic: by the deployed state machine, on the server's own service, and nothing else changes. */
import { SFNClient } from '@aws-sdk/client-sfn';
import { beforeAll, expect, it } from 'vitest';
import type { Calls, Mitigation } from '../../functions/incidents/contract/mitigations.ts';
import { createRestartTarget } from '../../functions/incidents/mitigate/restart-target.ts';
import { createExecutions } from '../../functions/shared/aws/executions.ts';
import { until } from '../until.ts';
import { cloud, currentVersion, deploy, groupInstances, kept, publish, recordOf, runOn, untilHealthy, versions } from './fleet.ts';
import { underTraffic } from './under-traffic.ts';

/** The application's process on each server. */
const processes = (ids: readonly string[]) => runOn(ids, "systemctl status holdfast-app | sed -n 's/^ Main PID: //p'");

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };

beforeAll(async () => {
  await publish('7.0.0');
  expect(await deploy('7.0.0')).toMatchObject({ status: 'SUCCEEDED' });
  await untilHealthy(3);
}, 300_000);

it('restarts one server, loses no request, and leaves the fleet’s record as it is', { timeout: 300_000 }, async () => {
  const { records, fleet, deployStateMachineArn } = await cloud();
  const ids = (await groupInstances()).map(({ id }) => id);
  const [instanceId = ''] = ids;
  const pids = await processes(ids);
  const before = [await records.getFleet(fleet), await versions()];
  const restart: Mitigation = createRestartTarget({
    fleets: { [fleet]: { targetGroupArn: '', strategy: 'redis', expectedStickiness: { enabled: false } } },
    deployStateMachineArn: () => deployStateMachineArn,
    records,
    executions: createExecutions(new SFNClient(client)),
    now: Date.now,
  });
  const target = { incidentId: `inc-${Date.now().toString(16)}`, fleet, instanceId };
  const plan = (await restart.plan(target)) as Calls;
  const { report } = await underTraffic({}, async () => {
    await restart.act(target, plan);
    await restart.act(target, plan);
    await until(async () => (await restart.verify(target, plan)).verdict !== 'WAIT', 'the end of the restart', 240_000);
  });
  expect(await restart.verify(target, plan)).toMatchObject({ verdict: 'DONE' });
  expect(report.failed, JSON.stringify(report)).toBe(0);
  const deployId = String(plan.calls[0]?.input['name']);
  const record = await recordOf(deployId);
  expect(record).toMatchObject({ status: 'SUCCEEDED', restart: instanceId, from: '7.0.0', to: '7.0.0' });
  expect(Object.keys(record?.targets ?? {})).toEqual([instanceId]);
  const phases = record?.targets[instanceId]?.phases?.map(({ phase }) => phase);
  expect(phases).toEqual(['draining', 'installing', 'gating', 'registering', 'baking', 'done']);
  expect([await records.getFleet(fleet), await versions()]).toEqual(before);
  const after = await processes(ids);
  expect(pids.every((pid) => pid.trim() !== '')).toBe(true);
  expect(after.map((pid, at) => pid !== pids[at])).toEqual([true, false, false]);
  await untilHealthy(3);
});

it('refuses a server that the fleet does not have, and says that nothing was changed', { timeout: 120_000 }, async () => {
  const ended = await deploy(await currentVersion(), { restart: 'i-0123456789abcdef0' });
  expect(ended).toMatchObject({ status: 'FAILED', error: 'InvalidInput' });
  expect(ended.message).toContain('no server in service');
});
