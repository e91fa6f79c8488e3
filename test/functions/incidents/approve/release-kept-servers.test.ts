import { beforeEach, expect, it } from 'vitest';
import { type KeptServersPorts, release } from '../../../../functions/incidents/approve/release-kept-servers.ts';
import type { MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import { recordingLog } from '../../fakes/fixtures.ts';
import { anIncident } from '../report/an-incident.ts';

const NOW_MS = Date.parse('2026-11-22T03:20:00Z');
const STATEMENT = {
  installation: 'live',
  incidentId: 'inc-0123456789ab',
  mitigation: 'keep-servers',
  run: 1,
  decision: 'release',
} as const;

let record: MitigationRecord;
let ports: KeptServersPorts;

beforeEach(() => {
  record = {
    name: 'keep-servers',
    target: { incidentId: STATEMENT.incidentId, fleet: 'web' },
    run: 1,
    mode: 'auto',
    state: 'done',
    calls: [],
  };
  ports = {
    incidents: {
      getIncident: async () =>
        anIncident({ mitigations: { 'keep-servers': record, 're-login-page': { ...record, name: 're-login-page' } } }),
      moveMitigation: async (_id, _key, from, change) => {
        if (!from.includes(record.state)) return false;
        record = { ...record, ...change };
        return true;
      },
    },
    log: recordingLog(),
    now: () => NOW_MS,
  };
});

it('puts on record who releases the servers, once', async () => {
  expect(await release(ports, STATEMENT, 'arn:operator')).toEqual({ outcome: 'released', decidedBy: 'arn:operator' });
  expect(await release(ports, STATEMENT, 'arn:another')).toEqual({ outcome: 'released', decidedBy: 'arn:operator' });
  expect(record).toMatchObject({ state: 'done', released: { by: 'arn:operator', atMs: NOW_MS } });
});

it.each([
  ['another mitigation than one that keeps servers', { mitigation: 're-login-page' }, {}, 'NothingToRelease'],
  ['one that the incident has not', { mitigation: 'keep-servers@shop' }, {}, 'NothingToRelease'],
  ['one of another run', { run: 2 }, {}, 'AnotherRun'],
  ['one that is being carried out', {}, { state: 'verifying' }, 'NothingToRelease'],
  ['one that waits for approval', {}, { state: 'waitingForApproval' }, 'NothingToRelease'],
  ['one that has ended', {}, { state: 'ended', detail: 'the store is well again' }, 'AlreadyEnded'],
  ['one that was undone', {}, { state: 'undone' }, 'AlreadyEnded'],
] as const)('refuses %s, and changes nothing', async (_, statement, known, error) => {
  record = { ...record, ...known };
  const before = record;
  const reply = await release(ports, { ...STATEMENT, ...statement }, 'arn:operator');
  expect(reply).toMatchObject({ outcome: 'refused', error, message: expect.stringMatching(/Nothing was changed\.$/) });
  expect(record).toEqual(before);
});

it('refuses one that ends at the same moment', async () => {
  ports = { ...ports, incidents: { ...ports.incidents, moveMitigation: async () => false } };
  expect(await release(ports, STATEMENT, 'arn:operator')).toMatchObject({ outcome: 'refused', error: 'AlreadyEnded' });
});
