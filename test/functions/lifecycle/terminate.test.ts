import { beforeEach, describe, expect, it } from 'vitest';
import type { Termination } from '../../../functions/lifecycle/contract.ts';
import { createTerminate } from '../../../functions/lifecycle/terminate.ts';
import type { Records } from '../../../functions/records/records.ts';
import { fakeLifecycleActions } from '../fakes/auto-scaling.ts';
import { createClock, RELEASE, recordingLog, SETTINGS, START_MS } from '../fakes/fixtures.ts';
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

  it('waits for nothing on a server of a warm pool, stopped or running, which it does not even ask', async () => {
    Object.assign(targetGroup.states, { 'i-1': 'healthy' });
    const fromPool: Termination = { ...EVENT, event: { Origin: 'WarmPool', Destination: 'EC2' } };
    const sent = await terminate({ step: 'sendWaitIdle', termination: fromPool });
    const checked = await terminate({ step: 'checkWaitIdle', termination: sent.termination });
    expect([sent.verdict, checked.verdict]).toEqual(['DONE', 'DONE']);
    expect((await terminate({ step: 'completeTermination', termination: checked.termination })).verdict).toBe('DONE');
    expect([runCommand.sent, targetGroup.calls, actions.calls]).toEqual([[], [], ['CONTINUE']]);
  });

  it("runs a bundle's scripts before and after the drain, and goes on whatever becomes of them", async () => {
    const script = [{ location: 'stop.sh', timeout: 30 }];
    const hooks = { BeforeBlockTraffic: script, ApplicationStop: script };
    const bundle = { files: [], permissions: [], fileExists: 'DISALLOW' as const, hooks };
    await records.putRelease({ ...RELEASE, app: { ...RELEASE.app, bundle } });
    await records.putInstance('web', { instanceId: 'i-9', version: RELEASE.version, installedAtMs: START_MS });
    for (const [step, mode, answer] of [
      ['beforeBlockTraffic', 'BeforeBlockTraffic', { result: 'failed', error: 'HookFailed', message: 'stop.sh exited with 1' }],
      ['end', 'end', { state: 'failed', statusDetails: 'Undeliverable', output: '', errorOutput: '' } as const],
    ] as const) {
      const sent = await terminate({ step, termination: EVENT });
      expect(runCommand.sent.at(-1)?.parameters).toMatchObject({ mode, version: 'none', stopFailure: 'continue', executionTimeout: '630' });
      expect((await terminate({ step, termination: sent.termination })).verdict).toBe('WAIT');
      runCommand.answer(answer);
      expect((await terminate({ step, termination: sent.termination })).verdict).toBe('DONE');
      runCommand.answer({ state: 'running' });
    }
    await records.deleteInstance('web', 'i-9');
    expect((await terminate({ step: 'end', termination: EVENT })).verdict).toBe('DONE');
    expect(runCommand.sent).toHaveLength(2);
  });

  it('drains a server that goes back into a warm pool as one that ends', async () => {
    const { termination } = await terminate({
      step: 'sendWaitIdle',
      termination: { ...EVENT, event: { Origin: 'AutoScalingGroup', Destination: 'WarmPool' } },
    });
    expect([termination.commandId, runCommand.sent.length]).toEqual(['command-1', 1]);
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

  const check = (termination: Termination) => terminate({ step: 'checkWaitIdle', termination });
  const send = (termination: Termination) => terminate({ step: 'sendWaitIdle', termination });

  it('asks nothing of an instance while a deploy keeps sessions on it, and drains it afterwards', async () => {
    Object.assign(drainGroup.states, { 'i-9': 'healthy' });
    const first = await check(await sendWaitIdle());
    expect([first.verdict, pauses, actions.calls]).toEqual(['WAIT', [10_000], ['heartbeat']]);
    clock.nowMs += 600_000;
    const second = await check(first.termination);
    expect([second.verdict, runCommand.sent, drainGroup.calls], 'the deploy takes it out').toEqual(['WAIT', [], []]);
    Object.assign(drainGroup.states, { 'i-9': 'draining' });
    const { verdict, termination } = await check(second.termination);
    expect([verdict, actions.calls.length]).toEqual(['REPEAT', 3]);
    const draining = (await send(termination)).termination;
    expect(draining).toMatchObject({
      phaseStartedAtMs: clock.nowMs,
      drain: { quietSeconds: 0, target: { deregisteredAtMs: clock.nowMs } },
    });
    expect(runCommand.sent).toHaveLength(1);
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 8, quietSeconds: 25 });
    clock.nowMs += 30_000;
    expect((await check(draining)).verdict).toBe('DONE');
  });

  it('takes an instance out that a deploy lets go into its own group again', async () => {
    Object.assign(drainGroup.states, { 'i-9': 'healthy' });
    const sent = await sendWaitIdle();
    Object.assign(targetGroup.states, { 'i-1': 'healthy', 'i-9': 'initial' });
    expect((await check(sent)).verdict).toBe('WAIT');
    expect(targetGroup.calls).toEqual(['deregister i-9 at 8081']);
  });

  it('holds an instance for sessions for four hours at most, and drains it then', async () => {
    Object.assign(drainGroup.states, { 'i-9': 'healthy' });
    let { termination } = await check(await sendWaitIdle());
    clock.nowMs += 4 * 3_600_000 - 1;
    ({ termination } = await check(termination));
    expect(termination.isHeld).toBe(true);
    clock.nowMs += 1;
    const look = await check(termination);
    expect(look.verdict).toBe('REPEAT');
    const draining = (await send(look.termination)).termination;
    expect(runCommand.sent).toHaveLength(1);
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 8, quietSeconds: 25 });
    clock.nowMs += 30_000;
    expect((await check(draining)).verdict).toBe('DONE');
  });

  it.each([
    ['was idle', 0, 30_000, 'REPEAT'],
    ['was busy when the time of a drain was up', 5, 290_000, 'WAIT'],
  ] as const)('holds an instance that %s, and on which a deploy keeps sessions since', async (_, inFlight, passedMs, verdict) => {
    const sent = await sendWaitIdle();
    Object.assign(drainGroup.states, { 'i-9': 'healthy' });
    runCommand.answer({ signal: 'counts', inFlight, requests: 8, quietSeconds: inFlight ? 0 : 25 });
    clock.nowMs += passedMs;
    const look = await check(sent);
    expect([look.verdict, actions.calls]).toEqual([verdict, ['heartbeat']]);
    const again = (await send(look.termination)).termination;
    expect([again.isHeld, runCommand.sent.length]).toEqual([true, 1]);
  });

  it.each([
    ['cannot be asked', () => Promise.reject(Object.assign(new Error('not connected'), { name: 'InvalidInstanceId' }))],
    ['does not answer', undefined],
  ])('holds an instance that %s while a deploy keeps sessions on it, for as long as it serves them', async (_, sendCommand) => {
    if (sendCommand) runCommand.send = sendCommand;
    const sent = await sendWaitIdle();
    Object.assign(drainGroup.states, { 'i-9': 'healthy', 'i-1': 'unhealthy' });
    if (!sendCommand) runCommand.answer({ state: 'failed', statusDetails: 'Undeliverable', output: '', errorOutput: '' });
    const look = await check(sent);
    expect(look.verdict).toBe('WAIT');
    expect(actions.calls.at(-1)).toBe('heartbeat');
    Object.assign(drainGroup.states, { 'i-9': 'unhealthy' });
    const last = await check(look.termination);
    expect(last.verdict).toBe('REPEAT');
    expect((await check((await send(last.termination)).termination)).verdict).toBe('DONE');
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

  it.each([
    ['that a deploy has registered again since it was idle', 'healthy', { commandId: 'c-1' }, false, 'REPEAT', ['heartbeat']],
    ['that is out', undefined, { commandId: 'c-1' }, false, 'DONE', ['CONTINUE']],
    ['that drains', 'draining', { commandId: 'c-1' }, false, 'DONE', ['CONTINUE']],
    ['that could not be asked whether it is idle', 'healthy', {}, false, 'DONE', ['CONTINUE']],
    ['whose state the load balancer does not give', 'healthy', { commandId: 'c-1' }, true, 'DONE', ['CONTINUE']],
  ] as const)('completing one %s', async (_, state, progress, isSilent, verdict, calls) => {
    await records.putInstance('web', { instanceId: 'i-9', version: '1', installedAtMs: 1 });
    if (state !== undefined) Object.assign(targetGroup.states, { 'i-9': state });
    if (isSilent) targetGroup.describeHealth = () => Promise.reject(new Error('no answer'));
    const termination = { ...EVENT, ...progress, phaseStartedAtMs: 1, drain: { quietSeconds: 25 } } as Termination;
    const reply = await terminate({ step: 'completeTermination', termination });
    expect([reply.verdict, actions.calls]).toEqual([verdict, calls]);
    // Its drain begins anew, and a deploy goes on to know it.
    if (verdict === 'REPEAT') expect(reply.termination).toEqual(EVENT);
    expect(await records.getInstances('web')).toHaveLength(verdict === 'REPEAT' ? 1 : 0);
  });
});
