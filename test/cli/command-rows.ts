/** How each command is run in the sweep over all of them, on the cloud of {@link prepareCloud}. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { AwsError, type LocalService } from '#local-aws/service/service.ts';
import { recordKeys } from '../../functions/records/keys.ts';
import { anIncident } from '../functions/incidents/report/an-incident.ts';
import { deployRecord } from './deploy/deploy-record.ts';
import { deployedParameter, type FakeCloud, keepDeploy, keepReleases, RUNBOOK_EXECUTION, SWEEP_EXECUTION } from './fake-cloud.ts';
import { READING } from './store/readings.ts';

export interface Row {
  /** What comes after the command's name; `{folder}` is the test's own. @default nothing */
  readonly args?: string;
  /** Exit code of that. @default 0 */
  readonly code?: number;
  /** Before each run: what the command changes, or what only it needs. What it returns, where that is a function, follows the run. */
  readonly before?: (cloud: FakeCloud) => unknown;
  /** Ids, names, versions and files that do not exist, in the place of {@link args}. @default none is taken */
  readonly wrong?: readonly string[];
  /** Its fleet and installation are names for what it makes. @default they have to exist */
  readonly names?: true;
  /** Its result belongs to no installation. @default to the local cloud's */
  readonly placeless?: true;
  /** No cloud is up. @default one is */
  readonly down?: true;
}

const WARNING = 'Release 1.1.0 sets its cookie without Secure, so that users are logged out. 接続 é';
const DONE = { phase: 'done', order: 0, fromVersion: '1.0.0', phaseStartedAtMs: 1, startedAtMs: 1, finishedAtMs: 2 };
const INCIDENT = 'inc-0123456789ab';
const NO_INCIDENT = 'inc-00000000abcd';
const DEPLOYED = ['nope', 'a/b'];

const put = (cloud: FakeCloud, { pk, sk }: { pk: string; sk: string }, item: object) => cloud.items.set(`${pk}|${sk}`, { pk, sk, ...item });
const keepD1 = (more: object) => (cloud: FakeCloud) => {
  keepDeploy(cloud, { ...deployRecord({ targets: { 'i-0abc': DONE } }), ...more });
  cloud.describe = () => ({ status: 'RUNNING', startDate: new Date(0) });
};
const answers = (cloud: FakeCloud, name: string, reply: object) =>
  cloud.objects.set(`functions/holdfast-${name}%3Alive/invocations`, JSON.stringify(reply));
const asked = (outcome: string) => (cloud: FakeCloud) => answers(cloud, 'incidents-do', { outcome, requestedBy: 'arn:…/Operator' });

/** As a terminal that is closed: the console ends with that as with Ctrl-C, and vitest has a listener for the latter. */
function endOnceItWaits(): () => void {
  const timer = setInterval(() => {
    if (process.listenerCount('SIGHUP') > 0) process.emit('SIGHUP');
  }, 20);
  return () => clearInterval(timer);
}

