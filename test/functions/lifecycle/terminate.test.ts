import { beforeEach, describe, expect, it } from 'vitest';
import type { Termination } from '../../../functions/lifecycle/contract.ts';
import { createTerminate } from '../../../functions/lifecycle/terminate.ts';
import type { Records } from '../../../functions/records/records.ts';
import { fakeLifecycleActions } from '../fakes/auto-scaling.ts';
import { createClock, recordingLog, SETTINGS, START_MS } from '../fakes/fixtures.ts';
import { instanceCommands } from '../fakes/instance-commands.ts';
import { memoryRecords } from '../fakes/memory-records.ts';
import { fakeRunCommand } from '../fakes/run-command.ts';
import { fakeTargetGroup } from '../fakes/target-group.ts';

const EVENT: Termination = {
  autoScalingGroupName: 'holdfast-web',
  lifecycleHookName: 'terminate',
  lifecycleActionToken: 'token',
  instanceId: 'i-9',
};

let records: Records;
let clock: ReturnType<typeof createClock>;
let runCommand: ReturnType<typeof fakeRunCommand>;
let actions: ReturnType<typeof fakeLifecycleActions>;
let targetGroup: ReturnType<typeof fakeTargetGroup>;
let drainGroup: ReturnType<typeof fakeTargetGroup>;
let terminate: ReturnType<typeof createTerminate>;

let pauses: number[];

beforeEach(() => {
  pauses = [];
  records = memoryRecords();
  clock = createClock();
  runCommand = fakeRunCommand();
  actions = fakeLifecycleActions();
  const commands = instanceCommands({ runCommand, now: clock.now });
  targetGroup = fakeTargetGroup({}, { 'i-9': [{ port: 8081 }] });
  drainGroup = fakeTargetGroup();
  terminate = createTerminate({
    records,
    commands,
    targetGroup,
    drainGroup,
    actions,
    log: recordingLog(),
    now: clock.now,
    fleet: 'web',
    settings: SETTINGS,
    polling: { pausesMs: [], pause: async (ms) => void pauses.push(ms) },
  });
});

const sendWaitIdle = async () => (await terminate({ step: 'sendWaitIdle', termination: EVENT })).termination;

