import { beforeEach, describe, expect, it } from 'vitest';
import type { MitigationRecord } from '../../../functions/incidents/contract/incident.ts';
import type { MitigateStep, RunContext } from '../../../functions/incidents/contract/steps.ts';
import { createTend, type TendRequest } from '../../../functions/incidents/tend/tend.ts';
import type { AlarmReading } from '../../../functions/shared/aws/alarms.ts';
import { memoryIncidentRecords } from './memory-incident-records.ts';

const NOW = 10_000_000;
const ID = 'inc-000000000001';
const POINTER = { incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW - 3_600_000 } as const;
const SENT = ['acting', 'done', 'verifying', 'undoing', 'leftBehind'] as const;
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
let breaks: boolean;
let nowMs: number;
let ends: boolean;
let started: string[];
let alarms: Record<string, AlarmReading>;
let refreshed: (number | undefined)[];
let stores: boolean;
/** What cannot be undone now. */
let refuses: boolean;
let reports: number;
let holds: boolean;
let counted: number;
let readAlarms: (names: readonly string[]) => Promise<Record<string, AlarmReading>>;

beforeEach(async () => {
  records = memoryIncidentRecords();
  [steps, status, needed, sends, started, alarms, breaks, ends, nowMs] = [[], 'RUNNING', true, true, [], {}, false, false, NOW];
  readAlarms = async (names) => Object.fromEntries(Object.entries(alarms).filter(([name]) => names.includes(name)));
  [refreshed, stores, refuses, reports, counted, holds] = [[], true, false, 0, 0, false];
  await records.putPointer(POINTER, undefined);
  await records.ensureIncident(POINTER);
});

const ask = (request: TendRequest) =>
  createTend({
    records,
    executions: { describe: async () => ({ status }), startOnce: async (_, name) => !ends && started.push(name) > 0 },
    readAlarms: (names) => readAlarms(names),
    ...{ installation: 'holdfast', fleets: ['web'] },
    async mitigate({ step, decision }) {
      if (breaks) throw new Error('it broke');
      steps.push(step);
      if (step === 'undo' && refuses) return { key: decision.key, verdict: 'FAILED' };
      if (step === 'undo') await records.moveMitigation(ID, decision.key, SENT, { state: 'undone' });
      return { key: decision.key, verdict: step === 'undo' || needed ? 'DONE' : 'FAILED', ...(holds && { holds }) };
    },
    async refreshReport(_, closedAtMs) {
      if (!stores) throw new Error('S3 did not answer');
      refreshed.push(closedAtMs);
      return true;
    },
    async report() {
      reports += 1;
      return sends && records.change(ID, {}, { remove: ['unsent'] });
    },
    ...{ reportEnd: async () => {}, log: { info: () => {}, warn: () => {} }, now: () => nowMs },
    ...{ quietMs: 600_000, coolDownMs: 1_800_000, stateMachineArn: 'arn:machine' },
    publishInEffect: (count) => {
      counted = count;
    },
  })(request);
const tend = () => ask({ step: 'tend' });
const began = async () => void (await records.beginRun(ID, 1, 'arn:1', NOW - 1_000_000));
const ended = async (more = {}) => void (await records.change(ID, { stage: 'watching', ...more }, { remove: ['running'] }));
it('starts a runbook whose start was lost', async () => {
  expect(await tend()).toMatchObject({ started: [ID] });
});

it('names a runbook that never began, however often it was started, and notifies people once', async () => {
  ends = true;
  expect(await tend()).toMatchObject({ started: [], died: [ID], sent: [ID] });
  expect((await records.getIncident(ID))?.troubles).toEqual([expect.stringContaining('never began')]);
  expect(await tend()).toMatchObject({ died: [], sent: [] });
});

it('leaves an incident alone while its runbook works on it', async () => {
  await began();
  expect(await tend()).toMatchObject({ started: [], died: [], closed: [] });
});

it.each(['acting', 'verifying', 'undoing'] as const)(
  'undoes what a dead runbook left %s, names its death and sends the report',
  async (state) => {
    await began();
    await records.putMitigation(ID, 're-login-page', { ...LASTING, name: 're-login-page', state });
    status = 'TIMED_OUT';
    expect(await tend()).toMatchObject({ died: [ID], undone: [`${ID} re-login-page`], sent: [ID] });
    const incident = await records.getIncident(ID);
    expect(incident?.troubles).toEqual([expect.stringContaining('TIMED_OUT in the stage collecting')]);
    expect(incident?.running).toBeUndefined();
  },
);