/** By the command's words. A command without a row fails the sweep. */
export const ROWS: Readonly<Record<string, Row>> = {
  status: {},
  deploy: { args: '1.1.0', wrong: ['9.9.9', '../x'] },
  rollback: {},
  deploys: {},
  'deploys show': { args: 'd1', wrong: DEPLOYED },
  'deploys follow': { args: 'd1', wrong: DEPLOYED },
  'deploys abort': {
    before: (cloud) => {
      keepD1({ status: 'RUNNING', stage: 'rolling' })(cloud);
      cloud.onStop = () => {
        keepD1({ status: 'ABORTED', rolledBack: true, outcome: 'Rolled back: i-0abc has 1.0.0 again.' })(cloud);
        cloud.describe = () => ({ status: 'ABORTED', startDate: new Date(0), stopDate: new Date(1_000) });
      };
    },
    wrong: DEPLOYED,
  },
  'deploys continue': {
    args: 'd1',
    before: (cloud) => {
      keepD1({ status: 'RUNNING', stage: 'paused', pauseAfter: 1, pause: { after: 1, startedAtMs: 1, endsAtMs: Date.now() + 3_600_000 } })(
        cloud,
      );
      answers(cloud, 'web-deploy-continue', { outcome: 'continued', done: 1, servers: 2, requestedBy: 'arn:…/Operator' });
    },
    wrong: DEPLOYED,
  },
  'deploys end-drain': {
    args: 'd1',
    before: (cloud) => {
      keepD1({ status: 'RUNNING', stage: 'rolling', targets: { 'i-0abc': { ...DONE, phase: 'sessionDrain', sessionsLeft: 3 } } })(cloud);
      answers(cloud, 'web-end-drain', { outcome: 'ended', instanceId: 'i-0abc', requestedBy: 'arn:…/Operator', sessionsLeft: 3 });
    },
    wrong: [...DEPLOYED, 'd1 --server x'],
  },
  'deploys resume': { args: 'd0', wrong: DEPLOYED },
  restart: { args: 'i-0abc', wrong: ['i-123', 'web'] },
  releases: {},
  'releases publish': { args: '2.0.0 {folder}/nowhere', code: 2, wrong: ['.1 .', '2.0.0 {folder}'] },
  sweep: {},
  sweeps: {},
  'sweeps show': { args: 's1', wrong: ['nope', 'a/b'] },
  store: {},
  console: { before: endOnceItWaits },
  incidents: { wrong: [INCIDENT] },
  'incidents show': { args: INCIDENT, wrong: [NO_INCIDENT, 'nope'] },
  'incidents do': {
    args: `${INCIDENT} restore-stickiness --no-wait`,
    before: asked('begun'),
    wrong: [`${NO_INCIDENT} sweep-now`, 'nope sweep-now', INCIDENT, `${INCIDENT} A`],
  },
  'incidents end': {
    args: `${INCIDENT} restore-stickiness`,
    before: asked('ended'),
    wrong: [`${NO_INCIDENT} sweep-now`, 'nope sweep-now', INCIDENT, `${INCIDENT} A`],
  },
  logs: {
    args: '--around 2026-11-22T03:00:00Z --server i-0abc',
    before: (cloud) =>
      answers(cloud, 'web-lines', {
        outcome: 'shown',
        requestedBy: 'arn:…/Operator',
        servers: [{ instanceId: 'i-0abc', lines: [[1_700_000_000_000, '接続 é failed']], gaps: [] }],
        notAsked: 0,
      }),
    wrong: ['--around tomorrow', '--around 2026-11-22T03:00:00Z --minutes 0', '--around 2026-11-22T03:00:00Z --server x'],
  },
  'incidents run': { args: 'logged-out --dry-run', wrong: ['nope', 'logged-out --since tomorrow'] },
  doctor: { code: 5, wrong: ['--config nope.json', '--fail-on nothing'] },
  canary: {
    args: 'http://127.0.0.1:9/ --login {folder}/recipe.json --dry-run',
    wrong: ['nope --login {folder}/recipe.json', 'http://127.0.0.1:9/ --login nope.json'],
    placeless: true,
  },
  gate: {
    args: '--old http://127.0.0.1:9/ --new http://127.0.0.1:9/ --recipe {folder}/gate.json',
    code: 4,
    wrong: ['--old nope --new http://127.0.0.1:9/ --recipe {folder}/gate.json'],
    placeless: true,
  },
  advise: { args: '--servers 4 --cloud --ha --zero-downtime', wrong: ['--servers 0'], placeless: true },
  'config validate': { args: 'examples/first-day/holdfast.config.json', wrong: ['nope.json'], placeless: true },
  version: {},
  help: { args: 'deploys show', wrong: ['nope', 'deploys nope'], placeless: true },
  up: { code: 1, wrong: ['--emulator nope', '--traffic 0'], names: true },
  down: { down: true, placeless: true },
  'fault inject': { args: 'stickiness-off', code: 2, wrong: ['nope'] },
  'fault list': {},
  'fault clear': {},
  init: { args: '--allow-plain-http', code: 2, wrong: ['', '--existing --allow-plain-http'], names: true, placeless: true },
};

