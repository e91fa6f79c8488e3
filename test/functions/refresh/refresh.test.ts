import { beforeEach, describe, expect, it } from 'vitest';
import type { WaitIdleOutput } from '../../../functions/instance/document-contract.ts';
import type { Lease } from '../../../functions/records/types.ts';
import type { Begun, NextReply, RefreshContext, ServerRefresh, ServerReply } from '../../../functions/refresh/contract.ts';
import { createRefresh } from '../../../functions/refresh/refresh.ts';
import type { GroupServer, GroupServers } from '../../../functions/shared/aws/group-servers.ts';
import { createClock, recordingLog, START_MS, stealLock } from '../fakes/fixtures.ts';
import { memoryRecords } from '../fakes/memory-records.ts';
import { memoryRefreshRecords } from '../fakes/memory-refresh-records.ts';
import { fakeTargetGroup } from '../fakes/target-group.ts';

const MACHINE = 'arn:aws:states:us-east-1:1:stateMachine:holdfast-web-refresh';
const IDLE = { signal: 'counts' as const, inFlight: 0, quietSeconds: 60, requests: 10 };
const START = {
  executionName: 'r1',
  executionArn: MACHINE.replace('stateMachine', 'execution').concat(':r1'),
  startTime: new Date(START_MS).toISOString(),
};

/** Three servers of version 1 of a template whose version 2 is current; what is terminated is replaced at once. */
function world() {
  const clock = createClock();
  const records = { ...memoryRecords(), ...memoryRefreshRecords() };
  const member = (instanceId: string, version = '1'): GroupServer => ({
    instanceId,
    lifecycleState: 'InService',
    launchTemplate: { id: 'lt-1', version },
  });
  const group: { -readonly [K in keyof GroupServers]: GroupServers[K] } = {
    members: [member('i-1'), member('i-2'), member('i-3')],
    desiredCapacity: 3,
    suspendedProcesses: [],
    current: { launchTemplate: { id: 'lt-1', version: '2' }, otherTemplateIds: [] },
  };
  const targetGroup = fakeTargetGroup(
    { 'i-1': 'healthy', 'i-2': 'healthy', 'i-3': 'healthy' },
    { 'i-1': [{ port: 8080 }], 'i-2': [{ port: 8080 }], 'i-3': [{ port: 8080 }] },
  );
  const state = {
    answer: IDLE as WaitIdleOutput | undefined,
    execution: undefined as { status: string; error?: string; cause?: string; stopDate?: number } | undefined,
  };
  const replaced: string[] = [];
  const ports = {
    records,
    group: {
      read: async () => structuredClone(group),
      async replace(instanceId: string) {
        replaced.push(instanceId);
        const newcomer = `i-${Number(instanceId.slice(2)) + 10}`;
        group.members = [...group.members.filter((one) => one.instanceId !== instanceId), member(newcomer, '2')];
        targetGroup.states[newcomer] = 'healthy';
      },
    },
    targetGroup,
    commands: {
      latestVersions: async () => ({ waitIdle: '2', install: '3', observe: '4' }),
      sendWaitIdle: async () => 'command-1',
      readWaitIdle: async () => state.answer,
    },
    describeExecution: async () => state.execution,
    log: recordingLog(),
    now: clock.now,
    fleet: 'web',
    settings: {},
    stateMachineArn: MACHINE,
  };
  const run = createRefresh(ports);
  return { clock, records, group, targetGroup, state, replaced, run, member };
}

let w: ReturnType<typeof world>;
beforeEach(() => {
  w = world();
});

const begin = async (input: object = {}) => (await w.run({ step: 'begin', input, ...START })) as Begun;
async function begun(input: object = {}): Promise<{ refresh: RefreshContext; lease: Lease }> {
  const { refresh, lease } = await begin(input);
  return { refresh: refresh as RefreshContext, lease: lease as Lease };
}
const next = async (held: { refresh: RefreshContext; lease: Lease }) =>
  (await w.run({ step: 'next', ...held, waitingSinceMs: 0 })) as NextReply;

