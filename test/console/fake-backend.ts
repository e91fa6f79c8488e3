/** A cloud in memory for the console: the dashboards of the golden templates, a deploy in each state, sweeps and alarms. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';

import type { AlarmStatus } from '../../cli/installation/attention/attention-words.ts';
import type { Backend, ConsoleCloud, InvokeResult } from '../../console/backend.ts';
import type { Records } from '../../functions/records/records.ts';
import type { DeployRecord, TargetProgress } from '../../functions/records/types.ts';
import type { SweepRecord } from '../../functions/sweep/contract/record.ts';
import type { SweepReport } from '../../functions/sweep/report/make-report.ts';
import type { SweepRecords } from '../../functions/sweep/sweep-records.ts';
import { RELEASE } from '../functions/fakes/fixtures.ts';
import { memoryRecords } from '../functions/fakes/memory-records.ts';
import { memorySweepRecords } from '../functions/fakes/memory-sweep-records.ts';
import { AT, anIncident, someEvidence } from '../functions/incidents/report/an-incident.ts';
import { goldenDashboards } from './golden-dashboards.ts';
import { alarmsOf } from './shown-alarms.ts';
import { results } from './shown-results.ts';

/** One that waits for a decision, one that is unknown, one that is over. */
export const INCIDENTS = [
  anIncident({ signs: anIncident().signs.map((sign) => ({ ...sign, from: sign.from.replace('live-', 'holdfast-') })) }),
  anIncident({
    incidentId: 'inc-00000000aaaa',
    runbook: 'store-failure',
    fleet: undefined,
    mitigations: {},
    finding: {
      verdict: 'unknown',
      candidates: ['store-down'],
      missing: [{ text: 'whether a replica answers', source: 'store' }],
      shown: [],
    },
  }),
  anIncident({
    incidentId: 'inc-00000000bbbb',
    stage: 'closed',
    closedAtMs: AT + 3_600_000,
    mitigations: {},
    finding: { verdict: 'nothing', because: [], missing: [] },
  }),
];

export const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine';

export interface FakeBackend extends Backend {
  readonly records: Records;
  readonly sweeps: SweepRecords;
  readonly bodies: Map<string, string>;
  /** Calls of StartExecution. */
  readonly started: { readonly stateMachineArn: string; readonly input: Record<string, unknown> }[];
  /** ARNs passed to StopExecution. */
  readonly stopped: string[];
  readonly invoked: { readonly functionArn: string; readonly event: Record<string, unknown> }[];
  alarms: AlarmStatus[];
  /** Executions by name. */
  readonly executions: Map<string, { status: string; input?: string; error?: string; cause?: string }>;
  /** The reply of a widget's function. */
  reply: (event: Record<string, unknown>) => InvokeResult;
  /** Thrown by GetMetricData. */
  trouble: Error | undefined;
  /** Whether the caller may start anything. */
  changes: Awaited<ReturnType<Backend['mayInvoke']>>;
  /** No metric has data, as just after the first deploy of the stacks. */
  isEmpty: boolean;
}

