import { expect, it } from 'vitest';
import { createTend } from '../../../../functions/incidents/tend/tend.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

const NOW = 10_000_000;
const BEGAN = NOW - 3_600_000;
const ID = 'inc-000000000001';
const POINTER = { incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: BEGAN } as const;
const ALARM = 'holdfast-store-failover';

it('reads each open incident once where it changes none, and leaves a turn that comes meanwhile to the first', async () => {
  const records = memoryIncidentRecords();
  await records.putPointer(POINTER, undefined);
  await records.ensureIncident(POINTER);
  await records.beginRun(ID, 1, 'arn:1', NOW - 1_000_000);
  await records.change(ID, { stage: 'watching' }, { remove: ['running'] });
  await records.addSign(ID, { from: ALARM, state: 'ALARM', atMs: BEGAN });
  await records.change(ID, { looked: { number: 3, ofEpisode: 3, firstSignMs: BEGAN, atMs: NOW - 60_000 } });
  const bridging = {
    name: 're-login-page',
    target: { incidentId: ID, fleet: 'web' },
    run: 1,
    mode: 'auto',
    state: 'done',
    calls: [],
  } as const;
  await records.putMitigation(ID, 're-login-page', bridging);
  const { getIncident, ensureIncident } = records;
  const reads: string[] = [];
  const steps: string[] = [];
  const tend = createTend({
    records: {
      ...records,
      getIncident(id) {
        reads.push(id);
        return getIncident(id);
      },
      ensureIncident(pointer) {
        reads.push(pointer.incidentId);
        return ensureIncident(pointer);
      },
    },
    executions: { describe: async () => ({ status: 'RUNNING' }), startOnce: async () => true },
    readAlarms: async () => ({ [ALARM]: { state: 'ALARM', changedAtMs: BEGAN, reason: 'a reason' } }),
    async mitigate({ step, decision }) {
      steps.push(step);
      return { key: decision.key, verdict: 'DONE' };
    },
    ...{ refreshReport: async () => true, report: async () => {}, reportEnd: async () => {} },
    ...{ log: { info: () => {}, warn: () => {} }, now: () => NOW, publishInEffect: () => {} },
    ...{ installation: 'holdfast', fleets: ['web'], stateMachineArn: 'arn:machine' },
    ...{ quietMs: 600_000, coolDownMs: 1_800_000, approvalMs: 1_800_000 },
  });
  const turns = await Promise.all([tend({ step: 'tend' }), tend({ step: 'tend' })]);
  expect(turns).toMatchObject([{ failed: [] }, { failed: [] }]);
  expect([reads, steps]).toEqual([[ID], ['stillNeeded']]);
});
