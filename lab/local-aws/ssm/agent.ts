/** What the SSM agent does on a machine: runs a document's steps in the command's folder. */

import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, posix, resolve, sep } from 'node:path';
import { finished } from 'node:stream/promises';
import { type GroupOptions, startGroup, stopGroup } from '../../processes/process-group.ts';
import { within } from '../../processes/wait.ts';
import type { ManagedInstance } from '../interfaces.ts';
import { messageOf } from '../service/message-of.ts';
import type { StepResult } from './command-record.ts';
import type { CommandDocument, DocumentStep } from './document-content.ts';
import { OutputText } from './output-text.ts';
import { type ParameterValue, parameterEnvironment, substitute } from './parameter-values.ts';
import { stepSeconds } from './step-seconds.ts';

/** Reads an object as the instance's role would: its content, or that of all objects below its key, by the rest of their keys. */
export type FetchObject = (
  url: string,
  instance: ManagedInstance,
) => Promise<Uint8Array | AsyncIterable<Uint8Array> | Map<string, Uint8Array>>;

export interface AgentJob {
  readonly commandId: string;
  readonly document: CommandDocument;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly instance: ManagedInstance;
  readonly region: string;
  readonly fetchObject: FetchObject;
  readonly ledger: GroupOptions['ledger'];
  readonly cancelled: AbortSignal;
  readonly now: () => number;
}

/** A download is given this long: the real agent has no limit, and every wait here has one. */
const DOWNLOAD_MS = 120_000;
const KILLED = 137;
/** The agent's folders and files are for root alone. */
const PRIVATE = 0o700;
/** Commands whose folders stay on a machine; more than run on one at a time. */
const KEPT_COMMANDS = 8;

/** Runs every step in order; after a failed one the next still runs, unless it has `onFailure: exit`. */
export async function runDocument(job: AgentJob): Promise<StepResult[]> {
  const orchestration = join(job.instance.folder, 'var/lib/amazon/ssm', job.instance.instanceId, 'document/orchestration');
  const folder = join(orchestration, job.commandId);
  await mkdir(folder, { recursive: true, mode: PRIVATE });
  await removeOldest(orchestration);
  const results: StepResult[] = [];
  let ended = false;
  for (const step of job.document.mainSteps) {
    const startedAtMs = job.now();
    const outcome =
      ended || !precondition(step, job.values)
        ? { status: 'Skipped' as const, code: 0, stdout: '', stderr: '' }
        : await runStep(job, step, folder);
    results.push({ name: step.name, ...outcome, startedAtMs, endedAtMs: job.now() });
    const onFailure = step.inputs['onFailure'];
    if (outcome.status === 'TimedOut' || outcome.status === 'Cancelled') ended = true;
    if (outcome.status === 'Failed' && (onFailure === 'exit' || onFailure === 'successAndExit')) ended = true;
  }
  return results;
}

/** The real agent removes old commands' files after some days; here all but the newest are removed. */
async function removeOldest(orchestration: string): Promise<void> {
  const names = await readdir(orchestration);
  if (names.length <= KEPT_COMMANDS) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, atMs: (await stat(join(orchestration, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
  );
  const oldest = aged.toSorted((a, b) => b.atMs - a.atMs).slice(KEPT_COMMANDS);
  await Promise.all(oldest.map(({ name }) => rm(join(orchestration, name), { recursive: true, force: true })));
}

/** Local machines count as Linux whatever the host is. */
function precondition(step: DocumentStep, values: Readonly<Record<string, ParameterValue>>): boolean {
  return Object.entries(step.precondition ?? {}).every(([operator, args]) => {
    const [left, right] = args.map((arg) => String(substitute(arg === 'platformType' ? 'Linux' : arg, values)));
    return operator === 'StringEquals' && left === right;
  });
}

type Outcome = Omit<StepResult, 'name' | 'startedAtMs' | 'endedAtMs'>;

async function runStep(job: AgentJob, step: DocumentStep, folder: string): Promise<Outcome> {
  if (job.cancelled.aborted) return { status: 'Cancelled', code: KILLED, stdout: '', stderr: '' };
  const inputs = substitute(step.inputs, job.values) as Record<string, unknown>;
  try {
    return step.action === 'aws:downloadContent' ? await download(job, inputs, folder) : await runScript(job, step, inputs, folder);
  } catch (error) {
    return { status: 'Failed', code: 1, stdout: '', stderr: messageOf(error) };
  }
}

async function download(job: AgentJob, inputs: Record<string, unknown>, folder: string): Promise<Outcome> {
  if (inputs['sourceType'] !== 'S3') throw new Error(`Unsupported source type ${String(inputs['sourceType'])}`);
  const info = inputs['sourceInfo'];
  const source = (typeof info === 'string' ? JSON.parse(info) : info) as { path?: unknown };
  if (typeof source?.path !== 'string' || source.path.trim() === '') throw new Error('S3 source path in SourceInfo must be specified');
  const url = source.path.trim();
  const path = String(inputs['destinationPath'] ?? '');
  const target = insideMachine(job, destination(path, url, folder));
  const wrote = (async () => {
    const fetched = await job.fetchObject(url, job.instance);
    if (!(fetched instanceof Map)) return writePrivate(target, fetched);
    // Objects below the key make it a folder, and the destination with it.
    const base = insideMachine(job, isAbsolute(path) ? path : join(folder, 'downloads', path));
    for (const [name, content] of fetched) await writePrivate(join(base, posix.resolve('/', name)), content);
  })();
  if (!(await within(wrote, DOWNLOAD_MS))) throw new Error(`${url} was not downloaded within ${DOWNLOAD_MS / 1000} s`);
  await wrote;
  return { status: 'Success', code: 0, stdout: `Content downloaded to ${target}`, stderr: '' };
}

async function writePrivate(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE });
  await writeFile(path, content, { mode: PRIVATE });
}