/** As the state machine goes through one server, up to `last`. */
async function through(
  held: { refresh: RefreshContext; lease: Lease },
  server: ServerRefresh,
  last = 'checkReplaced',
): Promise<ServerRefresh> {
  let carried = server;
  for (const step of ['deregister', 'sendDrain', 'checkDrain', 'terminate', 'checkReplaced'] as const) {
    w.clock.nowMs += 30_000;
    const reply = (await w.run({ step, ...held, server: carried })) as ServerReply;
    carried = reply.server;
    if (step === last) return carried;
  }
  return carried;
}

const phases = async () =>
  Object.fromEntries(Object.entries((await w.records.getRefresh('web'))?.servers ?? {}).map(([id, { phase }]) => [id, phase]));

describe('a refresh', () => {
  it('takes each outdated server out, waits until it is idle, has it replaced, and frees the lock at the end', async () => {
    const held = await begun();
    for (let reply = await next(held); reply.verdict === 'ROLL'; reply = await next(held))
      await through(held, reply.server as ServerRefresh);
    await w.run({ step: 'finish', ...held });
    expect(w.replaced).toEqual(['i-1', 'i-2', 'i-3']);
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080', 'deregister i-2 at 8080', 'deregister i-3 at 8080']);
    const record = await w.records.getRefresh('web');
    expect(record).toMatchObject({ status: 'SUCCEEDED', to: { launchTemplate: 'lt-1 version 2' } });
    expect(record?.servers['i-1']).toMatchObject({
      phase: 'replaced',
      launchTemplate: 'lt-1 version 1',
      replacement: { instanceId: 'i-11', launchTemplate: 'lt-1 version 2' },
    });
    expect((await w.records.getLock('web'))?.deployId).toBeUndefined();
  });

  it('takes the lock as a refresh, which is no open deploy', async () => {
    await begun({ requestedBy: 'ann' });
    expect(await w.records.getLock('web')).toMatchObject({
      deployId: 'r1',
      heldBy: 'refresh',
      requestedBy: 'ann',
      version: 'lt-1 version 2',
    });
    expect((await w.records.getLock('web'))?.openDeploys).toBeUndefined();
  });

  it('replaces every server when all are asked for, each once', async () => {
    w.group.current = { ...w.group.current, launchTemplate: { id: 'lt-1', version: '1' } };
    w.group.members = w.group.members.map(({ instanceId }) => w.member(instanceId, '1'));
    const plan = (await begin({ all: true })).plan;
    expect(plan.toReplace.map(({ why }) => why)).toEqual(Array(3).fill('every server is replaced'));
  });
});

describe('a refresh that has nothing to do', () => {
  it('changes nothing for a dry run, and reports what it would replace', async () => {
    const { verdict, plan } = await begin({ dryRun: true });
    expect(verdict).toBe('SKIP');
    expect(plan.toReplace).toHaveLength(3);
    expect(plan.toReplace[0]).toEqual({
      instanceId: 'i-1',
      why: 'launch template version 1, and 2 is current',
      launchTemplate: 'lt-1 version 1',
    });
    expect(await w.records.getLock('web')).toBeUndefined();
    expect(await w.records.getRefresh('web')).toBeUndefined();
  });

  it('ends at once where every server is current', async () => {
    w.group.current = { ...w.group.current, launchTemplate: { id: 'lt-1', version: '1' } };
    expect(await begin()).toMatchObject({ verdict: 'SKIP', plan: { members: 3, toReplace: [] } });
    expect(await w.records.getLock('web')).toBeUndefined();
  });
});