export function createFakeBackend(): FakeBackend {
  const records = memoryRecords();
  const sweeps = memorySweepRecords();
  const reports = new Map<string, SweepReport>();
  const fake: FakeBackend = {
    cloud: {
      local: true,
      account: '000000000000',
      region: 'us-east-1',
      installation: 'holdfast',
      fleet: 'web',
      caller: 'local/ann',
      title: 'account 000000000000 (local), us-east-1, fleet web',
      records,
      sweeps,
      incidents: {
        latestIncidents: async () => INCIDENTS,
        getIncident: async (id: string) => INCIDENTS.find(({ incidentId }) => incidentId === id),
        findIncidents: async (prefix: string) => INCIDENTS.filter(({ incidentId }) => incidentId.startsWith(prefix)),
      },
      ...results,
      stepFunctions: { send: (command: { constructor: { name: string }; input: Record<string, string> }) => stepFunctions(fake, command) },
      s3: {
        send: async ({ input }: { input: { Key: string } }) => ({
          Body: {
            transformToString: async () =>
              JSON.stringify(input.Key.endsWith('/evidence.json') ? someEvidence() : (reports.get(input.Key) ?? REPORT)),
          },
        }),
      },
    } as unknown as ConsoleCloud,
    records,
    sweeps,
    bodies: new Map(
      goldenDashboards()
        .filter(({ template }) => !template.startsWith('adopted'))
        .map(({ name, text }) => [name, text]),
    ),
    started: [],
    stopped: [],
    invoked: [],
    alarms: [],
    executions: new Map(),
    reply: () => ({ failed: false, payload: '<p>drawn by a function</p>' }),
    trouble: undefined,
    isEmpty: false,
    changes: 'allowed',
    tries: async () => [
      { text: 'The application:', link: { href: 'https://localhost:8443', text: 'https://localhost:8443' } },
      { text: 'Documentation:', link: { href: '#/docs/local-cloud', text: 'The local cloud' } },
      { text: 'What a sweep would repair; nothing is changed:', command: './holdfast sweep --dry-run --fleet web' },
    ],
    fleets: async () => ['web'],
    requireContract: async () => {},
    listDashboards: async () => [...fake.bodies.keys()].toSorted(),
    getDashboard: async (name) => {
      const body = fake.bodies.get(name);
      if (body === undefined) throw Object.assign(new Error(`Dashboard ${name} does not exist`), { name: 'ResourceNotFound' });
      return body;
    },
    getMetricData: async (queries, { startMs, endMs }) => {
      if (fake.trouble) throw fake.trouble;
      return queries
        .filter(({ ReturnData }) => ReturnData !== false)
        .map((query, index) => resultOf(query, index, startMs, endMs, fake.isEmpty));
    },
    listAlarms: async (chosen) =>
      fake.alarms.filter(({ arn, state }) => (Array.isArray(chosen) ? chosen.includes(arn) : state === (chosen ?? state))),
    invoke: async (functionArn, event) => {
      fake.invoked.push({ functionArn, event: event as Record<string, unknown> });
      return fake.reply(event as Record<string, unknown>);
    },
    replaced: async () => [],
    mayInvoke: async () => fake.changes,
  };
  return fake;
}

async function stepFunctions(
  fake: FakeBackend,
  command: { constructor: { name: string }; input: Record<string, string> },
): Promise<object> {
  const { input } = command;
  const kind = command.constructor.name;
  const { stateMachineArn = '', executionArn = '' } = input;
  if (kind === 'StartExecutionCommand') {
    fake.started.push({ stateMachineArn, input: JSON.parse(input['input'] ?? '{}') });
    const name = `started-${fake.started.length}`;
    fake.executions.set(name, { status: 'RUNNING', input: input['input'] });
    return { executionArn: `${stateMachineArn.replace('stateMachine', 'execution')}:${name}` };
  }
  if (kind === 'StopExecutionCommand') {
    fake.stopped.push(executionArn);
    return {};
  }
  const execution = fake.executions.get(executionArn.split(':').at(-1) ?? '');
  if (!execution) throw Object.assign(new Error('Execution Does Not Exist'), { name: 'ExecutionDoesNotExist' });
  return { ...execution, startDate: new Date(Date.now() - 3_000) };
}

/** A wave per line, one point per period; for metrics of ended deploys only some points. */
function resultOf({ Id, Label, MetricStat, Period }: MetricDataQuery, index: number, startMs: number, endMs: number, isEmpty: boolean) {
  const periodMs = (MetricStat?.Period ?? Period ?? 60) * 1000;
  const name = MetricStat?.Metric?.MetricName ?? '';
  const times: number[] = [];
  for (let at = Math.ceil(startMs / periodMs) * periodMs; at < endMs && !isEmpty; at += periodMs) times.push(at);
  const isEvent = name.startsWith('Deploy');
  const shown = isEvent ? times.filter((_, at) => at % 7 === index) : times;
  const value = (at: number) => {
    if (isEvent) return name === 'DeployDurationSeconds' ? 34.2 : 1;
    const size = /Bytes/.test(name) ? 4e6 : /CurrItems|Sessions/.test(name) ? 1_200 : /IsPrimary/.test(name) ? Number(index === 0) : 40;
    return /IsPrimary/.test(name) ? size : size * (1 + 0.2 * Math.sin(at / 240_000 + index));
  };
  return { Id, Label: Label ?? name, Timestamps: shown.map((at) => new Date(at)), Values: shown.map(value) };
}

