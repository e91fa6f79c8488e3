import { describe, expect, it } from 'vitest';
import { recordKeys } from '../../../functions/records/keys.ts';
import { type AnnouncedCloud, withAnnouncedCloud } from '../announced-cloud.ts';
import { SWEEP_EXECUTION } from '../fake-cloud.ts';
import { onlyLine, PLACE, runCli, spawnCli } from '../run-cli.ts';

const SUMMARY = {
  keys: 1_000,
  withoutTtl: 12,
  structural: 3,
  repaired: 10,
  deleted: 0,
  unknown: 2,
  seconds: 1.5,
  keysPerSecond: 667,
  storeP99Ms: 0.4,
};
/** Without undefined values, which DynamoDB does not have. */
const record = (more: object = {}): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify({
      sweepId: 's1',
      executionArn: SWEEP_EXECUTION,
      startedAtMs: 1,
      finishedAtMs: 2_001,
      requestedBy: 'local/ann',
      dryRun: false,
      shards: ['0001'],
      status: 'SUCCEEDED',
      summary: SUMMARY,
      ...more,
    }),
  );

/** A sweep, and its start next to it. */
function keep(sweep: Record<string, unknown>): void {
  const { pk, sk } = recordKeys.sweepStart(Number(sweep['startedAtMs']), String(sweep['sweepId']));
  cloud.items.set(`STORE|SWEEP#${sweep['sweepId']}`, sweep);
  cloud.items.set(`${pk}|${sk}`, { sweepId: sweep['sweepId'] });
}

let cloud: AnnouncedCloud['cloud'];
let state: AnnouncedCloud['state'];
withAnnouncedCloud((announced) => {
  ({ cloud, state } = announced);
  keep(record());
  cloud.describe = () => ({ status: 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1_000) });
});

describe('sweep', () => {
  it.each([
    ['ok', 0],
    ['warning', 4],
    ['refused', 5],
  ])('a dry run whose dialect of the configuration is judged as %s ends with %i', async (result, exitCode) => {
    const judged = {
      ...{ dialect: 'carts', sampled: 1_000, taken: 40, ofType: 39, stated: 38, unread: 1, foreign: {}, resembles: {}, result },
      ...(result !== 'ok' && { because: 'it takes keys of RQ' }),
    };
    keep(record({ dryRun: true, summary: { ...SUMMARY, dialects: [judged] } }));
    const asText = await runCli(state.folder, ['sweep', '--dry-run', '--full']);
    expect(asText.code).toBe(exitCode);
    expect(asText.stdout).toContain(
      'dialect      carts: its pattern takes 40 of 1,000 sampled keys; 39 of its type, 38 with what it states, 1 not read',
    );
    expect(asText.stdout.includes(`${result}: it takes keys of RQ`)).toBe(result !== 'ok');
    const asJson = await runCli(state.folder, ['sweep', '--dry-run', '--json']);
    expect([asJson.code, onlyLine(asJson.stdout)]).toMatchObject([exitCode, { dialects: [judged] }]);
  });

  it('ends with 4 where a person has to decide about a dialect, and names the setting', async () => {
    const unconfirmed = [{ dialect: 'connect-redis', sessions: 1_000, withoutTtl: 990, setting: 'sweep.policies.connect-redis' }];
    keep(record({ summary: { ...SUMMARY, unconfirmed } }));
    const asText = await runCli(state.folder, ['sweep']);
    expect(asText.code).toBe(4);
    expect(asText.stdout).toContain('decide       connect-redis: 990 of 1,000 sessions have no TTL');
    expect(asText.stdout).toContain('set sweep.policies.connect-redis to "expire"');
    expect(asText.stdout).toContain('./holdfast sweep --policy connect-redis=expire');
    const asJson = await runCli(state.folder, ['sweep', '--json']);
    expect([asJson.code, onlyLine(asJson.stdout)]).toMatchObject([4, { unconfirmed }]);
  });

  it('starts the state machine with the options, and prints the result in one line of JSON', async () => {
    const { code, stdout } = await runCli(state.folder, [
      'sweep',
      '--dry-run',
      '--policy',
      'connect-redis=delete,laravel=report',
      '--json',
    ]);
    expect([code, onlyLine(stdout)]).toEqual([0, { ...PLACE, sweepId: 's1', dryRun: true, ...SUMMARY }]);
    expect(cloud.started.map(({ stateMachineArn, input }) => [stateMachineArn, JSON.parse(String(input))])).toEqual([
      [
        'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-sweep',
        { dryRun: true, policy: { 'connect-redis': 'delete', laravel: 'report' }, requestedBy: 'local/ann' },
      ],
    ]);
  });

  it('prints its progress and its result', async () => {
    let polls = 0;
    const tally = { keys: 500, unknown: 0, byDialect: {} };
    cloud.items.set('STORE|SWEEP-SHARD#0001', { sweepId: 's1', checkpoint: { sweepId: 's1', tally, busyMs: 10, answers: [] } });
    cloud.describe = () => {
      polls += 1;
      return { status: polls < 3 ? 'RUNNING' : 'SUCCEEDED', startDate: new Date(0), stopDate: new Date(1_000) };
    };
    const { stdout } = await spawnCli(state.folder, ['sweep', '--policy', 'expire']);
    expect(stdout).toContain('  500 keys, 0 without TTL, 0 repaired\n1,000 keys in 1.5 s, 667 per second');
    expect(stdout).toContain('without TTL  12: 10 repaired, 0 deleted, 2 unrepaired\n');
    expect(JSON.parse(String(cloud.started[0]?.['input']))).toEqual({ policy: 'expire', requestedBy: 'local/ann' });
  });

  it.each([
    ['SweepInProgress', 'sweep other goes through shard 0001', 7],
    ['StoreUnreachable', 'no answer', 1],
  ])('reports %s with its cause and an exit code of its own', async (name, cause, exitCode) => {
    cloud.items.set('STORE|SWEEP#s1', record({ status: 'FAILED', summary: undefined, error: { Error: name, Cause: cause } }));
    cloud.describe = () => ({ status: 'FAILED', error: name, cause: '{}', startDate: new Date(0), stopDate: new Date(1_000) });
    const { code, stdout } = await runCli(state.folder, ['sweep', '--json']);
    expect([code, onlyLine(stdout)]).toEqual([
      exitCode,
      { error: { code: name, message: `Sweep s1 ${exitCode === 7 ? 'was refused' : 'ended with FAILED'}: ${cause}.` } },
    ]);
  });

  it.each([
    [['--policy', 'drop'], 'InvalidOption'],
    [['--policy', 'connect-redis=drop'], 'InvalidOption'],
    [['--sample-every', '0'], 'InvalidOption'],
    [['--pace', 'frantic'], 'InvalidCommand'],
  ])('refuses %j, and starts nothing', async (options, code) => {
    const ran = await runCli(state.folder, ['sweep', ...options, '--json']);
    expect([ran.code, onlyLine(ran.stdout)]).toEqual([2, { error: { code, message: expect.any(String) } }]);
    expect(cloud.started).toEqual([]);
  });
});

