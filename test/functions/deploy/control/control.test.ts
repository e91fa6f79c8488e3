import { beforeEach, describe, expect, it } from 'vitest';
import type { Lease } from '../../../../functions/records/types.ts';
import { beginDeploy, DEPLOY, RELEASE, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { type ControlOnFakes, controlOnFakes } from './control-on-fakes.ts';

let { records, clock, log, metrics, control, published, sent, bus }: ControlOnFakes = controlOnFakes();
beforeEach(() => {
  ({ records, clock, log, metrics, control, published, sent, bus } = controlOnFakes());
});

describe('control', () => {
  it("validates the execution's input", async () => {
    const request = {
      step: 'validate',
      input: { version: '2.0.0' },
      executionName: 'd1',
      executionArn: 'arn',
      startTime: '2026-01-05T12:00:00Z',
    } as const;
    expect(await control(request)).toMatchObject({ deployId: 'd1', fleet: 'web', version: '2.0.0' });
  });

  it('promotes the release while it holds the lock', async () => {
    const lease = await beginDeploy(records);
    await control({ step: 'promote', deploy: DEPLOY, lease });
    expect(await records.getFleet('web')).toMatchObject({
      currentVersion: '2.0.0',
      sha256: RELEASE.sha256,
      deployId: 'd1',
      fencingToken: 1,
    });
  });

  it('promotes nothing by a restart, which has it on record', async () => {
    const restart = { ...DEPLOY, restart: 'i-1' };
    const lease = (await control({ step: 'acquireLock', deploy: restart })) as Lease;
    expect(await control({ step: 'promote', deploy: restart, lease })).toMatchObject({ fencingToken: lease.fencingToken });
    expect(await records.getFleet('web')).toBeUndefined();
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ restart: 'i-1', stage: 'planning' });
  });

  it('promotes its release anew by a restart of all servers, which has it on record', async () => {
    const all = { ...DEPLOY, restartAll: true } as const;
    const lease = (await control({ step: 'acquireLock', deploy: all })) as Lease;
    await records.planDeploy('web', 'd1', { from: DEPLOY.version, sha256: RELEASE.sha256, targets: {} });
    await control({ step: 'promote', deploy: all, lease });
    expect(await records.getFleet('web')).toMatchObject({ currentVersion: DEPLOY.version, deployId: 'd1' });
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ restartAll: true });
  });

  it('keeps the lock while the deploy waits, and reports when it is lost', async () => {
    const lease = (await control({ step: 'acquireLock', deploy: DEPLOY })) as Lease;
    clock.nowMs += 60_000;
    expect(await control({ step: 'keepLock', deploy: DEPLOY, lease })).toMatchObject({ expiresAtMs: lease.expiresAtMs + 60_000 });
    await control({ step: 'releaseLock', deploy: DEPLOY, lease });
    await expect(control({ step: 'keepLock', deploy: DEPLOY, lease })).rejects.toMatchObject({ name: 'LeaseLost' });
  });

  it('promotes nothing without the lock', async () => {
    const lease = await beginDeploy(records);
    await stealLock(records);
    await expect(control({ step: 'promote', deploy: DEPLOY, lease })).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(await records.getFleet('web')).toBeUndefined();
  });

  it('releases the lock, and reports when there was nothing to release', async () => {
    const lease: Lease = await beginDeploy(records);
    expect(await control({ step: 'releaseLock', deploy: DEPLOY, lease })).toEqual({ released: true });
    expect(await control({ step: 'releaseLock', deploy: DEPLOY, lease })).toEqual({ released: false });
  });

  it('reports a success with its duration', async () => {
    await beginDeploy(records);
    clock.nowMs += 90_000;
    expect(await control({ step: 'report', deploy: DEPLOY })).toEqual({ status: 'SUCCEEDED', error: undefined, durationSeconds: 90 });
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'SUCCEEDED', finishedAtMs: START_MS + 90_000 });
    expect(metrics.written).toEqual(['DeploySucceeded 1', 'DeployDurationSeconds 90']);
  });

  it('reports a success without the newcomers that it left out, each with its reason, and what to run', async () => {
    await beginDeploy(records);
    const newcomer = { order: 1, fromVersion: '1.0.0', phaseStartedAtMs: START_MS, newcomer: true } as const;
    await records.putTarget('web', 'd1', 'i-8', { ...newcomer, phase: 'waiting' });
    await records.putTarget('web', 'd1', 'i-9', { ...newcomer, phase: 'failed', startedAtMs: START_MS, detail: 'the agent is silent' });
    expect(await control({ step: 'report', deploy: DEPLOY })).toMatchObject({ status: 'SUCCEEDED' });
    const outcome =
      'Finished without servers that Auto Scaling launched during the deploy: i-8 (was starting when the deploy ended; it installs 2.0.0 by itself before it serves); i-9 (the agent is silent). Replace it: aws autoscaling terminate-instance-in-auto-scaling-group --region eu-west-1 --instance-id i-9 --no-should-decrement-desired-capacity';
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'SUCCEEDED', outcome, targets: { 'i-8': { phase: 'skipped' } } });
    expect(published[0]?.detail).toMatchObject({
      status: 'SUCCEEDED',
      outcome,
      text: expect.stringContaining('i-9 (the agent is silent)'),
    });
    expect(metrics.written).toContain('DeploySucceeded 1');
  });

  it('reports a failure by its own name, and leaves no target busy', async () => {
    await beginDeploy(records);
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'baking', startedAtMs: START_MS, phaseStartedAtMs: START_MS });
    const error = { Error: 'States.TaskFailed', Cause: JSON.stringify({ Error: 'BakeFailed', Cause: '{"errorMessage":"2 errors"}' }) };
    expect(await control({ step: 'report', deploy: DEPLOY, error })).toMatchObject({
      status: 'FAILED',
      error: { Error: 'BakeFailed', Cause: expect.stringMatching(/^2 errors[.] Not rolled back: i-1 failed/) },
      rolledBack: false,
    });
    const record = await records.getDeploy('web', 'd1');
    expect(record).toMatchObject({ status: 'FAILED', error: { Error: 'BakeFailed', Cause: '2 errors' } });
    expect(record?.targets['i-1']).toMatchObject({ phase: 'failed', detail: 'stopped while baking: 2 errors' });
    expect(metrics.written[0]).toBe('DeployFailed 1');
  });

  it('reports a rollback, and how the deploy ended', async () => {
    await beginDeploy(records);
    await records.updateTarget('web', 'd1', 'i-1', { phase: 'rolledBack', rollingBackTo: '1.0.0', startedAtMs: START_MS });
    const error = { Error: 'Aborted', Cause: 'stopped' };
    const reply = await control({ step: 'report', deploy: DEPLOY, error, endedAs: 'ABORTED' });
    expect(reply).toMatchObject({ status: 'ABORTED', rolledBack: true, error: { Cause: 'stopped. Rolled back: i-1 has 1.0.0 again.' } });
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'ABORTED', rolledBack: true, error });
    // The user who stopped it needs no page.
    expect(metrics.written).not.toContain('DeployFailed 1');
  });

  it('ends the execution with one full stop after a cause that is a sentence itself', async () => {
    await beginDeploy(records);
    const error = { Error: 'Aborted', Cause: 'Stopped by ann.' };
    const reply = await control({ step: 'report', deploy: DEPLOY, error, endedAs: 'ABORTED' });
    expect(reply).toMatchObject({ error: { Cause: 'Stopped by ann. No target was touched.' } });
  });

  it('publishes the end of a deploy, and nothing for a refused one', async () => {
    await beginDeploy(records);
    await control({ step: 'report', deploy: { ...DEPLOY, deployId: 'd2' }, error: { Error: 'DeployInProgress', Cause: '' } });
    expect([published, sent]).toEqual([[], []]);
    await control({ step: 'report', deploy: DEPLOY, error: { Error: 'Aborted', Cause: 'stopped' }, endedAs: 'ABORTED' });
    expect(published).toEqual([
      {
        source: 'holdfast',
        detailType: 'Holdfast Deploy Finished',
        resources: [DEPLOY.executionArn],
        detail: expect.objectContaining({ deployId: 'd1', status: 'ABORTED', outcome: 'No target was touched.' }),
      },
    ]);
  });

  it('reports the deploy even when its event cannot be published, and counts that', async () => {
    await beginDeploy(records);
    bus.refusal = new Error('the bus is gone');
    expect(await control({ step: 'report', deploy: DEPLOY })).toMatchObject({ status: 'SUCCEEDED' });
    expect(sent.map(({ subject }) => subject)).toEqual([expect.stringContaining('deploy of 2.0.0 SUCCEEDED')]);
    expect(await records.getDeploy('web', 'd1')).toMatchObject({ status: 'SUCCEEDED' });
    expect(metrics.written).toContain('DeployEventNotSent 1');
    expect(log.events).toContain('deploy.eventNotSent');
  });

  it('closes a deploy that has its report, so that nobody looks for it any more', async () => {
    await beginDeploy(records);
    expect((await records.getLock('web'))?.openDeploys).toEqual(new Set(['d1']));
    await control({ step: 'report', deploy: DEPLOY });
    expect((await records.getLock('web'))?.openDeploys).toBeUndefined();
  });
});
