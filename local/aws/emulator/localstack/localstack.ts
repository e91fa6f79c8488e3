/** Starts LocalStack on this machine, without Docker, with its extension (extension/) and a clean environment. */
import { existsSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import type { LocalStackSetup } from '../../../../setup/localstack.mjs';
import { spawnManaged } from '../../processes/spawn-managed.ts';
import { waitUntil } from '../../processes/wait.ts';
import type { Emulator, EmulatorOptions } from '../emulator.ts';
import { lastLine } from '../last-line.ts';
import { createReadinessCheck } from './check-services.ts';

const HERE = import.meta.dirname;
/** Cold, with DynamoDB's virtual machine, on two cores that twenty programs wait for it took 36 s. */
const START_TIMEOUT_MS = 100_000;

export interface LocalStackOptions extends EmulatorOptions, LocalStackSetup {}

export async function startLocalStack(options: LocalStackOptions): Promise<Emulator> {
  const { access, folder } = options;
  const root = path.join(folder, 'root');
  const temporary = path.join(folder, 'tmp');
  const home = path.join(folder, 'home');
  const logFile = path.join(folder, 'localstack.log');
  const listening = path.join(folder, 'listening');
  for (const each of [temporary, home, path.join(root, 'var/lib/localstack')]) mkdirSync(each, { recursive: true });
  rmSync(listening, { force: true });
  const libraries = path.join(root, 'var/lib/localstack/lib');
  rmSync(libraries, { recursive: true, force: true });
  mkdirSync(libraries);
  // LocalStack writes certificates and the like next to the programs, so that only these are shared.
  for (const name of ['java', 'dynamodb-local']) symlinkSync(path.join(options.libraries, name), path.join(libraries, name));
  const child = await spawnManaged(options.ledger, options.python, ['-m', 'localstack.runtime.main'], {
    name: 'localstack',
    cwd: folder,
    logFile,
    env: {
      ...localStackEnvironment(options),
      PATH: process.env['PATH'] ?? '/usr/bin:/bin',
      HOME: home,
      XDG_CACHE_HOME: path.join(home, 'cache'),
      TMPDIR: temporary,
      FILESYSTEM_ROOT: root,
      HOLDFAST_LISTENING: listening,
    },
  });
  const services = createReadinessCheck(access);
  return {
    url: access.url,
    ready: async () => {
      try {
        await waitUntil(
          `the start of LocalStack, whose log is ${logFile},`,
          // Another user's server can be at the port before LocalStack: it must neither learn the run's secret nor be believed.
          async () => child.exit() !== undefined || (existsSync(listening) && (await services.answer())),
          { timeoutMs: START_TIMEOUT_MS, pollMs: 200 },
        );
      } catch (error) {
        const unanswered = services.unanswered();
        if (unanswered === undefined) throw error;
        throw new Error(
          `LocalStack started, and ${unanswered.call} failed (${unanswered.reason}): see its log, ${logFile}. The local cloud was stopped.`,
        );
      } finally {
        services.close();
      }
      if (child.exit()) throw new Error(`LocalStack ended while it started: ${lastLine(logFile)}`);
    },
    stop: () => child.stop(),
  };
}

/** @see https://docs.localstack.cloud/aws/capabilities/config/configuration/ */
function localStackEnvironment(options: LocalStackOptions): Record<string, string> {
  const { access, gatewayUrl, python } = options;
  const { host } = new URL(access.url);
  return {
    LANG: 'C.UTF-8',
    PYTHONPATH: path.join(HERE, 'extension'),
    PYTHONPYCACHEPREFIX: path.join(path.dirname(python), '../pycache'),
    PYTHONUNBUFFERED: '1',
    // Without it LocalStack may take this machine for its container, and write to /var/lib and /etc.
    OVERRIDE_IN_DOCKER: '0',
    GATEWAY_LISTEN: host,
    // The default server listens on every address, whatever is set.
    GATEWAY_SERVER: 'hypercorn',
    // Addresses that LocalStack gives out, of queues for one, are the gateway's.
    LOCALSTACK_HOST: new URL(gatewayUrl).host,
    SQS_ENDPOINT_STRATEGY: 'path',
    // Its own calls between services do not pass its port, which demands the run's secret.
    IN_MEMORY_CLIENT: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DISABLE_EVENTS: '1',
    DNS_ADDRESS: '0',
    DISABLE_CORS_CHECKS: '1',
    // Access keys of sessions begin as AWS's do.
    PARITY_AWS_ACCESS_KEY_ID: '1',
    DYNAMODB_IN_MEMORY: '1',
    // A type that nobody provides fails the stack: by default it is "deployed as a fallback", with attributes that are "unknown".
    CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: '0',
    LAMBDA_RUNTIME_EXECUTOR: 'holdfast',
    // A function can be invoked as soon as it is created, as with MiniStack.
    LAMBDA_SYNCHRONOUS_CREATE: '1',
    PROVIDER_OVERRIDE_CLOUDFORMATION: 'holdfast',
    PROVIDER_OVERRIDE_EC2: 'holdfast',
    PROVIDER_OVERRIDE_IAM: 'holdfast',
    // Each warm environment is a Node process of some 50 MB.
    LAMBDA_KEEPALIVE_MS: '60000',
    HOLDFAST_GATEWAY: gatewayUrl,
    HOLDFAST_NODE: options.node,
    HOLDFAST_BOOTSTRAP: path.join(HERE, '../lambda-runtime/bootstrap.mjs'),
    HOLDFAST_FUNCTION_ENV: JSON.stringify(options.functionEnvironment),
    HOLDFAST_EVENT_TOKEN: options.eventToken,
    HOLDFAST_RUN_TOKEN: access.token,
  };
}