export const REPORT: SweepReport = {
  sweepId: 's1',
  startedAtMs: 0,
  finishedAtMs: 4_000,
  requestedBy: 'local/ann',
  dryRun: true,
  summary: {
    keys: 120_400,
    withoutTtl: 42,
    structural: 12,
    repaired: 40,
    deleted: 0,
    unknown: 3,
    seconds: 0.4,
    keysPerSecond: 300_000,
    storeP99Ms: 0.6,
  },
  byDialect: {
    'connect-redis': {
      policy: 'expire',
      sessions: 118_000,
      bytes: 1e8,
      structural: 0,
      withoutTtl: 40,
      bytesWithoutTtl: 9_000,
      repaired: 40,
      deleted: 0,
      unrepaired: {},
      ages: {},
    },
    spring: {
      policy: 'expire',
      sessions: 2_300,
      bytes: 1e6,
      structural: 12,
      withoutTtl: 2,
      bytesWithoutTtl: 900,
      repaired: 0,
      deleted: 0,
      unrepaired: { 'not-permitted': 2 },
      ages: {},
    },
  },
  sizes: { '≤ 1024 B': 1_120, '≤ 4096 B': 76, '≤ 16384 B': 8, '> 16777216 B': 0 },
  sampledOneIn: 100,
  large: [{ id: 'f00d5e55', dialect: 'connect-redis', bytes: 40_960 }],
  persistentKeys: [{ id: '0ff3nd37', dialect: 'connect-redis', type: 'string', bytes: 200, idleSeconds: 3, done: 'expire' }],
  reconciled: 0,
  shards: [{ name: 'shard 0001', readFrom: 'replica', method: 'script', restarts: 0, keys: 120_400, seconds: 0.4 }],
} as unknown as SweepReport;

const MINUTE = 60_000;
const INSTANCES = ['i-0a1', 'i-0b2', 'i-0c3'];

function target(
  order: number,
  phase: TargetProgress['phase'],
  startMs: number,
  steps: readonly (readonly [TargetProgress['phase'], number])[],
  more: Partial<TargetProgress> = {},
): TargetProgress {
  let atMs = startMs;
  const phases = steps.map(([name, lastsMs]) => {
    const entry = { phase: name, startedAtMs: atMs };
    atMs += lastsMs;
    return entry;
  });
  return {
    phase,
    order,
    fromVersion: '1.0.0',
    startedAtMs: startMs,
    phaseStartedAtMs: phases.at(-1)?.startedAtMs ?? startMs,
    phases,
    ...more,
  };
}

const ROLL = [
  ['draining', 3_400],
  ['installing', 1_300],
  ['checkingReadiness', 900],
  ['registering', 1_900],
  ['baking', 1_500],
] as const satisfies readonly (readonly [TargetProgress['phase'], number])[];