describe('a refresh is refused', () => {
  it('while a deploy holds the lock', async () => {
    await stealLock(w.records);
    await expect(begin()).rejects.toThrow(/^deploy thief of 3 by bob has held the lock of fleet web since /);
  });

  it.each(['Launch', 'AddToLoadBalancer'])('while %s is suspended: no server would come', async (process) => {
    w.group.suspendedProcesses = [process];
    await expect(begin()).rejects.toThrow(`the Auto Scaling process ${process} is suspended`);
    expect(await w.records.getLock('web')).toBeUndefined();
  });

  it('for input with an unknown key', async () => {
    await expect(begin({ force: true })).rejects.toThrow("the refresh's input is not valid");
  });
});

describe('a refresh that fails', () => {
  it('registers a server again whose requests do not end, and leaves the rest', async () => {
    const held = await begun();
    const { server } = await next(held);
    const draining = await through(held, server as ServerRefresh, 'sendDrain');
    w.state.answer = { ...IDLE, inFlight: 1, quietSeconds: 0 };
    w.clock.nowMs += 290_000;
    const failure = await w.run({ step: 'checkDrain', ...held, server: draining }).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({ name: 'DrainTimedOut' });
    const error = { Error: 'DrainTimedOut', Cause: JSON.stringify({ errorMessage: 'i-1 was not idle' }) };
    expect(await w.run({ step: 'finish', ...held, error })).toEqual({
      verdict: 'DONE',
      error: { Error: 'DrainTimedOut', Cause: 'i-1 was not idle' },
    });
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080', 'register i-1 at 8080']);
    expect(w.replaced).toEqual([]);
    expect(await phases()).toEqual({ 'i-1': 'kept', 'i-2': 'waiting', 'i-3': 'waiting' });
    expect((await w.records.getLock('web'))?.deployId).toBeUndefined();
  });

  it('goes on where the fleet lets it cut what is older than the drain, and has that on record', async () => {
    const { refresh, lease } = await begun();
    const held = { refresh: { ...refresh, settings: { ...refresh.settings, onDrainTimeout: 'cut' as const } }, lease };
    const { server } = await next(held);
    const looked = (await w.run({ step: 'sendLook', ...held, server: server as ServerRefresh })) as ServerReply;
    expect((await w.run({ step: 'checkLook', ...held, server: looked.server })) as ServerReply).toMatchObject({ verdict: 'DONE' });
    const draining = await through(held, looked.server, 'sendDrain');
    w.state.answer = { ...IDLE, inFlight: 1, quietSeconds: 0, older: 1, younger: 0 };
    w.clock.nowMs += 290_000;
    const idle = (await w.run({ step: 'checkDrain', ...held, server: draining })) as ServerReply;
    expect(idle.verdict).toBe('DONE');
    await w.run({ step: 'terminate', ...held, server: idle.server });
    expect((await w.records.getRefresh('web'))?.servers['i-1']).toMatchObject({ phase: 'replacing', requestsCut: 1 });
  });

  it('stops with the rest untouched when a replacement goes before it served', async () => {
    const held = await begun();
    const { server } = await next(held);
    const replacing = await through(held, server as ServerRefresh, 'terminate');
    w.group.members = w.group.members.map((one) => (one.instanceId === 'i-11' ? { ...one, lifecycleState: 'Pending:Wait' } : one));
    const waiting = (await w.run({ step: 'checkReplaced', ...held, server: replacing })) as ServerReply;
    expect(waiting.verdict).toBe('WAIT');
    w.group.members = w.group.members.filter(({ instanceId }) => instanceId !== 'i-11');
    await expect(w.run({ step: 'checkReplaced', ...held, server: waiting.server })).rejects.toThrow('its launch failed');
    await w.run({ step: 'finish', ...held, error: { Error: 'ReplacementFailed', Cause: 'its launch failed' } });
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080']);
    expect(await phases()).toEqual({ 'i-1': 'failed', 'i-2': 'waiting', 'i-3': 'waiting' });
  });

  it('changes nothing once another holds the lock', async () => {
    const held = await begun();
    const { server } = await next(held);
    await through(held, server as ServerRefresh, 'deregister');
    await stealLock(w.records);
    await expect(w.run({ step: 'terminate', ...held, server: server as ServerRefresh })).rejects.toMatchObject({ name: 'LeaseLost' });
    await w.run({ step: 'finish', ...held, error: { Error: 'LeaseLost', Cause: 'x' } });
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080']);
    expect((await w.records.getLock('web'))?.deployId).toBe('thief');
    expect(await w.records.getRefresh('web')).toMatchObject({ status: 'FAILED' });
  });

  it('has its replacement recognized when the group was faster: a failed health check of the drained server', async () => {
    const held = await begun();
    const { server } = await next(held);
    const drained = await through(held, server as ServerRefresh, 'checkDrain');
    w.group.members = [...w.group.members.filter(({ instanceId }) => instanceId !== 'i-1'), w.member('i-11', '2')];
    w.targetGroup.states['i-11'] = 'healthy';
    const { server: replacing } = (await w.run({ step: 'terminate', ...held, server: drained })) as ServerReply;
    expect(await w.run({ step: 'checkReplaced', ...held, server: replacing })).toMatchObject({ verdict: 'DONE' });
  });
});