/** A relative destination lies in the command's download folder; one that is not an existing folder and does not end in a slash is the file itself. */
function destination(path: string, url: string, folder: string): string {
  const base = isAbsolute(path) ? path : join(folder, 'downloads', path);
  const name = basename(decodeURIComponent(new URL(url).pathname));
  return path === '' || path.endsWith('/') || existsSync(base) ? join(base, name) : base;
}

/** The machine's root is its folder: an absolute path of a document means one below it. */
function insideMachine(job: AgentJob, path: string): string {
  const root = resolve(job.instance.folder);
  const full = resolve(path);
  return full === root || full.startsWith(root + sep) ? full : join(root, full);
}

async function runScript(job: AgentJob, step: DocumentStep, inputs: Record<string, unknown>, folder: string): Promise<Outcome> {
  const commands = inputs['runCommand'];
  if (!Array.isArray(commands)) throw new Error('Invalid format in plugin properties: runCommand is not a list');
  const stepFolder = join(folder, step.name);
  await mkdir(stepFolder, { recursive: true, mode: PRIVATE });
  const script = join(stepFolder, '_script.sh');
  await writeFile(script, `${commands.flat().join('\n')}\n`, { mode: 0o700 });

  const downloads = join(folder, 'downloads', String(inputs['workingDirectory'] ?? ''));
  const wanted = isAbsolute(String(inputs['workingDirectory'] ?? '')) ? insideMachine(job, String(inputs['workingDirectory'])) : downloads;
  // A document's script is no child of the server's own services.
  const { AWS_REGION: _, ...machine } = job.instance.environment;
  const environment = {
    ...machine,
    ...parameterEnvironment(job.document, job.values, job.instance.agentVersion),
    SSM_COMMAND_ID: job.commandId,
    AWS_SSM_INSTANCE_ID: job.instance.instanceId,
    AWS_SSM_REGION_NAME: job.region,
    AWS_SSM_PLATFORM_TYPE: 'Linux',
  };
  const group = startGroup('/bin/sh', [script], {
    name: `${job.commandId} on ${job.instance.instanceId}`,
    ledger: job.ledger,
    cwd: existsSync(wanted) ? wanted : stepFolder,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stdout = new OutputText(group.child.stdout);
  const stderr = new OutputText(group.child.stderr);

  const seconds = stepSeconds(step, job.values);
  const cancelled = new Promise<void>((done) => {
    if (job.cancelled.aborted) done();
    else job.cancelled.addEventListener('abort', () => done(), { once: true });
  });
  const ended = await within(Promise.race([group.exited, cancelled]), seconds * 1000);
  const interrupted = !ended ? 'TimedOut' : job.cancelled.aborted ? 'Cancelled' : undefined;
  if (interrupted !== undefined) await stopGroup(group, 'SIGKILL', 2_000);
  const exit = await group.exited;
  // A grandchild can hold the pipes open after the script has ended; its later output is lost, as with the real agent.
  await within(Promise.allSettled([group.child.stdout, group.child.stderr].map((stream) => stream && finished(stream))), 500);

  if (interrupted !== undefined) return { status: interrupted, code: KILLED, stdout: stdout.text, stderr: stderr.text };
  const code = exit.code ?? (exit.error === undefined ? KILLED : 1);
  const complaint =
    code === 0 ? '' : `${stderr.text === '' || stderr.text.endsWith('\n') ? '' : '\n'}failed to run commands: exit status ${code}`;
  return { status: code === 0 ? 'Success' : 'Failed', code, stdout: stdout.text, stderr: stderr.text + complaint };
}
