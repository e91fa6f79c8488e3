/** A run that people have to decide about: its report comes first, then one question, then what they approve. */
import { beforeEach, describe, expect, it } from 'vitest';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { IncidentRecord, MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import type { MitigationKey } from '../../../../functions/incidents/contract/mitigations.ts';
import type { RunContext, WaitingDecision } from '../../../../functions/incidents/contract/steps.ts';
import { endApproval, waitingOf } from '../../../../functions/incidents/run/approvals.ts';
import { createRunbookSteps } from '../../../../functions/incidents/run/run-steps.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { PLACE } from '../report/an-incident.ts';

const ID = 'inc-000000000001';
const NOW = Date.parse('2026-11-22T03:12:05Z');
const run: RunContext = {
  ...{ incidentId: ID, runbook: 'store-failure', fleets: ['web'], fromMs: 0, toMs: NOW, firstSignMs: NOW, run: 2, executionArn: 'arn:2' },
  dryRun: false,
};
const record = (name: 'keep-servers' | 're-login-page' | 'promote-replica', over: Partial<MitigationRecord> = {}): MitigationRecord => ({
  ...{ name, target: { incidentId: ID, fleet: 'web' }, run: 2, mode: 'approve', state: 'planned', calls: [] },
  effect: `the effect of ${name}`,
  reason: 'its mode is approve',
  ...over,
});
let records: ReturnType<typeof memoryIncidentRecords>;
let messages: string[];

beforeEach(async () => {
  records = memoryIncidentRecords();
  messages = [];
  await records.ensureIncident({ incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW });
  await records.addSign(ID, { from: 'a', state: 'ALARM', atMs: NOW });
  await records.beginRun(ID, 2, 'arn:2', NOW);
  for (const one of [record('keep-servers'), record('re-login-page'), record('promote-replica', { state: 'refused' })])
    await records.putMitigation(ID, one.name as MitigationKey, one);
});
const ask = createRunbookSteps({
  get records() {
    return records;
  },
  tokens: { putToken: async () => {}, getToken: async () => undefined, deleteToken: async () => {} },
  classify: () => ({ verdict: 'nothing', because: [], missing: [] }),
  decide,
  modes: {},
  fleets: ['web'],
  coolDownMs: 1_800_000,
  approvalMinutes: 30,
  place: PLACE,
  objects: { put: async () => {}, get: async () => undefined },
  publish: async ({ subject, text }) => void messages.push(`${subject}\n${text}`),
  render: () => ({ markdown: '', json: {}, subject: 'report', text: '' }),
  log: { info: () => {}, warn: () => {} },
  now: () => NOW,
});
const incident = async () => records.getIncident(ID);

describe('a run with mitigations that people decide about', () => {
  it('reports before it asks, and goes on: the run is still under way', async () => {
    expect(await ask({ step: 'report', run })).toMatchObject({
      verdict: 'REPEAT',
      waiting: [
        { key: 'keep-servers', name: 'keep-servers', mode: 'approve', target: { fleet: 'web' }, reason: 'its mode is approve' },
        { key: 're-login-page' },
      ],
    });
    expect([messages, await incident()]).toMatchObject([['report\n'], { running: true }]);
  });

  it('puts as many questions in a second as functions may be at work', async () => {
    const many = Array.from({ length: 45 }, (_, at) => [`keep-servers@web-${at}`, record('keep-servers')] as const);
    const waiting = waitingOf({ mitigations: Object.fromEntries(many) } as unknown as IncidentRecord, run);
    expect(waiting.map(({ askAfterSeconds }) => askAfterSeconds)).toEqual(Array.from({ length: 40 }, (_, at) => 1 + Math.floor(at / 4)));
  });

  it('asks for all of them in one message', async () => {
    const { waiting } = (await ask({ step: 'report', run })) as unknown as { waiting: never };
    messages = [];
    await ask({ step: 'askPeople', run, waiting });
    expect(messages).toHaveLength(1);
    for (const text of [
      'keep-servers',
      're-login-page',
      'the effect of keep-servers',
      `approve ${ID} re-login-page`,
      `deny ${ID} keep-servers`,
    ])
      expect(messages[0]).toContain(text);
    expect(messages[0]).not.toContain('promote-replica');
  });

  it('goes on next to its questions with what waits before it acts, asks nobody about that, and reports what became of it', async () => {
    await records.putMitigation(ID, 're-login-page', record('re-login-page', { mode: 'auto' }));
    const { verdict, waiting } = (await ask({ step: 'report', run })) as { verdict: string; waiting: WaitingDecision[] };
    expect([verdict, waiting.map(({ key, mode }) => [key, mode])]).toEqual([
      'REPEAT',
      [
        ['keep-servers', 'approve'],
        ['re-login-page', 'auto'],
      ],
    ]);
    messages = [];
    await ask({ step: 'askPeople', run, waiting });
    expect([messages.length, messages[0]?.includes('re-login-page')]).toEqual([1, false]);
    await ask({ step: 'askPeople', run, waiting: waiting.slice(1) });
    expect(messages).toHaveLength(1);
    await records.moveMitigation(ID, 're-login-page', ['planned'], { state: 'done' });
    await ask({ step: 'report', run, last: true });
    expect(messages).toHaveLength(2);
  });

  it('puts each question without a message of its own', async () => {
    const decision = { key: 'keep-servers', name: 'keep-servers', mode: 'approve', target: { incidentId: ID }, reason: '' } as const;
    await ask({ step: 'askApproval', run, decision, token: 't' });
    expect([messages, (await incident())?.mitigations['keep-servers']?.state]).toEqual([[], 'waitingForApproval']);
  });

  it('ends with the stored report, and people hear of what was carried out', async () => {
    for (const key of ['keep-servers', 're-login-page'] as const) await records.moveMitigation(ID, key, ['planned'], { state: 'denied' });
    expect(await ask({ step: 'report', run, last: true })).toMatchObject({ verdict: 'DONE', waiting: [] });
    expect([messages, (await incident())?.running]).toEqual([[], undefined]);
    await records.moveMitigation(ID, 'keep-servers', ['denied'], { state: 'done' });
    await ask({ step: 'report', run, last: true });
    expect(messages).toHaveLength(1);
  });

  it('ends at once where nobody has to decide', async () => {
    for (const key of ['keep-servers', 're-login-page'] as const) await records.moveMitigation(ID, key, ['planned'], { state: 'refused' });
    expect(await ask({ step: 'report', run })).toMatchObject({ verdict: 'DONE', waiting: [] });
    expect((await incident())?.running).toBeUndefined();
  });
});

describe('the end of a question', () => {
  const end = (error: { Error?: string } | undefined) => {
    const tokens = { putToken: async () => {}, getToken: async () => undefined, deleteToken: async () => {} };
    const ports = { records, tokens, publish: async () => {}, now: () => NOW, approvalMinutes: 30, place: PLACE };
    const decision = { key: 'keep-servers', name: 'keep-servers', mode: 'approve', target: { incidentId: ID }, reason: '' } as const;
    return endApproval(ports, run, decision, error);
  };

  it('names nobody who approved as who denied, when the answer came too late', async () => {
    await records.moveMitigation(ID, 'keep-servers', ['planned'], { state: 'approved', by: 'ann' } as Partial<MitigationRecord>);
    await end({ Error: 'States.Timeout' });
    expect((await incident())?.mitigations['keep-servers']).toMatchObject({
      state: 'refused',
      detail: 'it was approved, and the answer did not reach the runbook in time; nothing was sent',
    });
  });

  it.each([
    ['States.Timeout', 'nobody answered within 30 minutes, which is a no'],
    ['Lambda.Unknown', 'it could not be asked for: Lambda.Unknown'],
  ])('with %s is a no that says why', async (name, detail) => {
    await end({ Error: name });
    expect((await incident())?.mitigations['keep-servers']).toMatchObject({ state: 'denied', detail });
  });
});
