/**
 * `npm start`: stands the local cloud up, sends live traffic, rolls a new release out under it, and says what happened
 * to the sessions. Its figures come from the traffic generator and DescribeExecution only.
 */
import { parseArgs } from 'node:util';
import { DEFAULT_FLEET } from '../cli/cloud.ts';
import { deployUnderTraffic, isGreen } from './deploy-under-traffic.ts';
import { trackPeakRss } from './processes/measure-memory.ts';
import { FIRST_VERSION, NEXT_VERSION, type Standing, standUp } from './stand-up.ts';
import { renderSummary, type Summary } from './summary.ts';

const HELP = `Usage: npm start -- [options]

Stands Holdfast up on this machine, rolls release ${NEXT_VERSION} over ${FIRST_VERSION} under live traffic, and stays up.

  --once             tear everything down after the deploy; exit 0 only if no request failed and no session was lost
  --json             exactly one line on standard output (progress goes to standard error)
  --real-time        the seed script's times instead of short ones
  --app PATH         roll this server instead of the Node example (a folder with holdfast.app.json)
  --users N          virtual users (default 200)
  --port N           port of the load balancer (default: a free one)
  --gateway-port N   port of the AWS endpoint (default: a free one)
  --page-port N      port of the page that says where everything is (default: a free one)
  --help

Examples:
  npm start
  npm start -- --once --json
  npm start -- --app examples/node-app/dist --users 50
`;

interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly realTime: boolean;
  readonly app?: string;
  readonly users: number;
  readonly port: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
}

export async function start(args: readonly string[]): Promise<number> {
  const startedAtMs = Date.now();
  const options = parse(args);
  if (options === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const say = (line: string) =>
    (options.json ? process.stderr : process.stdout).write(`${((Date.now() - startedAtMs) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
  const memory = trackPeakRss(process.pid, 500);
  const interrupted = new AbortController();
  process.on('SIGINT', () => interrupted.abort());
  process.on('SIGTERM', () => interrupted.abort());

  let standing: Standing | undefined;
  try {
    standing = await standUp({ ...options, fleet: DEFAULT_FLEET, detached: false, loadBalancerPort: options.port, say });
    const setupSeconds = (Date.now() - startedAtMs) / 1000;
    await standing.publish(NEXT_VERSION);
    const summary = await deployUnderTraffic({
      cloud: standing.cloud,
      loadBalancerUrl: standing.loadBalancerUrl,
      caFile: standing.daemon.state.caFile,
      users: options.users,
      from: FIRST_VERSION,
      to: NEXT_VERSION,
      say,
    });
    const finished: Summary = { ...summary, setupSeconds, totalSeconds: (Date.now() - startedAtMs) / 1000, peakRssMb: memory.peakMb };
    const good = isGreen(finished);
    if (options.once) {
      say('tearing everything down');
      await standing.daemon.stop();
    }
    process.stdout.write(
      options.json
        ? `${JSON.stringify({ ...finished, totalSeconds: (Date.now() - startedAtMs) / 1000, peakRssMb: memory.peakMb })}\n`
        : `${renderSummary(finished)}\n`,
    );
    if (options.once || interrupted.signal.aborted) return good ? 0 : 1;
    say(`\nEverything stays up until Ctrl-C: ${standing.daemon.state.pageUrl}`);
    await Promise.race([new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve)), standing.daemon.exited]);
    return good ? 0 : 1;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (options.json)
      process.stdout.write(`${JSON.stringify({ error: { code: error instanceof Error ? error.name : 'Failed', message } })}\n`);
    else process.stderr.write(`${message}\n`);
    return 1;
  } finally {
    await standing?.daemon.stop();
    memory.stop();
  }
}

function parse(args: readonly string[]): StartOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      'real-time': { type: 'boolean', default: false },
      app: { type: 'string' },
      users: { type: 'string', default: '200' },
      port: { type: 'string', default: '0' },
      'gateway-port': { type: 'string', default: '0' },
      'page-port': { type: 'string', default: '0' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    once: values.once,
    json: values.json,
    realTime: values['real-time'],
    ...(values.app !== undefined && { app: values.app }),
    users: whole('--users', values.users, 1, 2_000),
    port: whole('--port', values.port, 0, 65_535),
    gatewayPort: whole('--gateway-port', values['gateway-port'], 0, 65_535),
    pagePort: whole('--page-port', values['page-port'], 0, 65_535),
  };
}

export class BadOption extends Error {
  override readonly name = 'BadOption';
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new BadOption(`${option} ${JSON.stringify(text)} is not a whole number from ${least} to ${most}; nothing was started`);
  return value;
}

if (import.meta.main) {
  try {
    process.exitCode = await start(process.argv.slice(2));
  } catch (error) {
    const known = error instanceof BadOption || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
    process.stderr.write(`${known ? (error as Error).message : (error as Error).stack}\n`);
    process.exitCode = known ? 2 : 1;
  }
  process.exit();
}
