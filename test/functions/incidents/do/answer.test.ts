import { beforeEach, expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { MitigationKey } from '../../../../functions/incidents/contract/mitigations.ts';
import { answerRequest, type DoPorts } from '../../../../functions/incidents/do/answer.ts';
import { recordingLog } from '../../fakes/fixtures.ts';
import { anIncident } from '../report/an-incident.ts';

const WHO = 'assumed-role/Operator/jane';
const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const STATEMENT = { incidentId: 'inc-0123456789ab', mitigation: 'restore-stickiness', run: 1, what: 'do', requestedBy: WHO };
const request = (more: object = {}) => ({ ...STATEMENT, ...more });
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
  };
});
const ask = (input: unknown = request()) => answerRequest(ports, input);

it('records who asks, and starts the runbook once, however often that is repeated', async () => {
  expect([await ask(), await ask()]).toEqual(Array(2).fill({ outcome: 'begun', requestedBy: WHO }));
  expect(record).toMatchObject({ state: 'planned', requestedBy: WHO, requestedAtMs: NOW_MS });
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
  expect(await ask()).toEqual({ outcome: 'begun', requestedBy: WHO });
  expect([await ask(ended), sent]).toEqual([{ outcome: 'ended', requestedBy: WHO }, []]);
  expect(record).toMatchObject({ state: 'refused', endedBy: WHO });
});

it('begins nothing while it is carried out already, and says so', async () => {
  record = { ...record, state: 'verifying' };
  expect([await ask(), started]).toEqual([{ outcome: 'begun', requestedBy: WHO }, []]);
});

it.each<[string, string, Partial<MitigationRecord>, Partial<IncidentRecord>]>([
  ['NothingToDo', 'is in effect', { state: 'done' }, {}],
  ['NothingToDo', 'is planned by its runbook', { state: 'planned' }, {}],
  ['NothingToDo', 'is of a closed incident', {}, { closedAtMs: 1 }],
  ['NothingToDo', 'is of a dry run', {}, { dryRun: true }],
  ['NothingToDo', 'is one of an earlier version', { name: 'keep-servers' as never }, {}],
  ['RunbookAtWork', 'is decided about now', {}, { running: true }],
  ['AnotherRun', 'is a later run’s', { run: 2 }, {}],
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
  expect(await ask(ended)).toEqual({ outcome: 'ended', requestedBy: WHO });
  expect(sent).toMatchObject([{ step: 'undo', over: `${WHO} ended it`, expired: true }]);
  expect(record).toMatchObject({ state: 'undone', endedBy: WHO });
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
  ['InvalidRequest', request({ requestedBy: undefined })],
  ['InvalidRequest', request({ what: 'perhaps' })],
  ['InvalidRequest', { ...request(), more: 1 }],
  ['InvalidRequest', 'text'],
])('refuses with %s and changes nothing', async (error, input) => {
  expect(await ask(input)).toMatchObject({ outcome: 'refused', error });
  expect([record.state, started]).toEqual(['observed', []]);
});
