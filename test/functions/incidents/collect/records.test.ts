import { describe, expect, it } from 'vitest';
import type { CanaryRecord } from '../../../../functions/canary/contract/canary-records.ts';
import type { StoreRecord } from '../../../../functions/collect/contract.ts';
import { compareCookies, uncheckedRoute } from '../../../../functions/deploy/session-cookie/judge-cookie.ts';
import { createCanary, createDeploys, createReadings, createSweeps } from '../../../../functions/incidents/collect/collect-records.ts';
import { createStoreGroup } from '../../../../functions/incidents/collect/collect-store.ts';
import type { SessionCookie } from '../../../../functions/instance/document-contract.ts';
import type { DeployRecord } from '../../../../functions/records/types.ts';
import type { SweepRecord, SweepSummary } from '../../../../functions/sweep/contract/record.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';
import { factsOf, fleet, MINUTE_MS, request, SIGN_MS } from './request.ts';

const now = () => SIGN_MS;
const HOUR_MS = 60 * MINUTE_MS;

describe('readings', () => {
  it('are the latest one with its age', async () => {
    const record = { reading: { takenAtMs: SIGN_MS - 90_000, keys: 7 }, window: [{ atMs: 1 }] } as unknown as StoreRecord;
    expect(await createReadings({ records: { getStore: async () => record }, now })(request())).toMatchObject({
      facts: { reading: { keys: 7 }, window: [{ atMs: 1 }] },
    });
  });

  it('are a gap before the first one', async () => {
    expect(await createReadings({ records: { getStore: async () => undefined }, now })(request())).toEqual({
      gap: expect.stringContaining('no reading is on record'),
    });
  });
});

describe('deploys', () => {
  const deploy = (deployId: string, startedAtMs: number, more: Partial<DeployRecord> = {}): DeployRecord => ({
    deployId,
    executionArn: 'arn:secret',
    fleet: 'web',
    from: '1.0.0',
    to: '1.1.0',
    requestedBy: 'arn:aws:sts::123456789012:assumed-role/Deployer/jane@example.com',
    startedAtMs,
    finishedAtMs: startedAtMs + MINUTE_MS,
    status: 'SUCCEEDED',
    stage: 'finished',
    targets: {},
    ...more,
  });
  const { finishedAtMs: _, ...running } = deploy('running', SIGN_MS - 30 * HOUR_MS, { status: 'RUNNING' });
  const collect = (fleets: readonly string[]) =>
    createDeploys({
      records: {
        ...memoryRecords(),
        latestDeploys: async (fleet) =>
          fleet === 'web'
            ? [deploy('late', SIGN_MS + HOUR_MS), deploy('new', SIGN_MS - HOUR_MS), running, deploy('old', SIGN_MS - 48 * HOUR_MS)]
            : [deploy('other', SIGN_MS - 2 * HOUR_MS, { fleet })],
      },
      now,
    })(request({ fleets }));

  it('have how far each of their servers got, where they ran in the window', async () => {
    const targets = { 'i-1': { phase: 'done' }, 'i-2': { phase: 'failed' } } as never;
    const one = async (startedAtMs: number) =>
      createDeploys({
        records: { ...memoryRecords(), latestDeploys: async () => [deploy('d1', startedAtMs, { targets })] },
        now,
      })(request({ fleets: ['web'] }));
    expect(await one(SIGN_MS - MINUTE_MS)).toMatchObject({ facts: { deploys: [{ phases: { 'i-1': 'done', 'i-2': 'failed' } }] } });
    expect(JSON.stringify(await one(SIGN_MS - 20 * HOUR_MS))).not.toContain('phases');
  });

  it('have what they warned of, and what kind of warning it is', async () => {
    const cookie = { name: 'SID', secure: true, httpOnly: true } as SessionCookie;
    const warnings = [
      ...compareCookies('1.5.0', cookie, { ...cookie, name: 'SHOP', secure: false, httpOnly: false, domain: 'shop.example' }),
      ...compareCookies('1.5.0', cookie, undefined),
      uncheckedRoute('1.5.0', 'the contract has no session.end'),
      'Auto Scaling had processes suspended before.',
    ];
    const collected = await createDeploys({
      records: { ...memoryRecords(), latestDeploys: async () => [deploy('d1', SIGN_MS, { warnings })] },
      now,
    })(request({ fleets: ['web'] }));
    const warningKinds = ['cookieName', 'secureLost', 'httpOnlyLost', 'cookieDomain', 'notShown', 'unchecked', 'other'];
    expect(factsOf(collected).deploys).toMatchObject([{ warnings, warningKinds }]);
    expect(warnings[0]).toContain('is named SHOP and no longer SID');
  });

  it('are those that ran in the window or the day before, without who asked for them', async () => {
    expect(await collect(['web'])).toEqual({
      takenAtMs: SIGN_MS,
      facts: {
        deploys: [
          {
            deployId: 'new',
            fleet: 'web',
            from: '1.0.0',
            to: '1.1.0',
            status: 'SUCCEEDED',
            startedAtMs: SIGN_MS - HOUR_MS,
            finishedAtMs: SIGN_MS - HOUR_MS + MINUTE_MS,
          },
          { deployId: 'running', fleet: 'web', from: '1.0.0', to: '1.1.0', status: 'RUNNING', startedAtMs: SIGN_MS - 30 * HOUR_MS },
        ],
      },
    });
  });

  it('are those of all fleets of the incident, latest first', async () => {
    const collected = await collect(['web', 'shop']);
    expect(collected).toMatchObject({
      facts: { deploys: [{ deployId: 'new' }, { deployId: 'other', fleet: 'shop' }, { deployId: 'running' }] },
    });
  });
});

