import { beforeEach, expect, it } from 'vitest';
import { answerEndDrain, type EndDrainPorts } from '../../../../functions/deploy/end-drain/answer.ts';
import type { Records } from '../../../../functions/records/records.ts';
import { UnknownCaller } from '../../../../functions/shared/caller/resolve-caller.ts';
import { beginDeploy, recordingLog } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator`;
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const proof = {
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-holdfast-publish, Signature=${'0'.repeat(64)}`,
  date: '20261122T032000Z',
};
const request = (more: object = {}) => ({
  statement: JSON.stringify({ installation: 'live', fleet: 'web', deployId: 'd1', ...more }),
  proof,
});

let records: Records;
let ports: EndDrainPorts;

beforeEach(async () => {
  records = memoryRecords();
  await beginDeploy(records);
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'sessionDrain', phaseStartedAtMs: 1, sessionsLeft: 3 });
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

const endDrain = async () => (await records.getDeploy('web', 'd1'))?.targets['i-1']?.endDrain;

it('records who ended the wait, by the role alone, and once', async () => {
  const ended = { outcome: 'ended', instanceId: 'i-1', sessionsLeft: 3, requestedBy: ROLE };
  expect(await answerEndDrain(ports, ACCOUNT, request())).toEqual(ended);
  expect(await endDrain()).toEqual({ requestedBy: ROLE, atMs: NOW_MS });
  expect(await answerEndDrain({ ...ports, now: () => NOW_MS + 1 }, ACCOUNT, request())).toEqual(ended);
  expect(await endDrain()).toEqual({ requestedBy: ROLE, atMs: NOW_MS });
});

it.each([
  ['another installation', { installation: 'other' }, 'InvalidRequest'],
  ['another fleet', { fleet: 'other' }, 'InvalidRequest'],
  ['a deploy that is not on record', { deployId: 'd2' }, 'NoSuchDeploy'],
])('refuses %s, and changes nothing', async (_, more, error) => {
  expect(await answerEndDrain(ports, ACCOUNT, request(more))).toMatchObject({ outcome: 'refused', error });
  expect(await endDrain()).toBeUndefined();
});

it('refuses a deploy that waits for no sessions now', async () => {
  await records.updateTarget('web', 'd1', 'i-1', { phase: 'installing', phaseStartedAtMs: 2 });
  expect(await answerEndDrain(ports, ACCOUNT, request())).toMatchObject({ outcome: 'refused', error: 'NoSessionDrain' });
  expect(await endDrain()).toBeUndefined();
});

it('refuses a caller that cannot be verified', async () => {
  ports = {
    ...ports,
    resolveCaller: async () => {
      throw new UnknownCaller('STS refused the signature');
    },
  };
  expect(await answerEndDrain(ports, ACCOUNT, request())).toMatchObject({ outcome: 'refused', error: 'UnknownCaller' });
  expect(await endDrain()).toBeUndefined();
});