describe('terminate', () => {
  it('holds the instance while requests arrive, and goes on counting in the next slice', async () => {
    const sent = await sendWaitIdle();
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('WAIT');
    runCommand.answer({ signal: 'counts', inFlight: 1, requests: 8, quietSeconds: 2 });
    const look = await terminate({ step: 'checkWaitIdle', termination: sent });
    expect(look).toMatchObject({ verdict: 'REPEAT', termination: { drain: { requests: 8, quietSeconds: 2 }, phaseStartedAtMs: START_MS } });
    expect(actions.calls).toEqual(['heartbeat', 'heartbeat']);
    await terminate({ step: 'sendWaitIdle', termination: look.termination });
    expect(runCommand.sent.map(({ documentVersion }) => documentVersion)).toEqual(['latest-doc-wait-idle', 'latest-doc-wait-idle']);
    expect(runCommand.sent[1]?.parameters).toMatchObject({ previousRequests: '8', previousQuietSeconds: '2' });
  });

  it('takes an instance out that a deploy has registered again', async () => {
    const { states, calls } = targetGroup;
    Object.assign(states, { 'i-1': 'healthy' });
    const sent = await sendWaitIdle();
    expect(calls, 'as Auto Scaling left it').toEqual([]);
    Object.assign(states, { 'i-9': 'initial' });
    await terminate({ step: 'sendWaitIdle', termination: sent });
    expect(calls).toEqual(['deregister i-9 at 8081']);
    Object.assign(states, { 'i-9': 'draining' });
    await terminate({ step: 'sendWaitIdle', termination: sent });
    expect(calls).toHaveLength(1);
  });

  it('drains an idle instance once more that was registered while it was asked', async () => {
    const sent = await sendWaitIdle();
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 8, quietSeconds: 25 });
    clock.nowMs += 30_000;
    Object.assign(targetGroup.states, { 'i-9': 'healthy' });
    const { verdict, termination } = await terminate({ step: 'checkWaitIdle', termination: sent });
    expect(verdict).toBe('REPEAT');
    expect(actions.calls).toEqual(['heartbeat']);
    const again = (await terminate({ step: 'sendWaitIdle', termination })).termination;
    expect(targetGroup.calls).toEqual(['deregister i-9 at 8081']);
    expect(again).toMatchObject({ phaseStartedAtMs: clock.nowMs });
  });

  it('lets an idle instance go', async () => {
    const sent = await sendWaitIdle();
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 8, quietSeconds: 25 });
    clock.nowMs += 30_000;
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('DONE');
  });

  it('lets a busy instance go once the time of a drain is up', async () => {
    const sent = await sendWaitIdle();
    runCommand.answer({ signal: 'counts', inFlight: 5, requests: 8, quietSeconds: 0 });
    clock.nowMs += 290_000;
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('DONE');
  });

  it.each([
    ['a command that failed', { state: 'failed', statusDetails: 'Undeliverable', output: '', errorOutput: '' } as const, 0],
    ['a command that never ends', { state: 'running' } as const, 400_000],
  ])('does not block the termination on %s', async (_, answer, passedMs) => {
    const sent = await sendWaitIdle();
    runCommand.answer(answer);
    clock.nowMs += passedMs;
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('DONE');
  });

  it('asks again when a clean-up has cancelled its command', async () => {
    const sent = await sendWaitIdle();
    runCommand.answer({ state: 'failed', statusDetails: 'Cancelled', output: '', errorOutput: '' });
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('REPEAT');
    expect(actions.calls).toEqual(['heartbeat']);
  });

  it('does not block the termination of an instance that cannot be asked', async () => {
    runCommand.send = () => Promise.reject(Object.assign(new Error('not connected'), { name: 'InvalidInstanceId' }));
    const sent = await sendWaitIdle();
    expect((await terminate({ step: 'checkWaitIdle', termination: sent })).verdict).toBe('DONE');
  });

  it.each([
    ['is idle', 0, 30_000],
    ['is busy when the time of a drain is up', 5, 290_000],
  ])('holds an instance that %s while a deploy keeps sessions on it', async (_, inFlight, passedMs) => {
    Object.assign(drainGroup.states, { 'i-9': 'healthy' });
    const sent = await sendWaitIdle();
    runCommand.answer({ signal: 'counts', inFlight, requests: 8, quietSeconds: inFlight ? 0 : 25 });
    clock.nowMs += passedMs;
    const { verdict, termination } = await terminate({ step: 'checkWaitIdle', termination: sent });
    expect(verdict).toBe('REPEAT');
    expect(actions.calls).toEqual(['heartbeat']);
    expect([drainGroup.calls, targetGroup.calls], 'the deploy takes it out').toEqual([[], []]);
    const again = (await terminate({ step: 'sendWaitIdle', termination })).termination;
    expect(again.phaseStartedAtMs, 'it drains anew').toBe(clock.nowMs);
    expect(again.drain).toMatchObject({ quietSeconds: 0 });
    Object.assign(drainGroup.states, { 'i-9': 'draining' });
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 8, quietSeconds: 25 });
    clock.nowMs += 30_000;
    expect((await terminate({ step: 'checkWaitIdle', termination: again })).verdict).toBe('DONE');
  });

  it.each([
    ['cannot be asked', () => Promise.reject(Object.assign(new Error('not connected'), { name: 'InvalidInstanceId' }))],
    ['does not answer', undefined],
  ])('holds an instance that %s while a deploy keeps sessions on it, for as long as it serves them', async (_, send) => {
    Object.assign(drainGroup.states, { 'i-9': 'healthy', 'i-1': 'unhealthy' });
    if (send) runCommand.send = send;
    const sent = await sendWaitIdle();
    if (!send) runCommand.answer({ state: 'failed', statusDetails: 'Undeliverable', output: '', errorOutput: '' });
    pauses = [];
    const look = await terminate({ step: 'checkWaitIdle', termination: sent });
    expect([look.verdict, pauses], 'it asks again').toEqual(['REPEAT', [10_000]]);
    expect(actions.calls.at(-1)).toBe('heartbeat');
    Object.assign(drainGroup.states, { 'i-9': 'unhealthy' });
    const again = (await terminate({ step: 'sendWaitIdle', termination: look.termination })).termination;
    expect((await terminate({ step: 'checkWaitIdle', termination: again })).verdict).toBe('DONE');
  });

  it('passes on what can be repeated', async () => {
    runCommand.send = () => Promise.reject(Object.assign(new Error('slow down'), { name: 'ThrottlingException' }));
    await expect(sendWaitIdle()).rejects.toMatchObject({ name: 'ThrottlingException' });
  });

  it('completes the termination and forgets the instance', async () => {
    await records.putInstance('web', { instanceId: 'i-9', version: '1', installedAtMs: 1 });
    await terminate({ step: 'completeTermination', termination: EVENT });
    expect(actions.calls).toEqual(['CONTINUE']);
    expect(await records.getInstances('web')).toEqual([]);
  });
});