describe('an execution that was stopped', () => {
  it.each([
    ['ABORTED', 'by the event', { step: 'tidy', refreshId: 'r1' }],
    ['TIMED_OUT', 'by the schedule', { step: 'check' }],
  ] as const)('%s: a drained server serves again, and the lock is free, %s', async (status, _, request) => {
    const held = await begun();
    const { server } = await next(held);
    await through(held, server as ServerRefresh, 'deregister');
    w.state.execution = { status: 'RUNNING' };
    await w.run(request);
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080']);
    w.state.execution = { status, error: 'Aborted', cause: 'by hand' };
    await w.run(request);
    await w.run(request);
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080', 'register i-1 at 8080']);
    expect(await phases()).toEqual({ 'i-1': 'kept', 'i-2': 'waiting', 'i-3': 'waiting' });
    expect(await w.records.getRefresh('web')).toMatchObject({ status, error: { Error: 'Aborted', Cause: 'by hand' } });
    expect((await w.records.getLock('web'))?.deployId).toBeUndefined();
  });

  it('is fenced off first: a step of it that is still under way changes nothing more', async () => {
    const held = await begun();
    const { server } = await next(held);
    w.state.execution = { status: 'ABORTED' };
    await w.run({ step: 'tidy', refreshId: 'r1' });
    await expect(w.run({ step: 'deregister', ...held, server: server as ServerRefresh })).rejects.toMatchObject({ name: 'LeaseLost' });
  });

  it('is left to a later check while a function that it called may still run, which could terminate the server', async () => {
    const held = await begun();
    const { server } = await next(held);
    await through(held, server as ServerRefresh, 'deregister');
    w.state.execution = { status: 'ABORTED', stopDate: w.clock.nowMs / 1000 - 59 };
    await w.run({ step: 'check' });
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080']);
    w.state.execution = { status: 'ABORTED', stopDate: w.clock.nowMs / 1000 - 60 };
    await w.run({ step: 'check' });
    expect(w.targetGroup.calls).toEqual(['deregister i-1 at 8080', 'register i-1 at 8080']);
  });

  it('of an earlier refresh is left alone', async () => {
    await begun();
    expect(await w.run({ step: 'tidy', refreshId: 'r0' })).toEqual({ verdict: 'SKIP' });
    expect((await w.records.getLock('web'))?.deployId).toBe('r1');
  });
});

describe('the schedule', () => {
  it('records which servers are outdated, and why', async () => {
    await w.run({ step: 'check' });
    const why = 'launch template version 1, and 2 is current';
    expect(await w.records.getServers('web')).toEqual({
      checkedAtMs: START_MS,
      members: 3,
      current: { launchTemplate: 'lt-1 version 2' },
      outdated: { 'i-1': why, 'i-2': why, 'i-3': why },
    });
  });
});
