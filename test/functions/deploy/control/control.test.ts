import { beforeEach, describe, expect, it } from 'vitest';
import { createControl } from '../../../../functions/deploy/control/control.ts';
import type { Records } from '../../../../functions/records/records.ts';
import type { Lease } from '../../../../functions/records/types.ts';
import type { EventBus, OwnEvent } from '../../../../functions/shared/aws/event-bus.ts';
import type { Message } from '../../../../functions/shared/aws/signed/publish-message.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, recordingMetrics, START_MS, stealLock } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

let records: Records;
let clock: ReturnType<typeof createClock>;
let log: ReturnType<typeof recordingLog>;
let metrics: ReturnType<typeof recordingMetrics>;
let control: ReturnType<typeof createControl>;
let published: OwnEvent[];
let sent: Message[];
/** What the event bus answers with. */
let refusal: Error | undefined;

beforeEach(() => {
  records = memoryRecords();
  clock = createClock();
  metrics = recordingMetrics();
  published = [];
  sent = [];
  refusal = undefined;
  const events: EventBus = {
    async put(event) {
      if (refusal) throw refusal;
      published.push(event);
    },
  };
  log = recordingLog();
  control = createControl({
    records,
    metrics,
    events,
    publish: async (message) => void sent.push(message),
    log,
    now: clock.now,
    fleet: 'web',
    settings: {},
  });
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

  const incident = { fleet: 'web', deployId: 'inc-1', executionArn: 'arn', requestedBy: 'a runbook', nowMs: START_MS };
  const keepServers = async () => {
    const version = 'keep-servers';
    await records.acquireLock({ ...incident, version, expiresAtMs: START_MS + 900_000, heldBy: 'incident' });
    const suspension = {
      autoScalingGroupName: 'g',
      alreadySuspended: [],
      suspendedByDeploy: ['HealthCheck', 'ReplaceUnhealthy'],
      round: 1,
    };
    await records.putSuspension({ fleet: 'web', deployId: 'inc-1', fencingToken: 1 }, suspension);
  };

  it('takes over from an incident that keeps servers, and one sentence says so', async () => {
    await keepServers();
    expect(await control({ step: 'acquireLock', deploy: DEPLOY })).toMatchObject({ fencingToken: 2 });
    expect(await control({ step: 'acquireLock', deploy: DEPLOY })).toMatchObject({ fencingToken: 2 });
    expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([
      'incident inc-1 kept Auto Scaling from replacing servers: this deploy takes over HealthCheck and ReplaceUnhealthy, which stay suspended, and resumes them at its end',
    ]);
  });

  it('that a runbook starts waits for the incident, and says what ends that', async () => {
    await keepServers();
    const deploy = { ...DEPLOY, requestedBy: 'incident inc-0123456789ab' };
    await expect(control({ step: 'acquireLock', deploy })).rejects.toMatchObject({
      name: 'DeployInProgress',
      message: expect.stringContaining('"holdfast incidents release inc-1" ends it'),
    });
    expect(await records.getLock('web')).toMatchObject({ deployId: 'inc-1', fencingToken: 1 });
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
    refusal = new Error('the bus is gone');
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
