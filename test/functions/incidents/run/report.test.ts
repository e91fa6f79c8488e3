import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { IncidentRecord, MitigationRecord } from '../../../../functions/incidents/contract/incident.ts';
import { refreshReport, renderReport, report, reportEnd } from '../../../../functions/incidents/run/report.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';
import { PLACE, someEvidence } from '../report/an-incident.ts';

const ID = 'inc-000000000001';
const NOW = Date.parse('2026-11-22T03:12:05Z');
const FOLDER = `_incidents/${ID}/1`;
const EVIDENCE = JSON.stringify(someEvidence());
const SHA256 = createHash('sha256').update(EVIDENCE).digest('hex');
const PAGE: MitigationRecord = {
  name: 're-login-page',
  target: { incidentId: ID, fleet: 'web' },
  run: 1,
  mode: 'auto',
  state: 'done',
  calls: [],
  effect: 'users see a page',
  actedAtMs: NOW - 60_000,
  finishedAtMs: NOW - 50_000,
};
const ENDED = { state: 'ended', detail: 'the store is well again', finishedAtMs: NOW + 120_000 } as const;

let records: ReturnType<typeof memoryIncidentRecords>;
let stored: Map<string, string>;
let messages: string[];
let puts: number;
let s3: boolean;
let nowMs: number;

beforeEach(async () => {
  records = memoryIncidentRecords();
  stored = new Map([[`${FOLDER}/evidence.json`, EVIDENCE]]);
  [messages, puts, s3, nowMs] = [[], 0, true, NOW];
  await records.ensureIncident({ incidentId: ID, fingerprint: 'store-failure', runbook: 'store-failure', openedAtMs: NOW - 300_000 });
  await records.beginRun(ID, 1, 'arn:1', NOW - 200_000);
  await records.putMitigation(ID, 're-login-page', PAGE);
});

const ports = () => ({
  records,
  objects: {
    async put(key: string, body: string) {
      if (!s3) throw new Error('S3 did not answer');
      puts += 1;
      stored.set(key, body);
    },
    get: async (key: string) => stored.get(key),
  },
  publish: async ({ subject }: { subject: string }) => void messages.push(subject),
  render: renderReport(PLACE, () => nowMs),
  log: { info: () => {}, warn: () => {} },
  now: () => nowMs,
});
const incident = async () => (await records.getIncident(ID)) as IncidentRecord;
const markdown = () => (stored.get(`${FOLDER}/report.md`) ?? '').replaceAll(/\s+/g, ' ');
const json = () => JSON.parse(stored.get(`${FOLDER}/report.json`) ?? '{}');

describe('a report', () => {
  it('is stored in both forms with the hash of the evidence, and people hear of it', async () => {
    expect(await report(ports(), ID, true)).toEqual({ verdict: 'DONE' });
    expect(markdown()).toContain(SHA256);
    expect(json().incident.mitigations['re-login-page'].state).toBe('done');
    expect(messages).toHaveLength(1);
    expect(await incident()).toMatchObject({ stage: 'watching', report: { evidenceSha256: SHA256 } });
  });

  it('that S3 refuses is named, and people hear of the incident all the same', async () => {
    s3 = false;
    expect(await report(ports(), ID, true)).toEqual({ verdict: 'DONE', unsent: 'the report was not stored: Error: S3 did not answer' });
    expect([messages.length, (await incident()).unsent?.since]).toEqual([1, NOW]);
  });
});

describe('a stored report', () => {
  beforeEach(async () => {
    await report(ports(), ID, true);
    [puts, messages, nowMs] = [0, [], NOW + 130_000];
  });

  it('stays as it is while it says what the record says', async () => {
    expect(await refreshReport(ports(), ID)).toBe(false);
    expect(puts).toBe(0);
  });

  it('says when a page that users saw is gone, once, with the evidence that it had; nobody is notified again', async () => {
    expect(markdown()).toContain('It is undone by itself when the trouble is over.');
    await records.moveMitigation(ID, 're-login-page', ['done'], ENDED);
    expect(await refreshReport(ports(), ID)).toBe(true);
    expect(markdown()).not.toContain('It is undone by itself');
    expect(markdown()).toContain('re-login-page was carried out, and undone at 03:14:05 UTC: the store is well again.');
    expect(markdown()).toMatch(/03:14:05 .*re-login-page is over: the store is well again/);
    expect(json().incident).toMatchObject({ mitigations: { 're-login-page': ENDED }, report: { evidenceSha256: SHA256 } });
    expect([stored.get(`${FOLDER}/evidence.json`), (await incident()).report?.evidenceSha256]).toEqual([EVIDENCE, SHA256]);
    expect([await refreshReport(ports(), ID), puts, messages]).toEqual([false, 2, []]);
  });

  it('says when the incident is closed', async () => {
    expect(await refreshReport(ports(), ID, nowMs)).toBe(true);
    expect(markdown()).toContain('Closed at');
    await records.change(ID, { stage: 'closed', closedAtMs: nowMs });
    expect(await refreshReport(ports(), ID)).toBe(false);
  });

  it('says that it is open again', async () => {
    await refreshReport(ports(), ID, nowMs);
    expect(await refreshReport(ports(), ID)).toBe(true);
    expect(markdown()).toContain('Open for');
  });

  it('is left to the runbook that works on the incident', async () => {
    await records.beginRun(ID, 2, 'arn:2', nowMs);
    await records.moveMitigation(ID, 're-login-page', ['done'], ENDED);
    expect(await refreshReport(ports(), ID)).toBe(false);
  });

  it('that S3 refuses is written the next time', async () => {
    await records.moveMitigation(ID, 're-login-page', ['done'], ENDED);
    s3 = false;
    await expect(refreshReport(ports(), ID)).rejects.toThrow('S3 did not answer');
    s3 = true;
    expect(await refreshReport(ports(), ID)).toBe(true);
  });

  it('keeps the hash that it named, and shows no evidence that was changed since', async () => {
    stored.set(`${FOLDER}/evidence.json`, EVIDENCE.replace('SUCCEEDED', 'FAILED'));
    await records.moveMitigation(ID, 're-login-page', ['done'], ENDED);
    expect(await refreshReport(ports(), ID)).toBe(true);
    expect(markdown()).toContain(SHA256);
    expect(markdown()).toContain('the bundle of evidence was changed after its report');
    expect(markdown()).not.toContain('7a51fb7e');
  });
});

describe('the end of an incident', () => {
  it('is one message, after a report', async () => {
    await reportEnd(ports(), ID, nowMs);
    expect(messages).toEqual([]);
    await report(ports(), ID, true);
    [messages, nowMs] = [[], NOW + 900_000];
    await reportEnd(ports(), ID, nowMs);
    await reportEnd(ports(), ID, nowMs + 300_000);
    expect(messages).toEqual([expect.stringContaining('Closed: ')]);
  });

  it('sends nothing of an incident that one of the store explains', async () => {
    await records.change(ID, { explainedBy: 'inc-000000000002' });
    await report(ports(), ID, true);
    await reportEnd(ports(), ID, nowMs);
    expect([messages, puts]).toEqual([[], 2]);
  });
});
