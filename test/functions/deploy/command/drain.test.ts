import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandRequest, Roll } from '../../../../functions/deploy/contract/roll.ts';
import { DEPLOY, ROLL, START_MS } from '../../fakes/fixtures.ts';
import { type CommandFixture, commandFixture } from './command-fixture.ts';

let records: CommandFixture['records'];
let lease: CommandFixture['lease'];
let clock: CommandFixture['clock'];
let runCommand: CommandFixture['runCommand'];
let metrics: CommandFixture['metrics'];
let pauses: CommandFixture['pauses'];
let command: CommandFixture['command'];
beforeEach(async () => {
  ({ records, lease, clock, runCommand, metrics, pauses, command } = await commandFixture());
});

const ask = (step: CommandRequest['step'], roll: Roll = ROLL) => command({ step, deploy: DEPLOY, lease, roll });
const target = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1'];

describe('drain', () => {
  it('sends a slice, and the next one with the counts of the first', async () => {
    const first = await ask('sendWaitIdle');
    expect(runCommand.sent[0]).toMatchObject({
      documentName: 'doc-wait-idle',
      instanceId: 'i-1',
      parameters: { fencingToken: '1', previousRequests: '-1' },
    });
    expect((await ask('checkWaitIdle', first.roll)).verdict).toBe('WAIT');
    runCommand.answer({ signal: 'counts', inFlight: 2, requests: 40, quietSeconds: 1.5 });
    const look = await ask('checkWaitIdle', first.roll);
    expect(look.verdict).toBe('REPEAT');
    expect(await target()).toMatchObject({ inFlight: 2 });
    await ask('sendWaitIdle', look.roll);
    expect(runCommand.sent[1]?.parameters).toMatchObject({ previousRequests: '40', previousQuietSeconds: '1.5' });
  });

  it('lets time pass for a server without counts instead of asking again at once', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ signal: 'blind', quietSeconds: 0, reason: 'no probes' });
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
    const { deregistrationDelaySeconds, drainFloorSeconds } = DEPLOY.settings;
    clock.nowMs += (deregistrationDelaySeconds + drainFloorSeconds - 3) * 1000;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
    expect(pauses).toEqual([10_000, 3_000]);
    clock.nowMs += 3_000;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('DONE');
  });

  it('records the signal, and a drain that turns out blind as a warning, once', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ signal: 'kernel', inFlight: 2, longLived: 3, sessions: 9, quietSeconds: 0, reason: 'no probes' });
    const look = await ask('checkWaitIdle', roll);
    expect(await target()).toMatchObject({ drainSignal: 'kernel', drainReason: 'no probes', inFlight: 2, longLived: 3, sessions: 9 });
    expect((await records.getDeploy('web', 'd1'))?.warnings).toBeUndefined();
    runCommand.answer({ signal: 'blind', quietSeconds: 0, reason: 'ss is missing' });
    const again = await ask('checkWaitIdle', look.roll);
    await ask('checkWaitIdle', again.roll);
    expect(await target()).toMatchObject({ drainSignal: 'blind', drainReason: 'ss is missing' });
    expect((await records.getDeploy('web', 'd1'))?.warnings).toEqual([
      'A server is drained blind, for 310 s: ss is missing. Requests that take longer than 300 s are cut.',
    ]);
  });

  it('watches the ports of the registration, and only counts where a connection carries several requests', async () => {
    const watch = async (target: object, signal: 'auto' | 'kernel' | 'blind' = 'auto') => {
      const drain = { quietSeconds: 0, target: { ports: [], deregisteredAtMs: clock.nowMs, ...target } };
      const settings = { ...DEPLOY.settings, drainSignal: signal, longLived: 'wait' as const };
      await command({ step: 'sendWaitIdle', deploy: { ...DEPLOY, settings }, lease, roll: { ...ROLL, drain } });
      const { targetPorts, drainSignal, longLived } = (runCommand.sent.at(-1)?.parameters ?? {}) as Record<string, string>;
      return { targetPorts, drainSignal, longLived };
    };
    expect(await watch({ ports: [80, 8080] })).toEqual({ targetPorts: '80,8080', drainSignal: 'auto', longLived: 'wait' });
    expect(await watch({ multiplexed: true })).toMatchObject({ targetPorts: '0', drainSignal: 'counts' });
    expect(await watch({ multiplexed: true }, 'kernel')).toMatchObject({ drainSignal: 'counts' });
    expect(await watch({ multiplexed: true }, 'blind')).toMatchObject({ drainSignal: 'blind' });
    expect(await watch({}, 'kernel')).toMatchObject({ drainSignal: 'kernel' });
  });

  it('ends the last slice with the time-out, and fails when its answer is late, so that the target is back before the cut', async () => {
    clock.nowMs = ROLL.phaseStartedAtMs + 280_000;
    const { roll } = await ask('sendWaitIdle');
    expect(runCommand.sent.at(-1)?.parameters).toMatchObject({ sliceSeconds: '5' });
    clock.nowMs += 12_999;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
    clock.nowMs += 1;
    await expect(ask('checkWaitIdle', roll)).rejects.toMatchObject({ name: 'CommandFailed' });
  });

  it('ends with the next phase on record and the time it took', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 40, quietSeconds: 25 });
    clock.nowMs += 32_000;
    expect(await ask('checkWaitIdle', roll)).toMatchObject({ verdict: 'DONE', roll: { phaseStartedAtMs: START_MS + 32_000 } });
    expect(await target()).toMatchObject({ phase: 'installing' });
    expect(metrics.written).toEqual(['DrainSeconds 32']);
  });

  it('counts the sessions that the server held when it was first looked at', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ signal: 'counts', inFlight: 1, requests: 40, sessions: 120, quietSeconds: 0 });
    const look = await ask('checkWaitIdle', roll);
    expect([look.verdict, look.roll.drain?.sessions]).toEqual(['REPEAT', 120]);
    runCommand.answer({ signal: 'counts', inFlight: 0, requests: 40, sessions: 90, quietSeconds: 25 });
    clock.nowMs += 32_000;
    expect((await ask('checkWaitIdle', look.roll)).verdict).toBe('DONE');
    expect(metrics.written).toEqual(['DrainSeconds 32', 'DrainedSessions 120']);
  });

  describe('that cuts', () => {
    const LOOKED = { older: 2, younger: 0 };
    const STUCK = { signal: 'kernel', inFlight: 2, quietSeconds: 0, ...LOOKED } as const;
    const cutting = { ...DEPLOY, settings: { ...DEPLOY.settings, onDrainTimeout: 'cut' as const } };
    const askCutting = (step: CommandRequest['step'], roll: Roll = ROLL) => command({ step, deploy: cutting, lease, roll });
    const warnings = async () => (await records.getDeploy('web', 'd1'))?.warnings;
    /** The phase is recorded by the step that deregisters. */
    const drains = () =>
      records.updateTarget('web', 'd1', 'i-1', {
        phase: 'draining',
        phaseStartedAtMs: START_MS,
        phases: [{ phase: 'draining', startedAtMs: START_MS }],
      });

    it('looks at the server while it still serves', async () => {
      const { roll } = await askCutting('sendLook');
      expect(runCommand.sent.at(-1)?.parameters).toMatchObject({ watch: 'inFlight', sliceSeconds: '0', fencingToken: '1' });
      expect((await askCutting('checkLook', roll)).verdict).toBe('WAIT');
      runCommand.answer({ signal: 'kernel', inFlight: 3, quietSeconds: 0 });
      expect(await askCutting('checkLook', roll)).toMatchObject({ verdict: 'DONE', roll: { commandId: undefined } });
    });

    it('does not look where nothing is to be cut: in a rollback', async () => {
      await records.updateTarget('web', 'd1', 'i-1', { rollingBackTo: '1.0.0' });
      const { roll } = await askCutting('sendLook');
      expect([runCommand.sent.length, (await askCutting('checkLook', roll)).verdict]).toEqual([0, 'DONE']);
    });

    it('has what it cut on record and among the warnings, once', async () => {
      await drains();
      const { roll } = await askCutting('sendWaitIdle');
      runCommand.answer(STUCK);
      clock.nowMs += 285_000;
      expect((await askCutting('checkWaitIdle', roll)).verdict).toBe('DONE');
      expect((await askCutting('checkWaitIdle', roll)).verdict).toBe('DONE');
      expect(await target()).toMatchObject({ phase: 'installing', requestsCut: 2 });
      expect(await warnings()).toEqual([
        'The drain of i-1 cut 2 requests, older than itself, when its time was up (deploy.onDrainTimeout).',
      ]);
    });

    it('has no ages where one connection carries several requests', async () => {
      await drains();
      const drain = { quietSeconds: 0, target: { ports: [], deregisteredAtMs: START_MS, multiplexed: true as const } };
      const { roll } = await askCutting('sendWaitIdle', { ...ROLL, drain });
      runCommand.answer({ ...STUCK, signal: 'counts', requests: 4 });
      clock.nowMs += 285_000;
      await expect(askCutting('checkWaitIdle', roll)).rejects.toMatchObject({ name: 'DrainTimedOut' });
      expect(await target()).not.toHaveProperty('requestsCut');
    });

    it('cuts on an operator’s word for this drain, and names the operator', async () => {
      await drains();
      const { roll } = await ask('sendWaitIdle');
      runCommand.answer({ ...STUCK, older: 0, younger: 2 });
      clock.nowMs += 60_000;
      await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: START_MS - 1 } });
      expect((await ask('checkWaitIdle', roll)).verdict, 'of an earlier wait').toBe('REPEAT');
      await records.updateTarget('web', 'd1', 'i-1', { endDrain: { requestedBy: 'ann', atMs: START_MS + 50_000 } });
      expect((await ask('checkWaitIdle', roll)).verdict).toBe('DONE');
      expect(await target()).toMatchObject({ requestsCut: 2 });
      expect(await warnings()).toEqual(['The drain of i-1 cut 2 requests: ann ended it.']);
    });
  });

  it('cancels a command that never ends', async () => {
    const { roll } = await ask('sendWaitIdle');
    clock.nowMs += 360_000;
    await expect(ask('checkWaitIdle', roll)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining('did not end in time'),
    });
    expect(runCommand.cancelled).toEqual(['command-1']);
  });

  it('cancels a command that no agent fetches long before that', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ state: 'running', undelivered: true });
    clock.nowMs += 59_999;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
    clock.nowMs += 1;
    await expect(ask('checkWaitIdle', roll)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining('was not fetched by the agent within 60 s'),
    });
    expect(runCommand.cancelled).toEqual(['command-1']);
  });

  it('waits for a step that is pending while the one before it runs', async () => {
    const { roll } = await ask('sendWaitIdle');
    runCommand.describe = async (_commandId, _instanceId, step) => ({ state: 'running', ...(step !== undefined && { undelivered: true }) });
    clock.nowMs += 61_000;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
  });

  it('fails soon after its server has restarted, which ends the command and reports the first step alone', async () => {
    const { roll } = await ask('sendWaitIdle');
    const failed = { state: 'failed', statusDetails: 'Failed', output: '', errorOutput: '' } as const;
    runCommand.describe = async (_commandId, _instanceId, step) => (step === undefined ? failed : { state: 'running' });
    clock.nowMs += 61_000;
    await expect(ask('checkWaitIdle', roll)).rejects.toMatchObject({
      name: 'CommandFailed',
      message: expect.stringContaining('ended as Failed'),
    });
    expect(runCommand.cancelled).toEqual([]);
  });

  it('counts from when it was sent, not from when the phase began', async () => {
    clock.nowMs += 50_000;
    const { roll } = await ask('sendWaitIdle');
    runCommand.answer({ state: 'running', undelivered: true });
    clock.nowMs += 59_000;
    expect((await ask('checkWaitIdle', roll)).verdict).toBe('WAIT');
  });
});
