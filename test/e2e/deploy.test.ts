/** The rolling deploy on the kept cloud: the deployed state machine, the deployed functions, real servers, real traffic. */
import { beforeAll, describe, expect, it } from 'vitest';
import { askDryRun } from '../../cli/deploy/dry-run.ts';
import { deployUnderTraffic, isGreen } from '../../lab/demo/deploy-under-traffic.ts';
import { until } from '../until.ts';
import {
  cloud,
  currentVersion,
  deploy,
  groupInstances,
  kept,
  publish,
  recordOf,
  suspendedProcesses,
  targetHealth,
  untilHealthy,
  versions,
} from './fleet.ts';
import { FULL } from './full-run.ts';

let from: string;

beforeAll(async () => {
  await untilHealthy(3);
  from = await currentVersion();
  await publish('1.1.0');
});

/** A second deploy of the fleet, as soon as the first one holds its lock. */
async function deployWhileLocked(version: string) {
  const { records } = await cloud();
  await until(async () => (await records.getLock('web'))?.deployId, 'a deploy holds the lock');
  return deploy(version, { requestedBy: 'second@example.com' });
}

it('a dry run shows the order and refuses what the deploy would refuse, and takes no lock', async () => {
  const where = await cloud();
  const before = await where.records.getLock('web');
  const ids = (await groupInstances()).map(({ id }) => id);
  // A failover in a scenario before this one can still have its replica behind.
  const found = await until(async () => {
    const report = await askDryRun(where, { version: '1.1.0' });
    return report.refusals.some(({ error }) => error === 'ReplicasOutOfSync') ? undefined : report;
  }, 'replicas in sync');
  expect(found).toMatchObject({ refused: false, refusals: [], from, atATime: 1, suspendsAutoScaling: true });
  expect(found.servers.map(({ instanceId }) => instanceId).toSorted()).toEqual(ids.toSorted());
  expect(found.servers.every(({ zone, drain }) => zone !== undefined && drain === 'counts')).toBe(true);
  const unknown = await askDryRun(where, { version: '9.9.9' });
  expect(unknown.refusals).toMatchObject([{ error: 'ReleaseNotFound' }]);
  expect(await where.records.getLock('web')).toEqual(before);
});

const USERS = FULL ? 100 : 50;

describe('a rolling deploy', () => {
  it('loses no session and fails no request under the traffic of many users, and is the only one of its fleet', async () => {
    const rolled = deployUnderTraffic({
      cloud: await cloud(),
      loadBalancerUrl: kept.loadBalancerUrl,
      caFile: kept.caFile,
      users: USERS,
      from,
      to: '1.1.0',
      log: () => {},
    });
    const [summary, second] = await Promise.all([rolled, deployWhileLocked('1.1.0')]);
    expect(second).toMatchObject({ status: 'FAILED', error: 'DeployInProgress' });
    expect(second.message).toMatch(new RegExp(`of 1\\.1\\.0 by ${(await cloud()).caller} .*since \\d{4}-\\d\\d-\\d\\dT`));
    expect(summary.deploy).toMatchObject({ status: 'SUCCEEDED', from, to: '1.1.0', targets: 3 });
    expect(summary.traffic).toMatchObject({ users: USERS, failed: 0, sessions: USERS, sessionsLost: 0 });
    expect(isGreen(summary)).toBe(true);
    expect(Object.values(await versions())).toEqual(['1.1.0', '1.1.0', '1.1.0']);
    expect(await suspendedProcesses()).toEqual([]);
    expect(await currentVersion()).toBe('1.1.0');
  });

  it('skips the targets that have the release already', async () => {
    const ended = await deploy('1.1.0');
    expect(ended.status).toBe('SUCCEEDED');
    const phases = Object.values((await recordOf(ended.executionArn))?.targets ?? {}).map((target) => target.phase);
    expect(phases.every((phase) => phase === 'skipped')).toBe(true);
  });
});

it('bad input to the state machine itself is refused by Validate, quoting the rule, and nothing changes', async () => {
  const before = [await versions(), await targetHealth()];
  const ended = await deploy('1.1.0; rm -rf /');
  expect(ended).toMatchObject({ status: 'FAILED', error: 'InvalidVersion' });
  expect(ended.message).toContain('A version begins with a letter or digit');
  expect(await recordOf(ended.executionArn)).toBeUndefined();
  expect([await versions(), await targetHealth()]).toEqual(before);
});
