/** How a deploy takes the lock, from a free fleet and another deploy. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../../../functions/records/types.ts';
import { DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { type ControlOnFakes, controlOnFakes } from './control-on-fakes.ts';

let { records, metrics, control }: ControlOnFakes = controlOnFakes();
beforeEach(() => {
  ({ records, metrics, control } = controlOnFakes());
});

describe('a deploy', () => {
  it('takes the lock and puts the deploy on record', async () => {
    expect(await control({ step: 'acquireLock', deploy: DEPLOY })).toEqual({ fencingToken: 1, expiresAtMs: START_MS + 720_000 });
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'RUNNING', to: '2.0.0', requestedBy: 'ann' });
  });

  it('puts on record that the deploy may go below the minimum of healthy targets: its clean-up may then too', async () => {
    await control({ step: 'acquireLock', deploy: { ...DEPLOY, recover: true } });
    expect((await records.getDeploy('web', 'd1'))?.recover).toBe(true);
    expect(await records.getDeploy('web', 'd1')).not.toHaveProperty('keepsSessions');
  });

  it('puts on record that such a deploy is to end no sessions', async () => {
    await control({ step: 'acquireLock', deploy: { ...DEPLOY, recover: true, keepsSessions: true } });
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ recover: true, keepsSessions: true });
  });

  it('gives the same lease when the step is delivered again', async () => {
    const first = await control({ step: 'acquireLock', deploy: DEPLOY });
    expect(await control({ step: 'acquireLock', deploy: DEPLOY })).toEqual(first);
  });

  it('refuses an operator who gives an execution the name of an old deploy, whose record stays', async () => {
    const lease = (await control({ step: 'acquireLock', deploy: DEPLOY })) as Lease;
    await control({ step: 'report', deploy: DEPLOY });
    await control({ step: 'releaseLock', deploy: DEPLOY, lease });
    const before = await records.getDeploy('web', 'd1');
    const again = { ...DEPLOY, version: '3.0.0', startedAtMs: DEPLOY.startedAtMs + 91 * 86_400_000 };
    await expect(control({ step: 'acquireLock', deploy: again })).rejects.toMatchObject({
      name: 'InvalidInput',
      message: expect.stringContaining('nothing was changed'),
    });
    expect(await records.getDeploy('web', 'd1')).toEqual(before);
    expect((await records.getLock('web'))?.deployId).toBeUndefined();
  });

  it('refuses a second deploy, which leaves no record', async () => {
    await control({ step: 'acquireLock', deploy: DEPLOY });
    const second = { ...DEPLOY, deployId: 'd2' };
    await expect(control({ step: 'acquireLock', deploy: second })).rejects.toMatchObject({
      name: 'DeployInProgress',
      message: expect.stringContaining('d1'),
    });
    expect(await control({ step: 'report', deploy: second, error: { Error: 'DeployInProgress', Cause: '' } })).toMatchObject({
      status: 'REFUSED',
    });
    expect(await records.findDeploys('web', '')).toHaveLength(1);
    expect(metrics.written).toEqual([]);
  });
});
