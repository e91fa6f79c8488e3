import { beforeEach, expect, it } from 'vitest';
import { answerContinue, type ContinuePorts } from '../../../../functions/deploy/continue/answer-continue.ts';
import { endDrainStatement } from '../../../../functions/deploy/end-drain/contract.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { UnknownCaller } from '../../../../functions/shared/caller/verify-request.ts';
import { beginDeploy, DEPLOY, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator`;
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const proof = {
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-holdfast-publish, Signature=${'0'.repeat(64)}`,
  date: '20261122T032000Z',
};
const STATEMENT = { installation: 'live', fleet: 'web', deployId: 'd1', command: 'continue' };
const request = (more: object = {}) => ({ statement: JSON.stringify({ ...STATEMENT, ...more }), proof });
const target = { order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1 };

let records: Records;
let ports: ContinuePorts;

beforeEach(async () => {
  records = memoryRecords();
  await beginDeploy(records, DEPLOY, {
    'i-1': { ...target, phase: 'done', executionName: 'e' },
    'i-2': { ...target, phase: 'waiting' },
    'i-3': { ...target, phase: 'waiting' },
  });
  await records.beginPause('web', 'd1', { after: 1, startedAtMs: NOW_MS - 60_000, endsAtMs: NOW_MS + 60_000 });
  ports = {
    resolveCaller: async () => ({ account: ACCOUNT, arn: `${ROLE}/jane.doe@example.com` }),
    region: 'eu-west-1',
    now: () => NOW_MS,
    records,
    log: recordingLog(),
    installation: 'live',
    fleet: 'web',
  };
});

const continued = async () => (await records.getDeploy('web', 'd1'))?.pause?.continued;

it('records the role of the caller, and when', async () => {
  expect(await answerContinue(ports, ACCOUNT, request())).toEqual({ outcome: 'continued', done: 1, servers: 3, requestedBy: ROLE });
  expect(await continued()).toEqual({ requestedBy: ROLE, atMs: NOW_MS });
});

it('refuses the second one, and names the first', async () => {
  await answerContinue(ports, ACCOUNT, request());
  const later = { ...ports, now: () => NOW_MS + 1_000, resolveCaller: async () => ({ account: ACCOUNT, arn: `${ROLE}2/bob` }) };
  expect(await answerContinue(later, ACCOUNT, request())).toMatchObject({
    outcome: 'refused',
    error: 'NotWaiting',
    message: expect.stringContaining(`was already continued, by ${ROLE} at 2026-11-22T03:20:00.000Z. Nothing was changed.`),
  });
  expect(await continued()).toEqual({ requestedBy: ROLE, atMs: NOW_MS });
});

it('has gone on when only the answer to the write was lost', async () => {
  const lost: ContinuePorts['records'] = {
    ...records,
    continueDeploy: async (...mark) => {
      await records.continueDeploy(...mark);
      return records.continueDeploy(...mark);
    },
  };
  expect(await answerContinue({ ...ports, records: lost }, ACCOUNT, request())).toMatchObject({ outcome: 'continued' });
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
  const reply = await answerContinue(ports, ACCOUNT, request());
  expect(reply).toMatchObject({ outcome: 'refused', error: 'NotWaiting', message: expect.stringMatching(message) });
  expect(await continued()).toBeUndefined();
});

it('refuses a deploy that was not to stop, and one that does not wait yet', async () => {
  records = memoryRecords();
  await beginDeploy(records);
  const message = async () => JSON.stringify(await answerContinue({ ...ports, records }, ACCOUNT, request()));
  expect(await message()).toContain('it was started without --pause-after');
});

it.each<[string, object, string]>([
  ['an unknown deploy', request({ deployId: 'd2' }), 'NoSuchDeploy'],
  ['another fleet', request({ fleet: 'api' }), 'InvalidRequest'],
  ['another installation', request({ installation: 'test' }), 'InvalidRequest'],
  [
    "another command's statement",
    { statement: JSON.stringify({ installation: 'live', fleet: 'web', deployId: 'd1' }), proof },
    'InvalidRequest',
  ],
  ['no proof', { statement: JSON.stringify(STATEMENT) }, 'InvalidRequest'],
])('refuses %s', async (_, given, error) => {
  expect(await answerContinue(ports, ACCOUNT, given)).toMatchObject({ outcome: 'refused', error });
  expect(await continued()).toBeUndefined();
});

it('states what end-drain does not take for its own', () => {
  expect(endDrainStatement.safeParse(STATEMENT).success).toBe(false);
});

it.each<[string, Partial<ContinuePorts>]>([
  ['STS does not know', { resolveCaller: async () => Promise.reject(new UnknownCaller('no')) }],
  ['is of another account', { resolveCaller: async () => ({ account: '999999999999', arn: ROLE }) }],
  ['has signed long ago', { now: () => NOW_MS + 3_600_000 }],
])('refuses a caller that %s', async (_, more) => {
  expect(await answerContinue({ ...ports, ...more }, ACCOUNT, request())).toMatchObject({ error: 'UnknownCaller' });
  expect(await continued()).toBeUndefined();
});
