import { describe, expect, it, onTestFinished } from 'vitest';
import type { DeployCloud } from '../../../../cli/deploy/deploy.ts';
import { listProcesses, treeOf } from '../../../processes/process-table.ts';
import { deployUnderTraffic, trafficAfterMs } from '../../deploy-under-traffic.ts';
import { Interrupted } from '../../interruption.ts';
import { fakeServer } from '../traffic/fake-server.ts';

/** The file of roots is read, not used: the server speaks HTTP. */
const caFile = import.meta.filename;

/** A deploy that never ends. */
const cloud = {
  fleet: 'web',
  caller: 'test',
  installation: 'holdfast',
  account: '000000000000',
  region: 'us-east-1',
  records: { getDeploy: async () => undefined },
  stepFunctions: { send: async () => ({ executionArn: 'arn:aws:states:us-east-1:000000000000:execution:deploy:1', status: 'RUNNING' }) },
} as unknown as DeployCloud;

describe('a deploy under traffic that is interrupted', () => {
  it.each(['logging in', 'deploying'])('at "%s" ends its traffic and rejects with the interruption', async (phase) => {
    const server = await fakeServer();
    onTestFinished(() => server.close());
    const controller = new AbortController();
    const children = () => treeOf(listProcesses(), process.pid).map(({ pid }) => pid);
    // What earlier files of this process left may end meanwhile.
    const before = new Set(children());
    const added = () => children().filter((pid) => !before.has(pid)).length;
    let during = 0;
    const log = (line: string) => {
      if (!line.startsWith(phase)) return;
      setTimeout(() => {
        during = added();
        controller.abort(new Interrupted('SIGINT'));
      }, 200);
    };
    const options = {
      cloud,
      loadBalancerUrl: server.url,
      caFile,
      users: 2,
      from: '1.0.0',
      to: '1.1.0',
      log,
      signal: controller.signal,
    };
    await expect(deployUnderTraffic(options)).rejects.toMatchObject({ name: 'Interrupted', exitCode: 130 });
    expect([during, added()]).toEqual([1, 0]);
  });

  it('before it begins starts nothing', async () => {
    const signal = AbortSignal.abort(new Interrupted('SIGTERM'));
    const options = { cloud, loadBalancerUrl: 'http://127.0.0.1:1', caFile, users: 1, from: '1', to: '2', log: () => {}, signal };
    await expect(deployUnderTraffic(options)).rejects.toMatchObject({ name: 'Interrupted', exitCode: 143 });
  });
});

it.each([
  ['a request takes milliseconds', undefined, 0],
  ['some requests are long', { longShare: 0.1, longMs: 9_000 }, 9_000],
  ['long ones have no share', { longMs: 9_000 }, 0],
])('traffic goes on after a deploy until what began in it has ended: %s', (_, traffic, longestMs) => {
  // Each user's next request, for which a user thinks for 750 ms on average.
  expect(trafficAfterMs(traffic) - longestMs).toBeGreaterThanOrEqual(1_500);
});