describe('sweeps', () => {
  it('lists start, age, duration, findings and requester, newest first', async () => {
    keep(record({ sweepId: 's2', startedAtMs: 5, finishedAtMs: 10_005, dryRun: true, requestedBy: 'schedule' }));
    const { stdout } = await runCli(state.folder, ['sweeps']);
    const age = `${Math.floor(Date.now() / 86_400_000)}d`;
    expect(stdout.split('\n').slice(1)).toEqual([
      `STARTED                   ${'AGE'.padEnd(age.length)}  DURATION  KEYS   WITHOUT TTL  REPAIRED     DELETED  OUTCOME             BY         ID`,
      `1970-01-01T00:00:00.005Z  ${age}  10.0 s    1,000  12           would be 10  0        SUCCEEDED, dry run  schedule   s2`,
      `1970-01-01T00:00:00.001Z  ${age}  2.0 s     1,000  12           10           0        SUCCEEDED           local/ann  s1`,
      '',
    ]);
  });

  it('shows one by the first characters of its id, and one that was stopped by force as failed', async () => {
    cloud.items.set('STORE|SWEEP#abc-1', record({ sweepId: 'abc-1', status: 'RUNNING', summary: undefined, finishedAtMs: undefined }));
    cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1_000) });
    const { stdout } = await runCli(state.folder, ['sweeps', 'show', 'abc', '--json']);
    expect(onlyLine(stdout)).toMatchObject({ sweep: { sweepId: 'abc-1', status: 'FAILED' }, report: null });
    const shown = await runCli(state.folder, ['sweeps', 'show', 's1']);
    expect(shown.stdout).toContain('outcome  SUCCEEDED\nby       local/ann\nstarted  1970-01-01T00:00:00.001Z, took 2.0 s\n');
    for (const [id, code] of [
      ['nothing', 'NoSuchSweep'],
      ['no id!', 'InvalidSweep'],
    ] as const) {
      const refused = await runCli(state.folder, ['sweeps', 'show', id, '--json']);
      expect([refused.code, onlyLine(refused.stdout)]).toEqual([2, { error: { code, message: expect.any(String) } }]);
    }
  });
});
