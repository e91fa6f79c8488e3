import { beforeEach, expect, it } from 'vitest';
import { answerContinue } from '../../../../functions/deploy/continue/answer-continue.ts';
import type { OperatorPorts } from '../../../../functions/deploy/operator-ports-from-environment.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { beginDeploy, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const WHO = 'assumed-role/Operator/jane';
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const STATEMENT = { deployId: 'd1', requestedBy: WHO };
const request = (more: object = {}) => ({ ...STATEMENT, ...more });
const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };

let records: Records;
let ports: OperatorPorts;

beforeEach(async () => {
  records = memoryRecords();
  await beginDeploy(records, DEPLOY, {
    'i-1': { ...target, phase: 'done', executionName: 'e' },
    'i-2': { ...target, phase: 'waiting' },
    'i-3': { ...target, phase: 'waiting' },
  });
  await records.beginPause('web', 'd1', { after: 1, startedAtMs: NOW_MS - 60_000, endsAtMs: NOW_MS + 60_000 });
  ports = {
    now: () => NOW_MS,
    records,
    log: recordingLog(),
    fleet: 'web',
  };
});

const continued = async () => (await records.getDeploy('web', 'd1'))?.pause?.continued;

it('records the name that the caller states, and when', async () => {
  expect(await answerContinue(ports, request())).toEqual({ outcome: 'continued', done: 1, servers: 3, requestedBy: WHO });
  expect(await continued()).toEqual({ requestedBy: WHO, atMs: NOW_MS });
});

it('refuses the second one, and names the first', async () => {
  await answerContinue(ports, request());
  const later = { ...ports, now: () => NOW_MS + 1_000 };
  expect(await answerContinue(later, request({ requestedBy: 'user/bob' }))).toMatchObject({
    outcome: 'refused',
    error: 'NotWaiting',
    message: expect.stringContaining(`was already continued, by ${WHO} at 2026-11-22T03:20:00.000Z. Nothing was changed.`),
  });
  expect(await continued()).toEqual({ requestedBy: WHO, atMs: NOW_MS });
});

it('has gone on when only the answer to the write was lost', async () => {
  const lost: OperatorPorts['records'] = {
    ...records,
    continueDeploy: async (...mark) => {
      await records.continueDeploy(...mark);
      return records.continueDeploy(...mark);
    },
  };
  expect(await answerContinue({ ...ports, records: lost }, request())).toMatchObject({ outcome: 'continued' });
});

it.each<[string, () => Promise<unknown>, RegExp]>([
  ['has ended', () => records.finishDeploy('web', 'd1', { status: 'ABORTED', finishedAtMs: 1 }), /has already ended with ABORTED/],
  [
    'rolls back',
    () => records.failPause('web', 'd1', { Error: 'PauseTimedOut', Cause: '' }),
    /has failed \(PauseTimedOut\) and rolls back/,
  ],
  [
    'is cleaned up',
    () => records.claimCleanUp('web', 'd1', { executionArn: 'a', startedAtMs: 1, attempt: 1 }, undefined),
    /its clean-up restores the servers/,
  ],
  [
    'has waited too long',
    async () => {
      ports = { ...ports, now: () => NOW_MS + 60_000 };
    },
    /has waited until .* and rolls back/,
  ],
])('refuses a deploy that %s, and changes nothing', async (_, given, message) => {
  await given();
  const reply = await answerContinue(ports, request());
  expect(reply).toMatchObject({ outcome: 'refused', error: 'NotWaiting', message: expect.stringMatching(message) });
  expect(await continued()).toBeUndefined();
});

it('refuses a deploy that was not to stop, and one that does not wait yet', async () => {
  records = memoryRecords();
  await beginDeploy(records);
  const message = async () => JSON.stringify(await answerContinue({ ...ports, records }, request()));
  expect(await message()).toContain('it was started without --pause-after');
});

it.each<[string, object, string]>([
  ['an unknown deploy', request({ deployId: 'd2' }), 'NoSuchDeploy'],
  ['an input that it does not have', request({ fleet: 'api' }), 'InvalidRequest'],
  ['no name', request({ requestedBy: undefined }), 'InvalidRequest'],
  ['an empty name', request({ requestedBy: '' }), 'InvalidRequest'],
  ['a longer name', request({ requestedBy: 'a'.repeat(129) }), 'InvalidRequest'],
  ['a name that steers a terminal', request({ requestedBy: 'user/\u001b[2J' }), 'InvalidRequest'],
])('refuses %s', async (_, given, error) => {
  expect(await answerContinue(ports, given)).toMatchObject({ outcome: 'refused', error });
  expect(await continued()).toBeUndefined();
});
