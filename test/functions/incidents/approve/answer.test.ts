import { beforeEach, expect, it } from 'vitest';
import { type ApprovePorts, answerApproval } from '../../../../functions/incidents/approve/answer.ts';
import type { MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import { identityOf } from '../../../../functions/shared/caller/identity-of.ts';
import { UnknownCaller } from '../../../../functions/shared/caller/resolve-caller.ts';
import { recordingLog } from '../../fakes/fixtures.ts';
import { anIncident } from '../report/an-incident.ts';

const ACCOUNT = '123456789012';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/Operator`;
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const proof = {
  authorization: `AWS4-HMAC-SHA256 Credential=ASIAIOSFODNN7EXAMPLE/20261122/eu-west-1/sts/aws4_request, SignedHeaders=host;x-amz-date;x-holdfast-publish, Signature=${'0'.repeat(64)}`,
  date: '20261122T032000Z',
};
const STATEMENT = { installation: 'live', incidentId: 'inc-0123456789ab', mitigation: 'restore-stickiness', run: 1, decision: 'approve' };
const request = (more: object = {}) => ({ statement: JSON.stringify({ ...STATEMENT, ...more }), proof });

let record: MitigationRecord;
let sent: boolean[];
let waits: boolean;
/** What the runbook does while its answer is awaited. */
let goesOn: () => void;
let ports: ApprovePorts;

beforeEach(() => {
  record = anIncident().mitigations['restore-stickiness'] as MitigationRecord;
  sent = [];
  waits = true;
  goesOn = () => {};
  ports = {
    resolveCaller: async () => ({ account: ACCOUNT, arn: `${ROLE}/jane.doe@example.com` }),
    region: 'eu-west-1',
    now: () => NOW_MS,
    incidents: {
      getIncident: async () => anIncident({ mitigations: { 'restore-stickiness': record } }),
      moveMitigation: async (_id, _key, from, change, { ofRun } = {}) => {
        if (!from.includes(record.state) || record.run !== (ofRun ?? record.run)) return false;
        record = { ...record, ...change };
        return true;
      },
    },
    tokens: { getToken: async (_id, key) => (key === 'restore-stickiness' ? 'token' : undefined) },
    answerRunbook: async (_token, approved) => {
      if (waits) sent.push(approved);
      return waits;
    },
    wait: async () => goesOn(),
    log: recordingLog(),
    installation: 'live',
  };
});

it.each([
  ['approve', 'approved', true],
  ['deny', 'denied', false],
] as const)('%s is recorded with the role of the caller, and sent to the runbook', async (decision, outcome, approved) => {
  expect(await answerApproval(ports, ACCOUNT, request({ decision }))).toEqual({ outcome, decidedBy: ROLE });
  expect(record).toMatchObject({ state: outcome, decidedBy: ROLE });
  expect(sent).toEqual([approved]);
});

it('sends a repeated decision again: its answer can have been lost', async () => {
  await answerApproval(ports, ACCOUNT, request());
  expect(await answerApproval(ports, ACCOUNT, request())).toMatchObject({ outcome: 'approved' });
  expect(sent).toEqual([true, true]);
});

it('comes a moment after the message: it waits until the question is on record', async () => {
  record = { ...record, state: 'planned' };
  goesOn = () => {
    record = { ...record, state: 'waitingForApproval' };
  };
  expect(await answerApproval(ports, ACCOUNT, request())).toMatchObject({ outcome: 'approved' });
  expect(sent).toEqual([true]);
});

it('refuses another decision than the first', async () => {
  await answerApproval(ports, ACCOUNT, request({ decision: 'deny' }));
  expect(await answerApproval(ports, ACCOUNT, request())).toMatchObject({ outcome: 'refused', error: 'AlreadyDecided' });
  expect(record.state).toBe('denied');
  expect(sent).toEqual([false]);
});

it('refuses a decision about another run than the one that asks: a signed one can be sent again for minutes', async () => {
  const earlier = request();
  record = { ...record, run: 2 };
  expect(await answerApproval(ports, ACCOUNT, earlier)).toMatchObject({ outcome: 'refused', error: 'AnotherRun' });
  expect(record.state).toBe('waitingForApproval');
  expect(sent).toEqual([]);
  expect(await answerApproval(ports, ACCOUNT, request({ run: 2 }))).toMatchObject({ outcome: 'approved' });
  expect(await answerApproval(ports, ACCOUNT, earlier)).toMatchObject({ outcome: 'refused', error: 'AnotherRun' });
});

it('reports that the runbook no longer waits, and names nobody as having denied it', async () => {
  waits = false;
  expect(await answerApproval(ports, ACCOUNT, request())).toMatchObject({ outcome: 'refused', error: 'ApprovalTimedOut' });
  expect(record).toMatchObject({ state: 'refused', detail: expect.stringContaining('nothing was sent') });
});

it.each([
  ['goes on with it: the reply to the yes was lost', 'planned', { outcome: 'approved', decidedBy: ROLE }],
  ['has given up', 'refused', { outcome: 'refused', error: 'ApprovalTimedOut' }],
] as const)('sees by its next step whether a runbook that no longer waits %s', async (_, state, reply) => {
  waits = false;
  goesOn = () => {
    record = { ...record, state };
  };
  expect(await answerApproval(ports, ACCOUNT, request())).toMatchObject(reply);
  expect(record.state).toBe(state);
});

it.each([
  ['NoSuchApproval', request({ mitigation: 'stop-deploy' })],
  ['InvalidRequest', request({ installation: 'another' })],
  ['InvalidRequest', request({ decision: 'perhaps' })],
  ['InvalidRequest', { ...request(), more: 1 }],
  ['InvalidRequest', 'text'],
])('refuses with %s and decides nothing', async (error, input) => {
  expect(await answerApproval(ports, ACCOUNT, input)).toMatchObject({ outcome: 'refused', error });
  expect(record.state).toBe('waitingForApproval');
});

it.each([
  ['whom STS does not know', async () => Promise.reject(new UnknownCaller('STS does not accept it: SignatureDoesNotMatch'))],
  ['of another account', async () => ({ account: '999999999999', arn: 'arn:aws:iam::999999999999:user/x' })],
])('refuses a caller %s', async (_who, resolveCaller) => {
  expect(await answerApproval({ ...ports, resolveCaller }, ACCOUNT, request())).toMatchObject({
    outcome: 'refused',
    error: 'UnknownCaller',
  });
  expect(record.state).toBe('waitingForApproval');
});

it.each([
  [`${ROLE}/jane.doe@example.com`, ROLE],
  [`arn:aws:iam::${ACCOUNT}:user/ops/deployer`, `arn:aws:iam::${ACCOUNT}:user/ops/deployer`],
  [`arn:aws:iam::${ACCOUNT}:user/jane@example.com`, `arn:aws:iam::${ACCOUNT}:user/(address)`],
  [`arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${ACCOUNT}:root`],
])('%s is recorded as %s', (arn, recorded) => {
  expect(identityOf(arn)).toBe(recorded);
});
