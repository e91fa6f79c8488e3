import { beforeEach, expect, it } from 'vitest';
import { answerEndDrain } from '../../../../functions/deploy/end-drain/answer-end-drain.ts';
import type { OperatorPorts } from '../../../../functions/deploy/operator-ports-from-environment.ts';
import type { DeployRecord, TargetProgress } from '../../../../functions/records/types.ts';
import { recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const WHO = 'assumed-role/Operator/jane';
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const STATEMENT = { deployId: 'd1', instanceId: 'i-1', requestedBy: WHO };
const request = (more: object = {}) => ({ ...STATEMENT, ...more });

let target: TargetProgress;
let status: DeployRecord['status'];
let ports: OperatorPorts;

beforeEach(() => {
  status = 'RUNNING';
  target = { phase: 'sessionDrain', order: 0, fromVersion: '1', phaseStartedAtMs: NOW_MS - 60_000, sessionsLeft: 4 };
  ports = {
    now: () => NOW_MS,
    records: {
      ...memoryRecords(),
      getDeploy: async (fleet, id) =>
        fleet === 'web' && id === 'd1' ? ({ status, targets: { 'i-1': target } } as unknown as DeployRecord) : undefined,
      async updateTarget(_fleet, _id, _instance, progress, { phases = [] } = {}) {
        if (!phases.includes(target.phase)) return false;
        target = { ...target, ...progress };
        return true;
      },
    },
    log: recordingLog(),
    fleet: 'web',
  };
});

it('records the name that the caller states, and when', async () => {
  expect(await answerEndDrain(ports, request())).toEqual({
    outcome: 'ended',
    instanceId: 'i-1',
    requestedBy: WHO,
    sessionsLeft: 4,
  });
  expect(target.endDrain).toEqual({ requestedBy: WHO, atMs: NOW_MS });
});

it('changes nothing the second time, but for a later wait for the same server', async () => {
  const before = { requestedBy: 'ann', atMs: NOW_MS - 30_000 };
  target = { ...target, endDrain: before };
  expect(await answerEndDrain(ports, request())).toMatchObject({ outcome: 'ended' });
  expect(target.endDrain).toEqual(before);
  target = { ...target, phases: [{ phase: 'pinning', startedAtMs: NOW_MS - 10_000 }] };
  expect(await answerEndDrain(ports, request())).toMatchObject({ outcome: 'ended' });
  expect(target.endDrain).toEqual({ requestedBy: WHO, atMs: NOW_MS });
});

it('ends the drain of a server’s requests only where the statement says so, and with their number', async () => {
  target = { ...target, phase: 'draining', inFlight: 2, phases: [{ phase: 'draining', startedAtMs: NOW_MS - 90_000 }] };
  expect(await answerEndDrain(ports, request())).toMatchObject({ error: 'NoSessionDrain' });
  expect(target).not.toHaveProperty('endDrain');
  const requests = { outcome: 'ended', instanceId: 'i-1', requestedBy: WHO, requestsLeft: 2 };
  expect(await answerEndDrain(ports, request({ ends: 'requests' }))).toEqual(requests);
  expect(target.endDrain).toEqual({ requestedBy: WHO, atMs: NOW_MS });
  target = { ...target, phase: 'sessionDrain' };
  expect(await answerEndDrain(ports, request({ ends: 'requests' }))).toMatchObject({ error: 'NoSessionDrain' });
});

it('says nothing of a count that could not be read', async () => {
  const { sessionsLeft: _, ...unknown } = target;
  target = unknown;
  expect(await answerEndDrain(ports, request())).toEqual({ outcome: 'ended', instanceId: 'i-1', requestedBy: WHO });
});

it.each([
  ['waits for no sessions', { phase: 'installing' }, 'RUNNING', {}, 'NoSessionDrain'],
  ['has ended', {}, 'ABORTED', {}, 'NoSessionDrain'],
  ['is not on record', {}, 'RUNNING', { deployId: 'd2' }, 'NoSuchDeploy'],
  ['waits for the sessions of another server by now', {}, 'RUNNING', { instanceId: 'i-2' }, 'NoSessionDrain'],
] as const)('refuses a deploy that %s, and changes nothing', async (_what, change, now, stated, error) => {
  target = { ...target, ...change };
  status = now;
  const reply = await answerEndDrain(ports, request(stated));
  expect(reply).toMatchObject({ outcome: 'refused', error, message: expect.stringContaining('Nothing was changed.') });
  expect(target).not.toHaveProperty('endDrain');
});

it('refuses when the wait has ended between the read and the change', async () => {
  const { updateTarget } = ports.records;
  const records: OperatorPorts['records'] = {
    ...ports.records,
    updateTarget: async (...parameters) => {
      target = { ...target, phase: 'draining' };
      return updateTarget(...parameters);
    },
  };
  expect(await answerEndDrain({ ...ports, records }, request())).toMatchObject({ error: 'NoSessionDrain' });
  expect(target).not.toHaveProperty('endDrain');
});

it.each([
  ['no request', {}, 'InvalidRequest'],
  ['text', 'text', 'InvalidRequest'],
  ['an input that it does not have', request({ fleet: 'shop' }), 'InvalidRequest'],
  ['a statement without a name', request({ requestedBy: undefined }), 'InvalidRequest'],
  ['an id with other characters', request({ deployId: '../d1' }), 'InvalidRequest'],
  ['a statement that names no server', request({ instanceId: undefined }), 'InvalidRequest'],
  ['a server with other characters', request({ instanceId: '__proto__' }), 'InvalidRequest'],
])('refuses %s before it reads anything', async (_what, input, error) => {
  const records = {
    ...memoryRecords(),
    getDeploy: () => Promise.reject(new Error('read')),
    updateTarget: () => Promise.reject(new Error('written')),
  };
  expect(await answerEndDrain({ ...ports, records }, input)).toMatchObject({ outcome: 'refused', error });
});
