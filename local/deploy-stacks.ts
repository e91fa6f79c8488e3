/** Bootstraps the local account and deploys every stack with the real cdk CLI, as on AWS. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { HoldfastConfig } from '../infra/config.ts';
import { assertLocalAccount, LOCAL_CREDENTIALS } from './local-account.ts';
import { LOCAL_ACCOUNT_ID } from './ports.ts';
import type { ProcessLedger } from './processes/process-ledger.ts';
import { spawnManaged } from './processes/spawn-managed.ts';

const REPOSITORY = path.resolve(import.meta.dirname, '..');
/** A cold deploy of all stacks on two busy cores takes less than a minute. */
const CDK_TIMEOUT_MS = 240_000;
/** What cdk was doing belongs to a cloud that is going away. */
const ABORT_GRACE_MS = 500;

export interface CdkOptions {
  readonly ledger: ProcessLedger;
  /** Everything that the CLI writes. */
  readonly folder: string;
  readonly node: string;
  readonly gatewayUrl: string;
  readonly config: HoldfastConfig;
  /** Folder of the CDK app. @default the repository */
  readonly app?: string;
  /** Ends the command that runs, and starts no further one. */
  readonly signal: AbortSignal;
}

/** A cdk command that failed; the message holds the end of its output. */
class CdkFailed extends Error {
  override readonly name = 'CdkFailed';
}

/** Makes what `cdk deploy` needs in the account, and synthesizes the stacks meanwhile. */
export async function bootstrapAndSynthesize(options: CdkOptions): Promise<void> {
  await Promise.all([bootstrap(options), synthesize(options)]);
}

/** Makes the assembly that the other commands take. */
export async function synthesize(options: CdkOptions): Promise<void> {
  await cdk(options, 'synth', ['--quiet', '--output', assembly(options)]);
}

/** Deploys every stack of the assembly, or those named. */
export async function deployStacks(options: CdkOptions, stacks: readonly string[] = ['--all']): Promise<void> {
  await cdk(options, 'deploy', [
    ...['--app', assembly(options), ...stacks, '--require-approval', 'never'],
    // No change set to be looked at, and as many stacks at once as their order allows.
    ...['--method', 'direct', '--concurrency', '4', '--progress', 'events'],
  ]);
}

/** Destroys every stack of the assembly, or those named. @throws Error with the CLI's words when a stack refuses */
export async function destroyStacks(options: CdkOptions, stacks: readonly string[] = ['--all']): Promise<void> {
  await cdk(options, 'destroy', ['--app', assembly(options), ...stacks, '--force', '--concurrency', '4']);
}

const assembly = ({ folder }: CdkOptions): string => path.join(folder, 'cdk.out');

async function bootstrap(options: CdkOptions): Promise<void> {
  // Away from cdk.json: with an app at hand the command would synthesize it as well.
  await cdk(options, 'bootstrap', [`aws://${LOCAL_ACCOUNT_ID}/${options.config.region}`], options.folder);
}

async function cdk(options: CdkOptions, command: string, args: readonly string[], cwd?: string): Promise<void> {
  const { folder, gatewayUrl, config, signal } = options;
  await assertLocalAccount(gatewayUrl, config.region);
  // Nothing waits from here to the start of the process: after an abort neither a file nor a process appears.
  signal.throwIfAborted();
  const configFile = path.join(folder, 'holdfast.config.json');
  const logFile = path.join(folder, `cdk-${command}.log`);
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const child = await spawnManaged(
    options.ledger,
    options.node,
    [
      path.join(REPOSITORY, 'node_modules/aws-cdk/bin/cdk'),
      command,
      ...args,
      '--context',
      `config=${configFile}`,
      '--context',
      'checks=off',
      '--no-notices',
      '--no-version-reporting',
      '--no-path-metadata',
      '--ci',
    ],
    {
      name: `cdk ${command}`,
      cwd: cwd ?? options.app ?? REPOSITORY,
      logFile,
      env: {
        PATH: [path.dirname(options.node), process.env['PATH'] ?? ''].join(path.delimiter),
        HOME: home,
        CDK_HOME: path.join(home, '.cdk'),
        CDK_DISABLE_CLI_TELEMETRY: '1',
        TMPDIR: home,
        AWS_ENDPOINT_URL: gatewayUrl,
        AWS_REGION: config.region,
        AWS_ACCESS_KEY_ID: LOCAL_CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_CREDENTIALS.secretAccessKey,
        AWS_EC2_METADATA_DISABLED: 'true',
        LANG: 'C.UTF-8',
      },
    },
  );
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void child.stop();
  }, CDK_TIMEOUT_MS);
  const abandon = () => void child.stop(ABORT_GRACE_MS);
  if (signal.aborted) abandon();
  else signal.addEventListener('abort', abandon, { once: true });
  const { code, signal: endedBy } = await child.exited;
  clearTimeout(timer);
  signal.removeEventListener('abort', abandon);
  signal.throwIfAborted();
  if (code !== 0) {
    const output = await readFile(logFile, 'utf8').catch(() => '');
    const tail = output.trim().split('\n').slice(-25).join('\n');
    throw new CdkFailed(
      `cdk ${command} ${timedOut ? `did not end within ${CDK_TIMEOUT_MS / 1000} s` : `failed with ${code ?? endedBy}`}; its whole output is in ${logFile}:\n${tail}`,
    );
  }
}