it.each(['acting', 'verifying', 'undoing'] as const)('undoes what a runbook that has ended left %s', async (state) => {
  await began();
  await ended();
  await records.putMitigation(ID, 'restore-stickiness', { ...LASTING, name: 'restore-stickiness', state });
  expect(await tend()).toMatchObject({ undone: [`${ID} restore-stickiness`], died: [] });
});

it('refuses what a dead runbook had planned', async () => {
  await began();
  await records.putMitigation(ID, 'stop-deploy', { ...LASTING, name: 'stop-deploy', state: 'planned' });
  status = 'ABORTED';
  await tend();
  expect((await records.getIncident(ID))?.mitigations['stop-deploy']).toMatchObject({
    ...{ state: 'refused', detail: expect.stringContaining('nothing was sent') },
  });
});

/** Records as version 5ae116a0 left them. */
describe('after the update from a version with approvals and more mitigations', () => {
  const left = (key: string, record: object) => records.putMitigation(ID, key as never, { ...LASTING, ...record } as never);
  const mitigations = async () => (await records.getIncident(ID))?.mitigations as Record<string, object>;
  it('closes each question that waits as a no, and keeps nobody waiting for its runbook', async () => {
    await began();
    await left('stop-deploy', { name: 'stop-deploy', mode: 'approve', state: 'waitingForApproval', requestedAtMs: 1 });
    await left('promote-replica', { name: 'promote-replica', mode: 'approve', state: 'approved', decidedBy: 'arn:role' });
    expect(await tend()).toMatchObject({ failed: [], undone: [], died: [] });
    expect(await mitigations()).toMatchObject({
      'stop-deploy': {
        state: 'refused',
        detail: expect.stringMatching(/nobody had answered.* is a no; nothing was sent$/),
        finishedAtMs: NOW,
      },
      'promote-replica': { state: 'refused', detail: expect.stringContaining('nothing was sent') },
    });
    expect((await records.getIncident(ID))?.running).toBeUndefined();
  });

  it.each(['acting', 'verifying', 'done', 'undoing', 'leftBehind'])('keeps no incident open for keep-servers that is %s', async (state) => {
    await began();
    await ended({ quietSinceMs: 1 });
    await left('keep-servers', { name: 'keep-servers', state, actedAtMs: NOW - 60_000 });
    await left('scale-store', { name: 'scale-store', state: 'done', goesOn: true, actedAtMs: NOW - 60_000 });
    expect(await tend()).toMatchObject({ closed: [ID], failed: [] });
    expect(await mitigations()).toMatchObject({ 'keep-servers': { state: 'ended', detail: expect.stringContaining('resumes') } });
    expect(steps).toEqual([]);
  });
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

it('keeps a quiet incident open while the witnesses hold what bridges its outage, and not where they cannot be asked', async () => {
  await began();
  await ended({ quietSinceMs: 1 });
  await records.putMitigation(ID, 're-login-page', { ...LASTING, name: 're-login-page' });
  holds = true;
  expect([await tend(), steps]).toMatchObject([{ closed: [], undone: [] }, ['stillNeeded']]);
  [holds, breaks] = [false, true];
  expect(await tend()).toMatchObject({ closed: [], failed: [`${ID} re-login-page: Error: it broke`] });
  breaks = false;
  expect(await tend()).toMatchObject({ closed: [ID], undone: [`${ID} re-login-page`] });
});

it('has the stored report say what is over, and that the incident is closed; it stays open until that is written', async () => {
  await began();
  await ended({ reported: 'other states' });
  await records.putMitigation(ID, 're-login-page', LASTING);
  needed = false;
  expect(await tend()).toMatchObject({ undone: [`${ID} re-login-page`], rewritten: [ID] });
  await records.change(ID, { quietSinceMs: 1 });
  stores = false;
  expect(await tend()).toMatchObject({ closed: [], rewritten: [], failed: [`${ID}: Error: S3 did not answer`] });
  stores = true;
  expect(await tend()).toMatchObject({ closed: [ID], rewritten: [ID] });
  expect(refreshed).toEqual([undefined, NOW]);
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

it('keeps an incident open while what bridged the outage could not be undone, tries that with each turn, and counts it', async () => {
  await began();
  await ended();
  await records.putMitigation(ID, 're-login-page', { ...LASTING, state: 'leftBehind', actedAtMs: 1 });
  await records.change(ID, { quietSinceMs: 1 });
  refuses = true;
  expect(await tend()).toMatchObject({ closed: [], failed: [`${ID} re-login-page: it could not be undone`] });
  expect([steps, reports, counted]).toEqual([['undo'], 1, 1]);
  refuses = false;
  expect(await tend()).toMatchObject({ closed: [ID], undone: [`${ID} re-login-page`] });
});

it('keeps an incident open while a change of it goes on by itself', async () => {
  await began();
  await ended();
  await records.putMitigation(ID, 'stop-deploy', { ...LASTING, name: 'stop-deploy', goesOn: true, actedAtMs: NOW - 1 });
  await records.change(ID, { quietSinceMs: 1 });
  expect(await tend()).toMatchObject({ closed: [] });
  await records.moveMitigation(ID, 'stop-deploy', ['done'], { goesOn: false });
  expect(await tend()).toMatchObject({ closed: [ID] });
});

it('closes an incident of which something has gone on by itself for a day', async () => {
  await began();
  await ended();
  await records.putMitigation(ID, 'stop-deploy', { ...LASTING, name: 'stop-deploy', goesOn: true, actedAtMs: NOW });
  await records.change(ID, { quietSinceMs: 1 });
  nowMs = NOW + 86_400_000 - 1;
  expect(await tend()).toMatchObject({ closed: [] });
  nowMs += 1;
  expect(await tend()).toMatchObject({ closed: [ID] });
});

it('ends what bridges an outage while its runbook is at work, and what a look had begun to undo', async () => {
  await began();
  await records.putMitigation(ID, 're-login-page', LASTING);
  await records.putMitigation(ID, 're-login-page@shop', { ...LASTING, state: 'undoing' });
  await records.putMitigation(ID, 'stop-deploy', { ...LASTING, name: 'stop-deploy', state: 'acting' });
  needed = false;
  expect(await tend()).toMatchObject({ undone: [`${ID} re-login-page@shop`, `${ID} re-login-page`], died: [] });
});

describe('after its report, a runbook', () => {
  const run = { incidentId: ID, executionArn: 'arn:1' } as RunContext;
  const lookAfter = () => ask({ step: 'lookAfter', run });
  beforeEach(async () => {
    await began();
    await ended();
  });

  it('waits for the end of what bridges the outage, and ends it then', async () => {
    await records.putMitigation(ID, 're-login-page', { ...LASTING, finishedAtMs: NOW });
    expect(await lookAfter()).toEqual({ verdict: 'WAIT', undone: [] });
    needed = false;
    expect(await lookAfter()).toEqual({ verdict: 'DONE', undone: ['re-login-page'] });
    expect(steps).toEqual(['stillNeeded', 'stillNeeded', 'undo']);
    expect(refreshed).toEqual([undefined, undefined]);
  });

  it('names a report that could not be written again, which does not keep it waiting', async () => {
    stores = false;
    expect(await lookAfter()).toEqual({
      verdict: 'DONE',
      undone: [],
      failed: [`${ID}: its report was not written again: Error: S3 did not answer`],
    });
  });

  it.each<[string, () => Promise<unknown>]>([
    ['where nothing is in effect', async () => {}],
    ['after an hour', () => records.putMitigation(ID, 're-login-page', { ...LASTING, finishedAtMs: NOW - 3_600_000 })],
    ['when a later run has begun', () => records.beginRun(ID, 2, 'arn:2', NOW)],
    ['of an incident that is gone', async () => records.incidents.clear()],
  ])('does not wait %s', async (_, given) => {
    await given();
    expect(await lookAfter()).toEqual({ verdict: 'DONE', undone: [] });
  });

  it('waits on when the end fails, and names it', async () => {
    await records.putMitigation(ID, 're-login-page', { ...LASTING, name: 're-login-page', state: 'undoing', finishedAtMs: NOW });
    breaks = true;
    expect(await lookAfter()).toEqual({ verdict: 'WAIT', undone: [], failed: [expect.stringContaining('re-login-page: Error: it broke')] });
  });
});

describe('an alarm whose event never came', () => {
  const DROP = 'holdfast-store-hit-rate-drop';
  const FAILOVER = 'holdfast-store-failover';
  const UNHEALTHY = 'holdfast-web-unhealthy-hosts';
  const reading = (state: string, changedAtMs: number): AlarmReading => ({ state, changedAtMs, reason: 'a reason' });
  const sign = (from: string, state: 'ALARM' | 'OK', atMs: number) => records.addSign(ID, { from, state, atMs });
  beforeEach(async () => {
    await began();
    await ended();
    await sign(FAILOVER, 'ALARM', NOW - 3_600_000);
    alarms[FAILOVER] = reading('ALARM', NOW - 3_600_000);
  });

  it('opens its incident once, and starts its runbook', async () => {
    alarms[DROP] = reading('ALARM', NOW - 7_200_000);
    expect(await tend()).toMatchObject({ caughtUp: [`${DROP} ALARM`], failed: [] });
    expect([...records.incidents.values()].find(({ runbook }) => runbook === 'logged-out')).toMatchObject({
      openedAtMs: NOW - 7_200_000,
      alarms: { [DROP]: { state: 'ALARM' } },
    });
    expect(started.filter((name) => !name.includes('-look-'))).toHaveLength(1);
    expect(await tend()).toMatchObject({ caughtUp: [] });
    expect(new Set(started.filter((name) => !name.includes('-look-'))).size).toBe(1);
  });

  it.each<[string, Record<string, AlarmReading>]>([
    ['an event can still come', { [DROP]: reading('ALARM', NOW - 59_000) }],
    ['an alarm is well', { [DROP]: reading('OK', NOW - 600_000) }],
    ['an alarm concerns no runbook', { 'holdfast-web-deploy-failed': reading('ALARM', NOW - 600_000) }],
    ['an alarm joins and has been on for hours', { [UNHEALTHY]: reading('ALARM', NOW - 9_000_000) }],
  ])('is not assumed where %s', async (_, more) => {
    Object.assign(alarms, more);
    expect(await tend()).toMatchObject({ caughtUp: [], failed: [] });
    expect(records.incidents.size).toBe(1);
  });

  it('joins the incidents that it is evidence of', async () => {
    alarms[UNHEALTHY] = reading('ALARM', NOW - 600_000);
    expect(await tend()).toMatchObject({ caughtUp: [`${UNHEALTHY} ALARM`] });
    expect((await records.getIncident(ID))?.alarms[UNHEALTHY]).toMatchObject({ state: 'ALARM', atMs: NOW - 600_000, joins: true });
  });

  it.each<[string, AlarmReading | undefined]>([
    ['is OK again', reading('OK', NOW - 601_000)],
    ['has no data any more', reading('INSUFFICIENT_DATA', NOW - 601_000)],
  ])('closes its incident when it %s', async (_, now) => {
    if (now) alarms[FAILOVER] = now;
    expect(await tend()).toMatchObject({ caughtUp: [expect.stringContaining(FAILOVER)], closed: [ID] });
  });

  it('lets its incident end when it no longer exists, also of a fleet that is gone', async () => {
    const gone = 'holdfast-gone-load-balancer-5xx';
    await sign(gone, 'ALARM', NOW - 600_000);
    delete alarms[FAILOVER];
    expect(await tend()).toMatchObject({ caughtUp: [`${FAILOVER} OK`, `${gone} OK`], closed: [] });
    expect(await records.getIncident(ID)).toMatchObject({ quietSinceMs: NOW });
  });

  it('opens its incident again when it fires still although that was closed', async () => {
    await records.putPointer({ ...POINTER, closedAtMs: NOW - 600_000 }, POINTER);
    await records.change(ID, { stage: 'closed', closedAtMs: NOW - 600_000 });
    expect(await tend()).toMatchObject({ caughtUp: [`${FAILOVER} ALARM`] });
    expect((await records.pointers())[0]?.closedAtMs).toBeUndefined();
  });

  it('is looked for every quarter of an hour only while no incident is open', async () => {
    await records.putPointer({ ...POINTER, closedAtMs: NOW - 1 }, POINTER);
    let reads = 0;
    readAlarms = async () => {
      reads += 1;
      return {};
    };
    for (const minute of [0, 5, 10, 15, 20]) {
      nowMs = 900_000 * 20 + minute * 60_000;
      await tend();
    }
    expect(reads).toBe(2);
  });

  it('does not undo what is on record of this moment', async () => {
    await sign(FAILOVER, 'OK', NOW - 30_000);
    expect(await tend()).toMatchObject({ caughtUp: [] });
  });

  it('is read with all others by their names; when that fails, the rest is tended', async () => {
    readAlarms = async () => {
      throw new Error('it is throttled');
    };
    await records.change(ID, { unsent: { since: 1, reason: 'S3 did not answer' } });
    expect(await tend()).toMatchObject({ failed: ['alarms: Error: it is throttled'], sent: [ID] });
  });

  it.each<[string, 'ALARM' | 'OK', number | undefined]>([
    ['quiet since its last alarm', 'OK', NOW - 5_000],
    ['not quiet', 'ALARM', undefined],
  ])('leaves an incident %s whose handler died half-way', async (_, state, quietSinceMs) => {
    await sign(FAILOVER, state, NOW - 5_000);
    alarms[FAILOVER] = reading(state, NOW - 5_000);
    await records.change(ID, quietSinceMs === undefined ? { quietSinceMs: 1 } : {});
    expect(await tend()).toMatchObject({ caughtUp: [], closed: [] });
    expect((await records.getIncident(ID))?.quietSinceMs).toBe(quietSinceMs);
  });
});
