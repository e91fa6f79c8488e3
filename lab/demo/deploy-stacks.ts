/** Bootstraps the local account and deploys every stack with the real cdk CLI, as on AWS. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LOCAL_ACCOUNT_ID } from '#local-aws/local-account.ts';
import type { CloudState } from '../../cli/cloud-state.ts';
import { assertLocalAccount } from '../../cli/local-account.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import type { ProcessLedger } from '../processes/process-ledger.ts';
import { cdkCommand, REPOSITORY } from '../processes/run-cdk.ts';
import { spawnManaged } from '../processes/spawn-managed.ts';
import { SMALL_NEW_GENERATION } from './node-flags.ts';

const LIMIT_MS = 240_000;
/** cdk's work is lost with the cloud that is stopping. */
const ABORT_GRACE_MS = 500;

export interface CdkOptions {
  readonly ledger: ProcessLedger;
  /** Receives everything that the CLI writes. */
  readonly folder: string;
  readonly node: string;
  readonly cloud: Pick<CloudState, 'gatewayUrl' | 'credentials' | 'credentialsFile'>;
  readonly config: HoldfastConfig;
  /** Folder of the CDK app. @default the repository */
  readonly app?: string;
  /** Stops the running command, and starts no further one. */
  readonly signal: AbortSignal;
  /** Time after which a command is stopped. @default 240 s: a cold deploy of all stacks on two busy cores takes less than a minute */
  readonly limitMs?: number;
}

/** A cdk command failed; the message contains the end of its output. */
class CdkFailed extends Error {
  override readonly name = 'CdkFailed';
}

/** Bootstraps the account for `cdk deploy`, and synthesizes the stacks at the same time, unless that was begun before. */
export async function bootstrapAndSynthesize(options: CdkOptions, synthesis = synthesize(options)): Promise<void> {
  await Promise.all([bootstrap(options), synthesis]);
}

/** What a synthesis needs: no cloud, and no credentials. */
type SynthesisOptions = Omit<CdkOptions, 'cloud'>;

/** Synthesizes the assembly that the other commands use. */
export async function synthesize({ cloud: _, ...options }: SynthesisOptions & Partial<CdkOptions>): Promise<void> {
  // With all functions the CDK's own validation takes 400 MB and a third of the time; `cdk synth` of the repository runs it.
  await cdk(options, 'synth', ['--quiet', '--no-validation', '--output', assembly(options)]);
}

/** What `cdk synth` runs, with what it gives the app. The CLI would take 270 MB while it waits, and two seconds. */
function ofApp(outputFolder: string, configFile: string, { command, env }: ReturnType<typeof cdkCommand>): ReturnType<typeof cdkCommand> {
  const { context } = JSON.parse(readFileSync(path.join(REPOSITORY, 'cdk.json'), 'utf8')) as { context: object };
  const given = { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:bundling-stacks': ['**'], config: configFile, checks: 'off' };
  const ofCli = { CDK_OUTDIR: outputFolder, CDK_VALIDATION: 'false', CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...given }) };
  return { command, args: ['--disable-warning=ExperimentalWarning', 'infra/app.ts'], env: { ...env, ...ofCli } };
}

/** Deploys every stack of the assembly, or those named. */
export async function deployStacks(options: CdkOptions, stacks: readonly string[] = ['--all']): Promise<void> {
  await cdk(options, 'deploy', [
    ...['--app', assembly(options), ...stacks, '--require-approval', 'never'],
    // The stacks are deployed without change sets, and as many at once as their order allows.
    ...['--method', 'direct', '--concurrency', '4', '--progress', 'events'],
  ]);
}

/** Destroys every stack of the assembly, or those named. @throws Error with the CLI's output when a stack refuses */
export async function destroyStacks(options: CdkOptions, stacks: readonly string[] = ['--all']): Promise<void> {
  await cdk(options, 'destroy', ['--app', assembly(options), ...stacks, '--force', '--concurrency', '4']);
}

const assembly = ({ folder }: SynthesisOptions): string => path.join(folder, 'cdk.out');

async function bootstrap(options: CdkOptions): Promise<void> {
  // Outside the folder of cdk.json: with an app the command would synthesize it as well.
  await cdk(options, 'bootstrap', [`aws://${LOCAL_ACCOUNT_ID}/${options.config.region}`], options.folder);
}

async function cdk(options: SynthesisOptions & Partial<CdkOptions>, command: string, args: readonly string[], cwd?: string): Promise<void> {
  const { folder, cloud, config, signal, limitMs = LIMIT_MS } = options;
  if (cloud) await assertLocalAccount({ ...cloud, region: config.region });
  // Nothing is awaited from here to the start of the process: after an abort neither a file nor a process is created.
  signal.throwIfAborted();
  const configFile = path.join(folder, 'holdfast.config.json');
  const logFile = path.join(folder, `cdk-${command}.log`);
  const home = path.join(folder, 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(configFile, JSON.stringify(config, null, 2));
  const context = ['--context', `config=${configFile}`, '--context', 'checks=off'];
  const cli = cdkCommand([command, ...args, ...context, '--no-version-reporting', '--no-path-metadata', '--ci'], home, options.node);
  const {
    command: program,
    args: given,
    env,
  } = command === 'synth' && options.app === undefined ? ofApp(assembly(options), configFile, cli) : cli;
  const child = await spawnManaged(options.ledger, program, given, {
    name: `cdk ${command}`,
    cwd: cwd ?? options.app ?? REPOSITORY,
    logFile,
    env: {
      ...env,
      // Inherited by the app.
      NODE_OPTIONS: SMALL_NEW_GENERATION,
      AWS_REGION: config.region,
      ...(cloud && { AWS_ENDPOINT_URL: cloud.gatewayUrl, AWS_SHARED_CREDENTIALS_FILE: cloud.credentialsFile }),
    },
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void child.stop();
  }, limitMs);
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
      `cdk ${command} ${timedOut ? `timed out after ${limitMs / 1000} s` : `failed with ${code ?? endedBy}`}; its full output is in ${logFile}:\n${tail}`,
    );
  }
}
