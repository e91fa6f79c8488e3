/**
 * The generator's process. Started by client.ts, it receives commands over IPC and ends with its owner; started by hand,
 * it runs for `--seconds` and prints its report: `node lab/demo/traffic/main.ts --url http://localhost:8080 --users 20 --seconds 10 --json`.
 */
import { parseArgs } from 'node:util';
import { isRunning } from '../../../setup/process-start.mjs';
import type { ProcessIdentity } from '../../processes/process-table.ts';
import type { TrafficCommand, TrafficMessage } from './contract.ts';
import { describeReport } from './describe-report.ts';
import { type RunningTraffic, runTraffic, settle } from './run-traffic.ts';

const USAGE = `usage: node lab/demo/traffic/main.ts --url URL [--seconds 10] [--users 200] [--think-time-ms 750] [--request-timeout-ms 10000]
       [--connections 64] [--ca FILE] [--login-path /login] [--count-path /count] [--seed 1] [--json]
       [--long-share 0.1] [--long-ms 25000] [--download-share 0.1] [--web-sockets 10] [--failed-requests FILE]
Exit status: 0 when no request failed and no session was lost, else 1.`;

const POLL_MS = 1_000;

if (process.send === undefined) process.exitCode = await runFromCommandLine();
else handleCommands();

function handleCommands(): void {
  let traffic: RunningTraffic | undefined;
  const send = (message: TrafficMessage, done = () => {}) => process.send?.(message, undefined, undefined, done);
  process.once('disconnect', () => process.exit(0));
  process.on('message', async (command: TrafficCommand) => {
    if (command.type === 'start') {
      const { settings } = command;
      // The canary's part is memory that most runs do without.
      traffic = runTraffic(settings, settings.recipe && (await import('./recipe-user.ts')).recipeUsers(settings, settings.recipe));
      void traffic.ready.then((ready) => ready && send({ type: 'ready' }));
      if (command.settings.endsWith) stopWith(command.settings.endsWith, traffic);
    } else if (command.type === 'mark') traffic?.mark(command.phase);
    else if (command.type === 'snapshot' && traffic !== undefined) send({ type: 'report', id: command.id, report: traffic.snapshot() });
    else if (command.type === 'stop' && traffic !== undefined) {
      void traffic.stop().then((report) => send({ type: 'report', id: command.id, report }, () => process.exit(0)));
    }
  });
}

/** The owner can still ask for the report of traffic that has stopped. */
function stopWith(server: ProcessIdentity, traffic: RunningTraffic): void {
  const timer = setInterval(() => {
    if (isRunning(server)) return;
    clearInterval(timer);
    void traffic.stop();
  }, POLL_MS);
}

async function runFromCommandLine(): Promise<number> {
  try {
    const { values } = parseArgs({
      options: {
        url: { type: 'string' },
        seconds: { type: 'string', default: '10' },
        users: { type: 'string' },
        seed: { type: 'string' },
        ca: { type: 'string' },
        'think-time-ms': { type: 'string' },
        'request-timeout-ms': { type: 'string' },
        connections: { type: 'string' },
        'login-path': { type: 'string' },
        'count-path': { type: 'string' },
        'long-share': { type: 'string' },
        'long-ms': { type: 'string' },
        'download-share': { type: 'string' },
        'web-sockets': { type: 'string' },
        'failed-requests': { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    if (values.url === undefined) throw new TypeError('--url is missing');
    const seconds = positive('--seconds', values.seconds) ?? 10;
    const traffic = runTraffic(
      settle({
        url: values.url,
        caFile: values.ca,
        users: positive('--users', values.users),
        thinkTimeMs: positive('--think-time-ms', values['think-time-ms']),
        requestTimeoutMs: positive('--request-timeout-ms', values['request-timeout-ms']),
        connections: positive('--connections', values.connections),
        loginPath: values['login-path'],
        countPath: values['count-path'],
        seed: positive('--seed', values.seed),
        longShare: positive('--long-share', values['long-share']),
        longMs: positive('--long-ms', values['long-ms']),
        downloadShare: positive('--download-share', values['download-share']),
        webSocketUsers: positive('--web-sockets', values['web-sockets']),
        failedRequestsFile: values['failed-requests'],
      }),
    );
    await new Promise((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000);
      process.once('SIGINT', () => {
        clearTimeout(timer);
        resolve(undefined);
      });
    });
    const report = await traffic.stop();
    process.stdout.write(`${values.json ? JSON.stringify(report) : describeReport(report)}\n`);
    return report.failed === 0 && report.sessionsLost === 0 ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n${USAGE}\n`);
    return 2;
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new TypeError(`${name} is ${JSON.stringify(text)}: it must be a number above 0`);
  return value;
}
