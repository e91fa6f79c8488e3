import { describe, expect, it } from 'vitest';
import { stopOnAlarms, type WatchPorts } from '../../../../functions/deploy/assess/watch-alarms.ts';
import type { DeployRecord, FleetRecord } from '../../../../functions/records/types.ts';
import { DEPLOY, START_MS } from '../../fakes/fixtures.ts';
import { memoryRecords } from '../../fakes/memory-records.ts';

const RECORD = { from: '1.0.0', startedAtMs: START_MS, alarmsAtStart: { errors: 'OK', latency: 'ALARM' } } as unknown as DeployRecord;
const deploy = { ...DEPLOY, settings: { ...DEPLOY.settings, alarmNames: ['errors', 'latency'] } };
const portsOf = (errors: object, prepares = false): WatchPorts => ({
  records: { ...memoryRecords(), getDeploy: async () => RECORD, updateDeploy: async () => true },
  alarms: { states: async () => ({}), read: async () => ({ latency: { state: 'ALARM' }, errors: { state: 'OK', ...errors } }) },
  prepares,
  now: () => START_MS + 60_000,
});
const RED = { state: 'ALARM', dataUntilMs: START_MS + 30_000 };

describe('before each target', () => {
  it('an alarm that has turned red since the deploy began stops it', async () => {
    const stopped = stopOnAlarms(portsOf(RED), deploy, { record: RECORD, current: undefined });
    await expect(stopped).rejects.toMatchObject({ name: 'AlarmFired', message: 'in ALARM since the deploy began: errors' });
  });

  it.each<[string, () => Promise<void>]>([
    ['was red before', () => stopOnAlarms(portsOf({}), deploy, { record: RECORD, current: undefined })],
    [
      'is red because of data from before the deploy',
      () => stopOnAlarms(portsOf({ ...RED, dataUntilMs: START_MS - 1 }), deploy, { record: RECORD, current: undefined }),
    ],
    [
      'is red after a failover of the store, until the end of the deploy',
      () => stopOnAlarms(portsOf(RED), deploy, { record: RECORD, current: undefined, storeFailedOver: true }),
    ],
    [
      'turns red once the release is the fleet’s',
      () => stopOnAlarms(portsOf(RED), deploy, { record: RECORD, current: { deployId: 'd1' } as FleetRecord }),
    ],
    ['is red during a restart', () => stopOnAlarms(portsOf(RED), { ...deploy, restart: 'i-1' }, { record: RECORD, current: undefined })],
    [
      'is red during a first deploy of placeholders',
      () => stopOnAlarms(portsOf(RED), deploy, { record: { ...RECORD, from: 'none' }, current: undefined }),
    ],
  ])('an alarm that %s stops nothing', async (_what, watched) => {
    await expect(watched()).resolves.toBeUndefined();
  });

  it('of servers that ran before Holdfast a first deploy is watched too', async () => {
    const stopped = stopOnAlarms(portsOf(RED, true), deploy, { record: { ...RECORD, from: 'none' }, current: undefined });
    await expect(stopped).rejects.toMatchObject({ name: 'AlarmFired' });
  });
});

describe('alarms that every installation has', () => {
  const LOGGED_OUT = 'holdfast-web-redirects';
  const STORE = 'holdfast-store-failover';
  const own = { ...deploy, fleet: 'web', executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:holdfast-web-deploy:d1' };
  const start = { errors: 'OK', latency: 'OK', [LOGGED_OUT]: 'OK', [STORE]: 'OK' };
  const watch = async (red: string, change: Partial<typeof own> = {}, alarmsAtStart: Record<string, string> = start) => {
    const warnings: string[] = [];
    const record = { ...RECORD, alarmsAtStart } as DeployRecord;
    const asked: string[] = [];
    const ports: WatchPorts = {
      ...portsOf({}),
      records: {
        ...memoryRecords(),
        getDeploy: async () => record,
        updateDeploy: async (_fleet, _id, { warnings: added = [] }) => warnings.push(...added) > 0,
      },
      alarms: {
        states: async () => ({}),
        read: async (names) => {
          asked.push(...names);
          return names.includes(red) ? { [red]: RED } : {};
        },
      },
    };
    const error = await stopOnAlarms(ports, { ...own, ...change } as never, { record, current: undefined }).then(
      () => undefined,
      ({ name }: Error) => name,
    );
    return { error, warnings, asked };
  };
  const report = { settings: { ...own.settings, onPeople: 'report' as const } };

  it('stops for one that sees people', async () => {
    expect(await watch(LOGGED_OUT)).toMatchObject({ error: 'AlarmFired', warnings: [] });
  });
  it.each([
    ['one of the store', STORE, {}],
    ['one that sees people, where the release turns users away by intent', LOGGED_OUT, { expect: 'turned-away' }],
    ['one that sees people, where the fleet only reports', LOGGED_OUT, report],
  ])('warns of %s', async (_what, red, change) => {
    const { error, warnings } = await watch(red, change as never);
    expect(error).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining(`${red} is in ALARM since the deploy began`)]);
  });
  it.each([
    ['pages that are broken by intent', LOGGED_OUT, { expect: 'pages' }],
    ['users turned away by intent, for the other alarms', 'errors', { expect: 'turned-away' }],
    ['a fleet that only reports what people meet, for the other alarms', 'errors', report],
  ])('%s: the deploy is stopped', async (_what, red, change) => {
    expect((await watch(red, change as never)).error).toBe('AlarmFired');
  });
  it('leaves one alone that was in ALARM before, or that the deploy did not find when it began', async () => {
    expect(await watch(LOGGED_OUT, {}, { ...start, [LOGGED_OUT]: 'ALARM' })).toMatchObject({ error: undefined, warnings: [] });
    const { asked } = await watch(LOGGED_OUT, {}, { errors: 'OK' });
    expect(asked).toEqual(['errors', 'latency']);
  });
});
