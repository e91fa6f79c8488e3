/** Auto Scaling replaces a server that fails its health check: the one that takes its place installs the current release at its launch. */
import { SetInstanceHealthCommand } from '@aws-sdk/client-auto-scaling';
import { beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../cli/run-cli.ts';
import { until } from '../until.ts';
import { autoScaling, currentVersion, groupInstances, untilHealthy, versions } from './fleet.ts';

beforeAll(async () => {
  await untilHealthy(3);
});

const idsOf = async () => (await groupInstances()).map(({ id }) => id);

describe('a server that fails its health check', () => {
  it('is replaced by one that has the current release, and status names it', { timeout: 300_000 }, async () => {
    const [InstanceId = ''] = await idsOf();
    await autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Unhealthy', ShouldRespectGracePeriod: false }));
    await until(async () => !(await idsOf()).includes(InstanceId), 'it has gone', 240_000);
    await untilHealthy(3);
    expect(new Set(Object.values(await versions()))).toEqual(new Set([await currentVersion()]));
    const { stdout } = await runCli(process.env['HOLDFAST_STATE_FOLDER'] as string, ['status', '--json']);
    expect((JSON.parse(stdout) as { replaced: unknown }).replaced).toContainEqual(
      expect.objectContaining({ instanceId: InstanceId, kind: 'termination' }),
    );
  });
});
