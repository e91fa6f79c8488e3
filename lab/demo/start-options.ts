/** The command line of `npm start`. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EMULATORS, type EmulatorName } from '#local-aws/emulator/emulator.ts';
import { STRATEGIES, type Strategy } from '../../advisor/situation.ts';
import { CommandFailure, EXIT } from '../../cli/failure.ts';

/** @param versions the first release, and the one that is deployed over it */
export const help = (versions: { readonly from: string; readonly to: string }): string => `Usage: npm start -- [options]

Starts Holdfast in a local cloud on this machine, deploys release ${versions.to} over ${versions.from} under live traffic, and stays up with light traffic.

  --store-only       no fleet: watch a store that another application uses, while its sessions lose their expiry
  --once             stop everything after the deploy; exit 0 only if no request failed and no session was lost
  --json             print exactly one line of JSON on standard output (progress goes to standard error)
  --no-traffic       no traffic after that deploy
  --recipe FILE      a canary's recipe (docs/canary.md), by which the users log in: for a server of your own
  --real-time        use the default times of AWS instead of short ones
  --app APP          deploy this server instead of the Node example: hardened-node-app, tomcat, spring, a folder with
                     holdfast.app.json, or a WAR
  --strategy NAME    with --app tomcat, where its sessions are: redis (default), sticky (in each server's memory), or tomcat-cluster
                     (copied between three listed instances); with the last two users log out and come again, and the deploy waits
  --emulator NAME    ministack (default), or localstack: needs Python 3.13, a JDK 17 and Maven
  --emulator-endpoint URL
                     a LocalStack with Holdfast's extension that you run yourself; needs --gateway-port and
                     the variable HOLDFAST_EMULATOR_TOKEN: docs/internals/localstack.md
  --config FILE      fleet settings to use where they apply here (default: holdfast.config.json of the checkout)
  --users N          virtual users (default 200)
  --port N           port of the load balancer (default: a free one)
  --gateway-port N   port of the AWS endpoint (default: a free one)
  --page-port N      port of the console (default: a free one)
  --help

Examples:
  npm start
  npm start -- --once --json
  npm start -- --store-only --once --json
  npm start -- --app tomcat
  npm start -- --app tomcat --strategy tomcat-cluster
  npm start -- --app ./my-server --users 50 --recipe recipe.json

Without --recipe a server of your own has to answer POST /login and GET /count as the Node example does, so that the traffic
can detect a lost session: docs/local-cloud.md has both.
`;

export interface StartOptions {
  readonly once: boolean;
  readonly json: boolean;
  readonly realTime: boolean;
  readonly storeOnly: boolean;
  /** Light traffic goes on for as long as it stays up. */
  readonly traffic: boolean;
  /** File of the recipe that the users follow. @default the Node example's own requests */
  readonly recipe?: string;
  /** `hardened-node-app`, `tomcat`, `spring`, or a folder relative to `from`. */
  readonly app?: string;
  /** The fleet's strategy, which the Tomcat example needs. */
  readonly server?: { readonly strategy: Strategy };
  readonly emulator?: EmulatorName;
  /** The address as the user gave it: {@link checkEndpointOptions} checks it. */
  readonly emulatorEndpoint?: string;
  /** The caller's folder. */
  readonly from: string;
  /** The configuration file's absolute path; undefined for the checkout's own file. */
  readonly config: { readonly file: string | undefined };
  readonly users: number;
  /** This port and the next two: 0 takes a free one. */
  readonly loadBalancerPort: number;
  readonly gatewayPort: number;
  readonly pagePort: number;
}

/**
 * @param callerFolder what a relative path is relative to
 * @throws CommandFailure InvalidOption with one sentence
 */
export function parseStartOptions(args: readonly string[], callerFolder: string): StartOptions | 'help' {
  const values = read(args);
  if (values.help) return 'help';
  return {
    once: values.once,
    json: values.json,
    realTime: values['real-time'],
    storeOnly: storeOnlyOf(values),
    traffic: !values['no-traffic'],
    ...(values.recipe !== undefined && { recipe: values.recipe }),
    ...(values.app !== undefined && { app: values.app }),
    ...(values.strategy !== undefined && { server: { strategy: strategyOf(values.strategy, values.app) } }),
    ...(values.emulator !== undefined && { emulator: emulatorOf(values.emulator) }),
    ...(values['emulator-endpoint'] !== undefined && { emulatorEndpoint: values['emulator-endpoint'] }),
    from: callerFolder,
    config: { file: values.config === undefined ? undefined : path.resolve(callerFolder, values.config) },
    users: whole('--users', values.users, 1, 2_000),
    loadBalancerPort: whole('--port', values.port, 0, 65_535),
    gatewayPort: whole('--gateway-port', values['gateway-port'], 0, 65_535),
    pagePort: whole('--page-port', values['page-port'], 0, 65_535),
  };
}

/** The user's folder: npm runs scripts in the checkout, wherever it was called. */
export function callerFolder(env: NodeJS.ProcessEnv = process.env, cwd: string = process.cwd()): string {
  return (env['npm_lifecycle_event'] === 'start' && env['INIT_CWD']) || cwd;
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        'store-only': { type: 'boolean', default: false },
        'no-traffic': { type: 'boolean', default: false },
        recipe: { type: 'string' },
        'real-time': { type: 'boolean', default: false },
        app: { type: 'string' },
        strategy: { type: 'string' },
        emulator: { type: 'string' },
        'emulator-endpoint': { type: 'string' },
        config: { type: 'string' },
        users: { type: 'string', default: '200' },
        port: { type: 'string', default: '0' },
        'gateway-port': { type: 'string', default: '0' },
        'page-port': { type: 'string', default: '0' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')) throw error;
    // Its second sentence explains how to pass a value that begins with a dash.
    throw invalid(`${(error as Error).message.split(/\.\s|\n/)[0]}`);
  }
}

/** What concerns servers of a fleet. */
const OF_FLEET = ['app', 'strategy', 'recipe', 'config', 'emulator-endpoint'] as const;

function storeOnlyOf(values: ReturnType<typeof read>): boolean {
  const odd = values['store-only'] ? OF_FLEET.find((name) => values[name] !== undefined) : undefined;
  if (odd !== undefined) throw invalid(`--${odd} cannot be used with --store-only, which has no fleet`);
  return values['store-only'];
}

function strategyOf(name: string, app: string | undefined): Strategy {
  const found = STRATEGIES.find((each) => each === name);
  if (found === undefined) throw invalid(`--strategy ${JSON.stringify(name)} is not one of ${STRATEGIES.join(', ')}`);
  if (app !== 'tomcat') throw invalid('--strategy needs --app tomcat, whose sessions can be in the store, in memory or in a cluster');
  return found;
}

function emulatorOf(name: string): EmulatorName {
  const found = EMULATORS.find((each) => each === name);
  if (found === undefined) throw invalid(`--emulator ${JSON.stringify(name)} is not one of ${EMULATORS.join(', ')}`);
  return found;
}

function whole(option: string, text: string, least: number, most: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw invalid(`${option} ${JSON.stringify(text)} is not a whole number from ${least} to ${most}`);
  return value;
}

const invalid = (problem: string): CommandFailure =>
  new CommandFailure('InvalidOption', `${problem}; nothing was started. "npm start -- --help" shows the options`, EXIT.badInput);
