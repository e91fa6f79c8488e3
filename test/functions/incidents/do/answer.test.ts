import { beforeEach, expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { MitigationKey } from '../../../../functions/incidents/contract/mitigations.ts';
import { answerRequest, type DoPorts } from '../../../../functions/incidents/do/answer.ts';
import { identityOf, UnknownCaller } from '../../../../functions/shared/caller/verify-request.ts';
import { recordingLog } from '../../fakes/fixtures.ts';
import { anIncident } from '../report/an-incident.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator`;
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const proof = {
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-holdfast-publish, Signature=${'0'.repeat(64)}`,
  date: '20261122T032000Z',
};
const STATEMENT = { installation: 'live', incidentId: 'inc-0123456789ab', mitigation: 'restore-stickiness', run: 1, what: 'do' };
const request = (more: object = {}) => ({ statement: JSON.stringify({ ...STATEMENT, ...more }), proof });
const ended = request({ what: 'end' });

let key: MitigationKey;
let record: MitigationRecord;
let incident: Partial<IncidentRecord>;
let started: number[];
let starts: boolean;
let sent: object[];
let undone: boolean;
let ports: DoPorts;

beforeEach(() => {
  key = 'restore-stickiness';
  record = anIncident().mitigations['restore-stickiness'] as MitigationRecord;
  [incident, started, starts, sent, undone] = [{}, [], true, [], true];
  ports = {
    resolveCaller: async () => ({ account: ACCOUNT, arn: `${ROLE}/jane.doe@example.com` }),
    region: 'eu-west-1',
    now: () => NOW_MS,
    incidents: {
      getIncident: async () => anIncident({ ...incident, mitigations: { [key]: record } }),
      moveMitigation: async (_id, _key, from, change, { ofRun } = {}) => {
        if (!from.includes(record.state) || record.run !== (ofRun ?? record.run)) return false;
        record = { ...record, ...change };
        return true;
      },
    },
    async start(_id, _key, atMs) {
      started.push(atMs);
      return starts;
    },
    async mitigate(step) {
      sent.push(step);
      record = { ...record, state: undone ? 'undone' : 'undoing' };
      return { key, verdict: 'DONE' };
    },
    log: recordingLog(),
    installation: 'live',
  };
});
const ask = (input: unknown = request()) => answerRequest(ports, ACCOUNT, input);

it('records who asks, and starts the runbook once, however often that is repeated', async () => {
  expect([await ask(), await ask()]).toEqual(Array(2).fill({ outcome: 'begun', requestedBy: ROLE }));
  expect(record).toMatchObject({ state: 'planned', requestedBy: ROLE, requestedAtMs: NOW_MS });
  // The same name starts no second execution.
  expect(started).toEqual([NOW_MS, NOW_MS]);
});

it.each(['observed', 'refused', 'ended', 'undone'] as const)('begins what is %s', async (state) => {
  record = { ...record, state };
  expect(await ask()).toMatchObject({ outcome: 'begun' });
});

it('withdraws what has not begun, and says of a repetition that it is under way', async () => {
  await ask();
  incident = { running: { executionArn: 'arn:1', run: 1 } as unknown as NonNullable<IncidentRecord['running']> };
  expect(await ask()).toEqual({ outcome: 'begun', requestedBy: ROLE });
  expect([await ask(ended), sent]).toEqual([{ outcome: 'ended', requestedBy: ROLE }, []]);
  expect(record).toMatchObject({ state: 'refused', endedBy: ROLE });
});

it('begins nothing while it is carried out already, and says so', async () => {
  record = { ...record, state: 'verifying' };
  expect([await ask(), started]).toEqual([{ outcome: 'begun', requestedBy: ROLE }, []]);
});

it.each<[string, string, Partial<MitigationRecord>, Partial<IncidentRecord>]>([
  ['NothingToDo', 'is in effect', { state: 'done' }, {}],
  ['NothingToDo', 'is planned by its runbook', { state: 'planned' }, {}],
  ['NothingToDo', 'is of a closed incident', {}, { closedAtMs: 1 }],
  ['NothingToDo', 'is of a dry run', {}, { dryRun: true }],
  ['NothingToDo', 'is one of an earlier version', { name: 'keep-servers' as never }, {}],
  ['RunbookAtWork', 'is decided about now', {}, { running: true }],
  ['AnotherRun', 'is a later run’s: a signed request can be sent again for minutes', { run: 2 }, {}],
])('refuses with %s what %s', async (error, _, of, more) => {
  [record, incident] = [{ ...record, ...of }, more];
  const before = record;
  expect(await ask()).toMatchObject({ outcome: 'refused', error, message: expect.stringContaining('Nothing was changed.') });
  expect([record, started]).toEqual([before, []]);
});

it('can be asked for anew where its runbook ended before it began', async () => {
  starts = false;
  expect(await ask()).toMatchObject({ outcome: 'refused', error: 'RunbookAtWork' });
  expect(record.state).toBe('refused');
  starts = true;
  expect(await ask()).toMatchObject({ outcome: 'begun' });
});

it('ends what it began, for a closed incident too, and names who', async () => {
  [record, incident] = [{ ...record, state: 'done' }, { closedAtMs: 1 }];
  expect(await ask(ended)).toEqual({ outcome: 'ended', requestedBy: ROLE });
  expect(sent).toMatchObject([{ step: 'undo', over: `${ROLE} ended it`, expired: true }]);
  expect(record).toMatchObject({ state: 'undone', endedBy: ROLE });
  expect(await ask(ended)).toMatchObject({ outcome: 'refused', error: 'NothingToEnd' });
});

it('says where it could not be ended', async () => {
  [record, undone] = [{ ...record, state: 'done' }, false];
  expect(await ask(ended)).toMatchObject({ outcome: 'refused', error: 'NotEnded' });
});

it.each<[string, Partial<MitigationRecord>]>([
  ['nothing can undo', { name: 'sweep-now', state: 'done' }],
  ['is being carried out', { state: 'acting' }],
  ['is not in effect', { state: 'observed' }],
])('ends nothing that %s', async (_, of) => {
  record = { ...record, ...of };
  expect(await ask(ended)).toMatchObject({ outcome: 'refused', error: 'NothingToEnd' });
  expect(sent).toEqual([]);
});

it.each([
  ['NothingToDo', request({ mitigation: 'stop-deploy' })],
  ['InvalidRequest', request({ installation: 'another' })],
  ['InvalidRequest', request({ what: 'perhaps' })],
  ['InvalidRequest', { ...request(), more: 1 }],
  ['InvalidRequest', 'text'],
])('refuses with %s and changes nothing', async (error, input) => {
  expect(await ask(input)).toMatchObject({ outcome: 'refused', error });
  expect([record.state, started]).toEqual(['observed', []]);
});

it.each([
  ['whom STS does not know', async () => Promise.reject(new UnknownCaller('STS does not accept it: SignatureDoesNotMatch'))],
  ['of another account', async () => ({ account: '999999999999', arn: 'arn:aws:iam::999999999999:user/x' })],
])('refuses a caller %s', async (_who, resolveCaller) => {
  ports = { ...ports, resolveCaller };
  expect(await ask()).toMatchObject({ outcome: 'refused', error: 'UnknownCaller' });
  expect([record.state, started]).toEqual(['observed', []]);
});

it.each([
  [`${ROLE}/jane.doe@example.com`, ROLE],
  [`arn:aws:iam::${ACCOUNT}:user/ops/deployer`, `arn:aws:iam::${ACCOUNT}:user/ops/deployer`],
  [`arn:aws:iam::${ACCOUNT}:user/jane@example.com`, `arn:aws:iam::${ACCOUNT}:user/(address)`],
  [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${ACCOUNT}:root`],
])('%s is recorded as %s', (arn, recorded) => {
  expect(identityOf(arn)).toBe(recorded);
});
