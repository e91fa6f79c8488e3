/** Starts MiniStack in its own process, with a clean environment and its seams open (launcher.py). */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { spawnManaged } from '../../../processes/spawn-managed.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { LOCAL_ACCOUNT_ID } from '../../local-account.ts';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { type EmulatorAccess, emulatorClientOptions } from '../emulator-access.ts';
import { lastLine } from '../last-line.ts';

const HERE = import.meta.dirname;
/** Cold, on two busy cores, it takes 2–3 s; ten times that is a failure. */
const START_TIMEOUT_MS = 30_000;
/**
 * A rolling deploy uses four functions in turn. Environments that no invocation has used for the longest time end first, so that
 * what starts every minute leaves no more processes for a while.
 */
const MOST_IDLE_ENVIRONMENTS = 4;

export interface MiniStackOptions extends EmulatorOptions {
  /** Python of the venv that has the locked MiniStack. */
  readonly python: string;
}

export async function startMiniStack(options: MiniStackOptions): Promise<Emulator> {
  const { access } = options;
  const temporary = path.join(options.folder, 'tmp');
  const logFile = path.join(options.folder, 'ministack.log');
  const listening = path.join(options.folder, 'listening');
  mkdirSync(temporary, { recursive: true });
  rmSync(listening, { force: true });
  const child = await spawnManaged(options.ledger, options.python, [path.join(HERE, 'launcher.py')], {
    name: 'ministack',
    cwd: options.folder,
    logFile,
    // Named one by one: the host's environment would leak into every function.
    env: {
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: options.folder,
      TMPDIR: temporary,
      LANG: 'C.UTF-8',
      // Compiled once and kept with the venv: a start takes a second less.
      PYTHONPYCACHEPREFIX: path.join(path.dirname(options.python), '../pycache'),
      PYTHONUNBUFFERED: '1',
      GATEWAY_PORT: new URL(access.url).port,
      BIND_HOST: '127.0.0.1',
      MINISTACK_REGION: access.region,
      AWS_DEFAULT_REGION: access.region,
      AWS_ENDPOINT_URL: options.gatewayUrl,
      LOG_LEVEL: 'WARNING',
      // Signatures are verified and policies enforced; this key is the account's root.
      AUTH: 'true',
      AWS_ACCESS_KEY_ID: access.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: access.credentials.secretAccessKey,
      HOLDFAST_GATEWAY: options.gatewayUrl,
      HOLDFAST_NODE: options.node,
      HOLDFAST_BOOTSTRAP: path.join(HERE, '../lambda-runtime/bootstrap.mjs'),
      HOLDFAST_FUNCTION_ENV: JSON.stringify(options.functionEnvironment),
      HOLDFAST_IDLE_MS: String(options.idleEnvironmentMs),
      HOLDFAST_MOST_IDLE: String(options.mostIdleEnvironments ?? MOST_IDLE_ENVIRONMENTS),
      HOLDFAST_EVENT_TOKEN: options.eventToken,
      HOLDFAST_RUN_TOKEN: access.token,
      HOLDFAST_LISTENING: listening,
    },
  });
  return {
    url: access.url,
    ready: async () => {
      await waitUntil(
        `the start of MiniStack, whose log is ${logFile},`,
        // Another user's server can be at the port before MiniStack: it must neither learn the run's secret nor be believed.
        async () => child.exit() !== undefined || (existsSync(listening) && (await answers(access))),
        { timeoutMs: START_TIMEOUT_MS, pollMs: 50 },
      );
      if (child.exit()) throw new Error(`MiniStack ended while it started: ${lastLine(logFile)}`);
    },
    stop: () => child.stop(),
  };
}

/** A status code is not enough: MiniStack must answer an API call with these credentials. */
async function answers(access: EmulatorAccess): Promise<boolean> {
  const sts = new STSClient({
    ...emulatorClientOptions(access),
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
  });
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Account === LOCAL_ACCOUNT_ID;
  } catch {
    return false;
  } finally {
    sts.destroy();
  }
}
