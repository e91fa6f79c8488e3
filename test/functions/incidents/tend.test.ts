import { beforeEach, expect, it } from 'vitest';
import type { MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import type { MitigateStep } from '../../../functions/incidents/contract/steps.ts';
import { createTend } from '../../../functions/incidents/tend/tend.ts';
import { memoryIncidentRecords } from './memory-incident-records.ts';

const NOW = 10_000_000;
const ID = 'inc-000000000001';
const POINTER = { incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW - 3_600_000 } as const;
const LASTING: MitigationRecord = {
  name: 're-login-page',
  target: { incidentId: ID, fleet: 'web' },
  run: 1,
  mode: 'auto',
  state: 'done',
  calls: [],
};
let records: ReturnType<typeof memoryIncidentRecords>;
let steps: MitigateStep['step'][];
let status: string;
let needed: boolean;
let sends: boolean;

beforeEach(async () => {
  records = memoryIncidentRecords();
  [steps, status, needed, sends] = [[], 'RUNNING', true, true];
  await records.putPointer(POINTER, undefined);
  await records.ensureIncident(POINTER);
});

const tend = () =>
  createTend({
    records,
    executions: { describe: async () => ({ status }), startOnce: async () => true },
    async mitigate({ step, decision }) {
      steps.push(step);
      if (step === 'undo') await records.moveMitigation(ID, decision.key, ['acting', 'done', 'verifying', 'undoing'], { state: 'undone' });
      return { key: decision.key, verdict: step === 'undo' || needed ? 'DONE' : 'FAILED' };
    },
    report: async () => sends && records.change(ID, {}, { remove: ['unsent'] }),
    log: { info: () => {}, warn: () => {} },
    now: () => NOW,
    quietMs: 600_000,
    stateMachineArn: 'arn:machine',
  })();
const began = async () => void (await records.beginRun(ID, 1, 'arn:1', NOW - 1_000_000));
const ended = async () => void (await records.change(ID, { stage: 'watching' }, { remove: ['running'] }));

it('starts a runbook whose start was lost', async () => {
  expect(await tend()).toMatchObject({ started: [ID] });
});

it('leaves an incident alone while its runbook works on it', async () => {
  await began();
  expect(await tend()).toMatchObject({ started: [], died: [], closed: [] });
});

it.each(['acting', 'verifying', 'undoing'] as const)(
  'undoes what a dead runbook left %s, names its death and sends the report',
  async (state) => {
    await began();
    await records.putMitigation(ID, 'keep-servers', { ...LASTING, name: 'keep-servers', state });
    status = 'TIMED_OUT';
    expect(await tend()).toMatchObject({ died: [ID], undone: [`${ID} keep-servers`], sent: [ID] });
    const incident = await records.getIncident(ID);
    expect(incident?.troubles).toEqual([expect.stringContaining('TIMED_OUT in the stage collecting')]);
    expect(incident?.running).toBeUndefined();
  },
);

it('says no to an approval that a dead runbook waited for', async () => {
  await began();
  await records.putMitigation(ID, 'stop-deploy', { ...LASTING, name: 'stop-deploy', mode: 'approve', state: 'waitingForApproval' });
  status = 'ABORTED';
  await tend();
  expect((await records.getIncident(ID))?.mitigations['stop-deploy']).toMatchObject({ state: 'denied' });
});

it('ends what bridges an outage as soon as it is over, and keeps it until then', async () => {
  await began();
  await ended();
  await records.putMitigation(ID, 're-login-page', LASTING);
  await tend();
  expect(steps).toEqual(['stillNeeded']);
  needed = false;
  expect(await tend()).toMatchObject({ undone: [`${ID} re-login-page`], closed: [] });
});

it('closes an incident after the quiet period, with what lasted until then undone before', async () => {
  await began();
  await ended();
  await records.putMitigation(ID, 're-login-page', LASTING);
  await records.change(ID, { quietSinceMs: NOW - 599_000 });
  expect(await tend()).toMatchObject({ closed: [] });
  await records.change(ID, { quietSinceMs: NOW - 600_000 });
  expect(await tend()).toMatchObject({ closed: [ID], undone: [`${ID} re-login-page`] });
  expect(await records.getIncident(ID)).toMatchObject({ stage: 'closed', closedAtMs: NOW });
});

it('keeps an incident open until its report is sent', async () => {
  await began();
  await ended();
  await records.change(ID, { quietSinceMs: 1, unsent: { since: 1, reason: 'S3 did not answer' } });
  sends = false;
  expect(await tend()).toMatchObject({ closed: [], sent: [] });
  sends = true;
  expect(await tend()).toMatchObject({ closed: [ID], sent: [ID] });
});