/** A deploy that succeeded, one that was rolled back, and one that is running; two sweeps; alarms in each state. */
export async function furnish(fake: FakeBackend, nowMs = Date.now()): Promise<void> {
  for (const [index, version] of ['1.0.0', '1.1.0', '1.2.0'].entries()) {
    await fake.records.putRelease({
      ...RELEASE,
      version,
      publishedAtMs: nowMs - (90 - index * 20) * MINUTE,
      sizeBytes: 48_213 + index * 77,
    });
  }
  const { sha256 } = RELEASE;
  await fake.records.promote('web', { version: '1.0.0', sha256, deployId: 'first', fencingToken: 1, atMs: nowMs - 89 * MINUTE });
  for (const [index, version] of ['1.2.0', '1.0.0', '1.0.0'].entries())
    await fake.records.putInstance('web', { instanceId: INSTANCES[index] as string, version, installedAtMs: nowMs - (3 - index) * MINUTE });
  const deploy = (deployId: string, to: string, startedAtMs: number, more: Partial<DeployRecord>): DeployRecord => ({
    deployId,
    executionArn: `${MACHINE.replace('stateMachine', 'execution')}:holdfast-web-deploy:${deployId}`,
    fleet: 'web',
    from: '1.0.0',
    to,
    requestedBy: 'local/ann',
    startedAtMs,
    status: 'RUNNING',
    stage: 'rolling',
    targets: {},
    ...more,
  });
  const longAgo = nowMs - 50 * MINUTE;
  const whole = (order: number, startMs: number) =>
    target(order, 'done', startMs, [...ROLL, ['done', 0]], { finishedAtMs: startMs + 9_000 });
  await fake.records.createDeploy(
    deploy('5a1e0c77-success', '1.1.0', longAgo, {
      status: 'SUCCEEDED',
      stage: 'finished',
      finishedAtMs: longAgo + 31_000,
      targets: { 'i-0a1': whole(0, longAgo + 2_000), 'i-0b2': whole(1, longAgo + 11_000), 'i-0c3': whole(2, longAgo + 20_000) },
    }),
  );
  const failedAt = nowMs - 20 * MINUTE;
  await fake.records.createDeploy(
    deploy('7f00ba44-failure', '1.2.0', failedAt, {
      status: 'FAILED',
      stage: 'finished',
      finishedAtMs: failedAt + 30_000,
      rolledBack: true,
      error: { Error: 'TargetNeverUp', Cause: 'i-0a1 did not answer UP on /health three times in a row within 20 s' },
      outcome: 'Every server has 1.1.0 again.',
      targets: {
        'i-0a1': target(
          0,
          'rolledBack',
          failedAt + 2_000,
          [
            ['draining', 3_000],
            ['installing', 1_200],
            ['checkingReadiness', 9_000],
            ['failed', 800],
            ['installing', 1_400],
            ['checkingReadiness', 900],
            ['registering', 2_000],
            ['rolledBack', 0],
          ],
          { rollingBackTo: '1.1.0' },
        ),
        'i-0b2': target(1, 'waiting', failedAt + 1_000, [['waiting', 0]]),
      },
    }),
  );
  const runningAt = nowMs - 14_000;
  await fake.records.createDeploy(
    deploy('c0ffee12-running', '1.2.0', runningAt, {
      targets: {
        'i-0a1': whole(0, runningAt + 1_500),
        'i-0b2': target(1, 'draining', runningAt + 10_500, [['draining', 0]], { inFlight: 3 }),
        'i-0c3': target(2, 'waiting', runningAt + 1_000, [['waiting', 0]]),
      },
    }),
  );
  fake.executions.set('c0ffee12-running', { status: 'RUNNING' });
  const sweep = (sweepId: string, startedAtMs: number, more: Partial<SweepRecord>): SweepRecord => ({
    sweepId,
    executionArn: `${MACHINE.replace('stateMachine', 'execution')}:holdfast-sweep:${sweepId}`,
    startedAtMs,
    requestedBy: 'schedule',
    dryRun: false,
    shards: ['0001'],
    status: 'SUCCEEDED',
    finishedAtMs: startedAtMs + 4_000,
    summary: REPORT.summary,
    reportKey: `_store/sweeps/${sweepId}.json`,
    ...more,
  });
  await fake.sweeps.putSweep(sweep('5eeb0001-scheduled', nowMs - 40 * MINUTE, {}));
  await fake.sweeps.putSweep(sweep('5eeb0002-dry', nowMs - 5 * MINUTE, { dryRun: true, requestedBy: 'local/ann' }));
  fake.alarms = alarmsOf(fake, nowMs);
}