/** What the faults ask of AWS: no stickiness, no servers. */
export const FAULT_SERVICES: readonly LocalService[] = [
  ['elasticloadbalancing', 'DescribeTargetGroups', { TargetGroups: [{ TargetGroupArn: 'arn:t' }] }],
  ['elasticloadbalancing', 'DescribeTargetGroupAttributes', { Attributes: [] }],
  ['autoscaling', 'DescribeAutoScalingGroups', { AutoScalingGroups: [] }],
].reduce<LocalService[]>((services, [name, operation, reply]) => {
  const known = services.find(({ signingNames }) => signingNames[0] === name);
  const operations = { ...known?.operations, [String(operation)]: () => reply as object };
  const made = { signingNames: [String(name)], protocol: { kind: 'query', xmlNamespace: 'x' }, operations } as const;
  return [...services.filter((one) => one !== known), { ...made, resourceTypes: {}, notEmulated: [], stop: async () => {} }];
}, []);

/** A fleet `web` with a deploy, a sweep and an incident, and none of another name. */
export function prepareCloud(cloud: FakeCloud): void {
  const start = { startDate: new Date(0), stopDate: new Date(12_300) };
  cloud.describe = () => ({ status: 'SUCCEEDED', ...start });
  cloud.onStop = () => {};
  cloud.missingTables = ['holdfsat-records'];
  cloud.parameter = (installation) => {
    if (installation !== 'holdfast') throw new AwsError('ParameterNotFound', 'none');
    return deployedParameter()(installation);
  };
  put(cloud, recordKeys.installation(), { version: '0.1.0', configuration: JSON.stringify({ fleets: { web: { allowPlainHttp: true } } }) });
  keepDeploy(cloud, { ...deployRecord(), deployId: 'd0', startedAtMs: 0 });
  const d1 = { status: 'SUCCEEDED', warnings: [WARNING], targets: { 'i-0abc': DONE }, finishedAtMs: 9 };
  keepDeploy(cloud, { ...deployRecord(), ...d1 });
  keepReleases(cloud, ['1.0.0', '1.1.0']);
  put(cloud, recordKeys.fleet('web'), { currentVersion: '1.1.0', deployId: 'd1', sha256: 'a', updatedAtMs: 1, fencingToken: 1 });
  put(cloud, recordKeys.instance('web', 'i-0abc'), { instanceId: 'i-0abc', version: '1.1.0', installedAtMs: 1 });
  put(cloud, recordKeys.storeReading(), { reading: READING, counters: {}, primaries: [], window: [], watchedSinceMs: 1 });
  const counts = { keys: 1_000, withoutTtl: 12, structural: 3, repaired: 10, deleted: 0, unknown: 2 };
  const summary = { ...counts, seconds: 1.5, keysPerSecond: 667, storeP99Ms: 0.4 };
  const sweep = {
    startedAtMs: 1,
    finishedAtMs: 2_001,
    requestedBy: 'local/ann',
    dryRun: false,
    shards: ['0001'],
    status: 'SUCCEEDED',
    summary,
  };
  cloud.items.set('STORE|SWEEP#s1', { sweepId: 's1', executionArn: SWEEP_EXECUTION, ...sweep });
  put(cloud, recordKeys.sweepStart(1, 's1'), { sweepId: 's1' });
  const report = { ...anIncident().report, markdownKey: `_incidents/${INCIDENT}/1/report.md` };
  put(cloud, recordKeys.incident(INCIDENT), { ...anIncident(), report, executionArn: RUNBOOK_EXECUTION });
  put(cloud, recordKeys.incidentStart(anIncident().openedAtMs, INCIDENT), { incidentId: INCIDENT });
}

/** A run of the local cloud with its configuration, and a recipe. */
export function writeFiles(folder: string): { readonly runFolder: string } {
  const runFolder = path.join(folder, 'run');
  const write = (name: string, value: object) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), JSON.stringify(value));
  };
  write('run/holdfast.config.json', { fleets: { web: { allowPlainHttp: true } } });
  const user = (name: string) => ({ name, password: { environment: 'CANARY_PASSWORD' } });
  write('recipe.json', {
    users: { a: user('anna'), b: user('ben') },
    login: [{ post: '/login', json: { user: '{name}' } }],
    who: { get: '/count' },
  });
  write('gate.json', {
    users: { a: user('anna'), b: user('ben') },
    jar: ['print-cookies', '{name}'],
    who: { get: '/count' },
    release: { get: '/version', take: { json: 'version' } },
  });
  return { runFolder };
}
