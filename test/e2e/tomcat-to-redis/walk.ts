/**
 * Walks docs/tomcat-to-redis.md in a local cloud of its own, with people logged in from the first deploy on, and prints
 * what happened at each step as one line of JSON: `node test/e2e/tomcat-to-redis/walk.ts`. What is true is the test's to say.
 */
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { ensureJava, ensureMavenOutput } from '../../../setup/java.mjs';
import { ensureAwsClients } from '../../../setup/set-up.mjs';
import { type PageStep, readPage } from './read-page.ts';
import { type Noticed, startUsers, USERS, type Users } from './users.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '../../..');
const EXAMPLES = path.join(REPOSITORY, 'examples/tomcat-to-redis');
const STATE = path.join(REPOSITORY, '.holdfast/tomcat-to-redis');
/** Time for a user's next request, so that a user whom a step logged out has noticed it. */
const NEXT_REQUEST_MS = 3_000;
/** Time for the minutes of a roll to leave the window of every alarm of a fleet, the longest of which has five. */
const ALARMS_OFF_MS = 10 * 60_000;
const ALARMS_POLL_MS = 5_000;

export interface Walked {
  readonly name: string;
  readonly seconds: number;
  /** All that the commands printed. */
  readonly printed: string;
  /** How the first command that did not end with 0 ended. */
  readonly problem?: string;
  /** Since the step began; absent before there are users. */
  readonly noticed?: Noticed;
}

process.env['HOLDFAST_STATE_FOLDER'] = STATE;
const { LOCAL_REGION, localSettings } = await import('../../../lab/demo/local-settings.ts');
const { startDaemon } = await import('../../../lab/demo/daemon-client.ts');
const { untilListening } = await import('../../../lab/demo/wait-until-serving.ts');
const { commandLine } = await import('../../../lab/rehearse/command-line.ts');
const { plainEnvironment } = await import('../../../lab/rehearse/place.ts');
const { runCommand } = await import('../../../lab/rehearse/run-command.ts');

const java = ensureJava();
const built = await ensureMavenOutput('tomcat-app');
const work = path.join(STATE, 'work');
rmSync(work, { recursive: true, force: true });
mkdirSync(path.join(work, 'target'), { recursive: true });
// What the configurations name, next to them, where the page's pom.xml writes it.
symlinkSync(path.join(built, 'tomcat.tar.gz'), path.join(work, 'target/tomcat.tar.gz'));
symlinkSync(path.join(built, 'libraries'), path.join(work, 'target/redisson'));

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
const { signal } = interruption;
const choice = { fleet: 'web', realTime: false, slowStart: true, server: {} };
const daemon = await startDaemon({ ...choice, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, javaHome: java.home }, signal);
const { state } = daemon;
const env = {
  ...plainEnvironment(work, [path.dirname(process.execPath), path.join(java.home, 'bin'), process.env['PATH']].join(path.delimiter)),
  JAVA_HOME: java.home,
  AWS_ENDPOINT_URL: state.gatewayUrl,
  AWS_SHARED_CREDENTIALS_FILE: state.credentialsFile,
  AWS_REGION: LOCAL_REGION,
  AWS_DEFAULT_REGION: LOCAL_REGION,
  HOLDFAST_STATE_FOLDER: STATE,
};
const variables = { CONFIG: path.join(work, 'holdfast.config.json'), WARS: path.join(work, 'wars'), REGION: LOCAL_REGION };
const programs = { node: process.execPath, python: await ensureAwsClients(), assembly: path.join(work, 'cdk.out'), local: true };

/** The page's file with short times, and without what keeps stacks from being deleted. */
function useConfig(name: string): void {
  const { fleets } = JSON.parse(readFileSync(path.join(EXAMPLES, name), 'utf8')) as { fleets: { web: object } };
  const { config } = localSettings({ ...choice, project: fleets.web });
  writeFileSync(variables.CONFIG, JSON.stringify(config, null, 2));
}

async function run(words: readonly string[], logFile: string): Promise<string | undefined> {
  const ended = await runCommand(commandLine(words, variables, programs), { cwd: REPOSITORY, env, logFile, signal });
  return ended && `"${words.join(' ')}" ${ended}`;
}

const cloudWatch = new CloudWatchClient({
  endpoint: state.gatewayUrl,
  region: LOCAL_REGION,
  credentials: state.credentials,
  maxAttempts: 3,
});

/**
 * Waits until no alarm is in ALARM, as a reader of the page does: on two busy cores a roll alone raises the p99 latency.
 * An alarm that stays on is left to the command that comes next, which names it.
 */
async function untilAlarmsAreOff(): Promise<void> {
  const deadlineMs = performance.now() + ALARMS_OFF_MS;
  for (;;) {
    const on: string[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: cloudWatch }, { StateValue: 'ALARM' })) {
      on.push(...MetricAlarms.map(({ AlarmName = '' }) => AlarmName));
    }
    if (on.length === 0 || performance.now() > deadlineMs) return;
    process.stderr.write(`in ALARM: ${on.join(', ')}\n`);
    await sleep(ALARMS_POLL_MS, undefined, { signal });
  }
}

const failsOnWarnings = (words: readonly string[]): boolean => words.includes('--fail-on') && words.includes('warning');

async function walk(step: PageStep, number: number, users: Users | undefined): Promise<Walked> {
  const startedMs = performance.now();
  const logFile = path.join(work, `step-${number}.log`);
  writeFileSync(logFile, '');
  if (step.config !== undefined) useConfig(step.config);
  users?.notice();
  let problem: string | undefined;
  for (const words of step.commands) {
    if (failsOnWarnings(words) && problem === undefined) await untilAlarmsAreOff();
    problem ??= await run(words, logFile);
  }
  if (users) {
    await sleep(NEXT_REQUEST_MS, undefined, { signal });
    await users.loggedIn();
  }
  return {
    name: step.name,
    seconds: Math.round((performance.now() - startedMs) / 100) / 10,
    printed: readFileSync(logFile, 'utf8'),
    ...(problem !== undefined && { problem }),
    ...(users && { noticed: users.notice() }),
  };
}

const walked: Walked[] = [];
let users: Users | undefined;
try {
  const bootstrapLog = path.join(work, 'bootstrap.log');
  const account = `aws://${state.account}/${LOCAL_REGION}`;
  useConfig('1-sticky.config.json');
  const failed = await run(['npx', '--no', 'cdk', 'bootstrap', account, '-c', 'config=$CONFIG'], bootstrapLog);
  if (failed) throw new Error(`${failed}: ${readFileSync(bootstrapLog, 'utf8')}`);
  for (const [index, step] of readPage(readFileSync(path.join(REPOSITORY, 'docs/tomcat-to-redis.md'), 'utf8')).entries()) {
    const result = await walk(step, index + 1, users);
    walked.push(result);
    process.stderr.write(`${result.seconds} s  ${step.name}${result.problem ? `: ${result.problem}\n${result.printed}` : ''}\n`);
    if (result.problem) break;
    if (!users && step.commands.some((words) => words.includes('deploy') && words.includes('holdfast'))) {
      users = startUsers(await untilListening(signal), state.caFile, USERS);
      await users.loggedIn();
    }
  }
} finally {
  await users?.stop();
  cloudWatch.destroy();
  await daemon.stop();
}
process.stdout.write(`${JSON.stringify(walked)}\n`);