describe('sweeps', () => {
  const summary: SweepSummary = {
    keys: 100,
    withoutTtl: 10,
    structural: 0,
    repaired: 8,
    deleted: 2,
    shortened: 9,
    unknown: 0,
    leftOnPurpose: 0,
    seconds: 1,
    keysPerSecond: 100,
    storeP99Ms: 1,
  };
  const sweep = (sweepId: string, more: Partial<SweepRecord> = {}): SweepRecord => ({
    sweepId,
    executionArn: 'arn',
    startedAtMs: SIGN_MS - HOUR_MS,
    finishedAtMs: SIGN_MS,
    requestedBy: 'somebody',
    dryRun: false,
    shards: [],
    status: 'SUCCEEDED',
    summary,
    ...more,
  });

  it('name the settings that they wait for', async () => {
    const unconfirmed = [{ dialect: 'django', sessions: 200, withoutTtl: 200, setting: 'sweep.policies.django' }];
    const records = { latestSweeps: async () => [sweep('new', { summary: { ...summary, unconfirmed } })] };
    expect(await createSweeps({ records, now })(request())).toMatchObject({
      facts: { sweeps: [{ unconfirmed: ['sweep.policies.django'] }] },
    });
  });

  it('are counted with what they repaired; a dry run and an old one are left out', async () => {
    const { summary: _, finishedAtMs: __, ...running } = sweep('running', { status: 'RUNNING' });
    const old = { startedAtMs: SIGN_MS - 50 * HOUR_MS, finishedAtMs: SIGN_MS - 49 * HOUR_MS };
    const records = { latestSweeps: async () => [running, sweep('new'), sweep('dry', { dryRun: true }), sweep('old', old)] };
    expect(await createSweeps({ records, now })(request())).toEqual({
      takenAtMs: SIGN_MS,
      facts: {
        sweeps: [
          { sweepId: 'running', startedAtMs: SIGN_MS - HOUR_MS, status: 'RUNNING', repaired: 0, shortened: 0 },
          { sweepId: 'new', startedAtMs: SIGN_MS - HOUR_MS, status: 'SUCCEEDED', repaired: 10, shortened: 9 },
        ],
      },
    });
  });
});

it('a sweep has the unknown keys that have come since the full sweep before', async () => {
  const growth = { sinceMs: SIGN_MS - 25 * HOUR_MS, shapes: [{ shape: 'Session:userId:*', type: 'integer', keys: 900, grown: 500 }] };
  const end = {
    startedAtMs: SIGN_MS - HOUR_MS,
    status: 'SUCCEEDED',
    dryRun: false,
    summary: { repaired: 0, deleted: 0, unknownGrowth: growth },
  };
  const records = { latestSweeps: async () => [{ ...end, sweepId: 's-1' } as unknown as SweepRecord] };
  expect(await createSweeps({ records, now })(request())).toMatchObject({ facts: { sweeps: [{ sweepId: 's-1', unknownGrowth: growth }] } });
});

describe('the replication group', () => {
  const members = [{ node: 's-001', role: 'primary' as const }];
  it('is described with its events until now', async () => {
    const group = {
      describe: async () => ({ status: 'available', automaticFailover: true, shards: 1, members }),
      events: async (nodes: readonly string[], fromMs: number, toMs: number) => [{ atMs: fromMs, message: `${nodes} until ${toMs}` }],
    };
    expect(await createStoreGroup({ group, now })(request())).toEqual({
      takenAtMs: SIGN_MS,
      facts: {
        status: 'available',
        automaticFailover: true,
        shards: 1,
        members,
        events: [{ atMs: SIGN_MS - HOUR_MS, message: `s-001 until ${SIGN_MS}` }],
      },
    });
  });

  it('is a gap for a store that is known by its endpoint only', async () => {
    expect(await createStoreGroup({ group: undefined, now })(request())).toEqual({ gap: expect.stringContaining('no replication group') });
  });
});

describe('the canary', () => {
  const record: CanaryRecord = { url: 'https://shop/', lines: [], timeOuts: [], sessions: 2, vanishedAtMs: [] };
  const collect = (records: Readonly<Record<string, CanaryRecord | undefined>>, fleets = ['web']) => {
    const watched = Object.fromEntries(Object.keys(records).map((name) => [name, fleet({ canary: true })]));
    return createCanary({ fleets: { admin: fleet(), ...watched }, read: async (name) => records[name], now })(request({ fleets }));
  };

  it('counts what is kept, and what vanished in the window', async () => {
    const vanishedAtMs = [SIGN_MS - 2 * HOUR_MS, SIGN_MS - MINUTE_MS, SIGN_MS];
    expect(await collect({ web: { ...record, vanishedAtMs } })).toEqual({ takenAtMs: SIGN_MS, facts: { sessions: 2, vanished: 2 } });
  });

  it('says what is missing', async () => {
    expect(await collect({})).toEqual({ gap: 'no canary keeps sessions alive from outside' });
    expect(await collect({ web: undefined })).toEqual({ gap: 'the canary has not taken a turn yet' });
    const failed = { sinceMs: 1, atMs: 2, what: 'the site answered 429' };
    expect(await collect({ web: { ...record, failed } }, ['web', 'admin'])).toMatchObject({
      facts: { sessions: 2 },
      gaps: ['the canary does not work: the site answered 429', 'a canary keeps sessions of 1 of 2 fleets'],
    });
  });
});
