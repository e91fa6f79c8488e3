import { type PeopleOutput, type PeopleParameters, peopleOutput } from '../people/contract.ts';
import type { InstanceRecord } from '../records/types.ts';
import { domainOf } from '../shared/aws/partition.ts';
import type { RunCommand } from '../shared/aws/run-command.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { assetsKey, releaseKey } from '../shared/naming.ts';
import { amongSeveral, POLL_ONCE, type Polling, pollUntil } from '../shared/poll.ts';
import type * as z from '../shared/schema.ts';
import {
  DOCUMENT_STEPS,
  DOCUMENTS,
  type DocumentNames,
  type DocumentVersions,
  type InstallOutput,
  type InstallParameters,
  installOutput,
  type ObserveOutput,
  type ObserveParameters,
  observeOutput,
  PREPARE_STEP,
  type PrepareOutput,
  prepareOutput,
  type StageAssetsOutput,
  type StageAssetsParameters,
  stageAssetsOutput,
  type WaitIdleOutput,
  type WaitIdleParameters,
  waitIdleOutput,
} from './document-contract.ts';
import { CommandFailed } from './errors.ts';
import { readCommand } from './read-command.ts';

/** A command that was sent, and when it is overdue, in milliseconds since the epoch. */
export interface SentCommand {
  readonly commandId: string | undefined;
  readonly instanceId: string;
  /** Unknown for the commands of a launch or a termination. */
  readonly sentAtMs?: number | undefined;
  readonly overdueAtMs: number;
  /** Number of commands that are waited for at the same time. The more there are, the less often each is polled. @default 1 */
  readonly atOnce?: number | undefined;
}

/** What an install needs to know of a release: where its archive lies follows from its name. */
export interface InstalledRelease {
  readonly fleet: string;
  readonly version: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly restarts?: boolean;
  /** It starts with these versions of its secrets and parameters, and not with the current ones. */
  readonly recorded?: InstanceRecord['environment'];
  /** Of a bundle. */
  readonly scripts?: Pick<InstallParameters, 'mode' | 'stopFailure'> & { readonly seconds: number };
}

/** A release whose assets are staged, or NO_RELEASE, and the versions whose assets stay. */
export interface StagedRelease extends Pick<InstalledRelease, 'fleet' | 'version' | 'sha256'> {
  readonly wanted: readonly string[];
}

/** Each `read` gives an answer, or undefined while the document runs; overdue, it is cancelled. @throws CommandFailed, LeaseLost */
export interface InstanceCommands {
  /** Servers of this fleet ran before Holdfast: a document prepares them before a release is installed. User data does on others. */
  readonly prepares: boolean;
  /** Reads the latest version of each document of the fleet. @throws the SDK's errors */
  latestVersions(): Promise<DocumentVersions>;
  /** Prepares the server, or waits for its user data at most PREPARE_SLICE_SECONDS. */
  sendPrepare(instanceId: string, versions?: DocumentVersions): Promise<string>;
  readPrepare(command: SentCommand): Promise<PrepareOutput | undefined>;
  /** Each `send` returns the command's id. If it is given no `versions`, the documents' latest ones run. */
  sendWaitIdle(instanceId: string, parameters: WaitIdleParameters, versions?: DocumentVersions): Promise<string>;
  sendInstall(instanceId: string, release: InstalledRelease, fencingToken: number, versions?: DocumentVersions): Promise<string>;
  sendObserve(instanceId: string, parameters: ObserveParameters, versions?: DocumentVersions): Promise<string>;
  /** The same to all of them; each has its own answer. */
  sendPeople(instanceIds: readonly string[], parameters: PeopleParameters, versions?: DocumentVersions): Promise<string>;
  /** Asks once. */
  readPeople(command: SentCommand): Promise<PeopleOutput | undefined>;
  /** Stages a release's assets, with the checksum of their archive, and takes away those of versions that are not wanted. */
  sendStageAssets(instanceId: string, release: StagedRelease, fencingToken: number, versions?: DocumentVersions): Promise<string>;
  readStageAssets(command: SentCommand): Promise<StageAssetsOutput | undefined>;
  readWaitIdle(command: SentCommand): Promise<WaitIdleOutput | undefined>;
  readInstall(command: SentCommand): Promise<InstallOutput | undefined>;
  readObserve(command: SentCommand): Promise<ObserveOutput | undefined>;
}

/** One command waits this long for user data; what it does then is on record, and the next command is sent. */
const PREPARE_SLICE_SECONDS = 30;
const WAIT_FOR_USER_DATA: ObserveParameters = { attempts: '0', intervalSeconds: String(PREPARE_SLICE_SECONDS), confirmSeconds: '0' };

/** The longest of the documents but install: 240 s of running after at most 60 s until the agent begins. */
export const SLICE_LIMIT_SECONDS = 300;
/**
 * From SendCommand to the agent's start, at most. Systems Manager itself fails a command that no agent fetches only after
 * this and the document's own time-out together: a silent agent would hold a deploy up for minutes.
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/monitor-commands.html
 */
export const DELIVERY_LIMIT_SECONDS = 60;

/** Each document's name in messages, and which of its steps answers. */
const LABELS = { ...DOCUMENTS, prepare: 'prepare' } as const;
const STEPS = { ...DOCUMENT_STEPS, prepare: PREPARE_STEP } as const;

export interface InstanceCommandsPorts {
  readonly runCommand: RunCommand;
  readonly documents: DocumentNames;
  readonly region: string;
  readonly releasesBucket: string;
  readonly log: Log;
  readonly now: () => number;
  /** How long one read waits for the command's end. @default polls once */
  readonly polling?: Polling;
}

export function createInstanceCommands(ports: InstanceCommandsPorts): InstanceCommands {
  const { runCommand, documents, region, releasesBucket, log, now, polling = POLL_ONCE } = ports;
  const sendTo = (
    document: keyof DocumentNames,
    [instanceId = '', ...others]: readonly string[],
    parameters: object,
    versions?: DocumentVersions,
  ) => {
    const documentName = documents[document];
    if (documentName === undefined) throw new CommandFailed(`this fleet has no ${LABELS[document]} document`);
    const documentVersion = versions?.[document];
    const comment = `Holdfast ${LABELS[document]} on ${instanceId}`;
    return runCommand.send({ documentName, ...(documentVersion && { documentVersion }), instanceId, others, parameters, comment });
  };
  const send = (document: keyof DocumentNames, instanceId: string, parameters: object, versions?: DocumentVersions) =>
    sendTo(document, [instanceId], parameters, versions);

  const read = async <T>(
    document: keyof DocumentNames,
    { commandId, instanceId, sentAtMs, overdueAtMs, atOnce = 1 }: SentCommand,
    schema: z.ZodMiniType<T>,
    polls = polling,
  ): Promise<T | undefined> => {
    const subject = `${LABELS[document]} on ${instanceId}`;
    if (commandId === undefined) throw new CommandFailed(`${subject} was never sent`);
    // No pause goes beyond the time at which the answer is due: when many servers are polled, a drain has only seconds left for its answer
    // before the load balancer cuts requests.
    const inTime = { ...polls, pause: (ms: number) => polls.pause(Math.max(0, Math.min(ms, overdueAtMs - now()))) };
    const command = await pollUntil(
      () => runCommand.describe(commandId, instanceId, STEPS[document]),
      ({ state }) => state !== 'running' || now() >= overdueAtMs,
      amongSeveral(inTime, atOnce, instanceId),
    );
    if (command.state !== 'running') return readCommand(command, schema, subject);
    // A pending step can be waiting for the step before it. Only if the whole command is pending has no agent fetched it. And a server that
    // restarts meanwhile ends the whole command, and reports its first step alone.
    const isLate = sentAtMs !== undefined && now() >= sentAtMs + DELIVERY_LIMIT_SECONDS * 1000;
    const whole = isLate ? await runCommand.describe(commandId, instanceId) : command;
    if (whole.state === 'failed') {
      const step = await runCommand.describe(commandId, instanceId, STEPS[document]);
      return readCommand(step.state === 'running' ? whole : step, schema, subject);
    }
    const neverFetched = isLate && whole.state === 'running' && whole.undelivered;
    if (!neverFetched && now() < overdueAtMs) return undefined;
    await runCommand.cancel(commandId, instanceId).catch((error: unknown) => {
      log.warn(LOG_EVENTS.commandCancelFailed, { commandId, instanceId, error: describeError(error) });
    });
    const what = neverFetched ? `was not fetched by the agent within ${DELIVERY_LIMIT_SECONDS} s` : 'did not end in time';
    throw new CommandFailed(`${subject} (command ${commandId}) ${what}; it was cancelled`);
  };

  return {
    prepares: documents.prepare !== undefined,
    latestVersions: () => latestVersions(runCommand, documents),
    sendPrepare: async (instanceId, versions) =>
      documents.prepare === undefined
        ? send('observe', instanceId, WAIT_FOR_USER_DATA, versions)
        : send('prepare', instanceId, {}, versions),
    readPrepare: async (command) => {
      if (documents.prepare !== undefined) return read('prepare', command, prepareOutput);
      const answer = await read('observe', command, observeOutput);
      return answer && preparationOf(answer);
    },
    sendWaitIdle: (instanceId, parameters, versions) => send('waitIdle', instanceId, parameters, versions),
    sendInstall: (instanceId, release, fencingToken, versions) =>
      send('install', instanceId, installParameters(release, fencingToken, { region, releasesBucket }), versions),
    sendObserve: (instanceId, parameters, versions) => send('observe', instanceId, parameters, versions),
    sendPeople: (instanceIds, parameters, versions) => sendTo('accessLog', instanceIds, parameters, versions),
    readPeople: (command) => read('accessLog', command, peopleOutput, POLL_ONCE),
    sendStageAssets: (instanceId, { fleet, version, sha256, wanted }, fencingToken, versions) => {
      const releaseUrl = archiveUrl(assetsKey(fleet, version), { region, releasesBucket });
      const parameters: StageAssetsParameters = { fencingToken: `${fencingToken}`, version, releaseUrl, sha256, wanted: wanted.join() };
      return send('stageAssets', instanceId, parameters, versions);
    },
    readStageAssets: (command) => read('stageAssets', command, stageAssetsOutput),
    readWaitIdle: (command) => read('waitIdle', command, waitIdleOutput),
    readInstall: (command) => read('install', command, installOutput),
    readObserve: (command) => read('observe', command, observeOutput),
  };
}

function preparationOf({ preparing, preparationFailed }: ObserveOutput): PrepareOutput {
  if (preparationFailed !== undefined) return { result: 'failed', message: preparationFailed };
  return preparing === undefined ? { result: 'prepared' } : { result: 'preparing', phase: preparing };
}

const archiveUrl = (key: string, { region, releasesBucket }: Pick<InstanceCommandsPorts, 'region' | 'releasesBucket'>): string =>
  `https://${releasesBucket}.s3.${region}.${domainOf(region)}/${key}`;

/** Bucket and key follow from naming.ts, so that nobody who can write a record chooses from where servers download. */
export function installParameters(
  { fleet, version, sha256, restarts = false, recorded, scripts }: InstalledRelease,
  fencingToken: number,
  place: Pick<InstanceCommandsPorts, 'region' | 'releasesBucket'>,
): InstallParameters {
  return {
    fencingToken: String(fencingToken),
    version,
    releaseUrl: archiveUrl(releaseKey(fleet, version), place),
    sha256,
    ...(scripts && { mode: scripts.mode, stopFailure: scripts.stopFailure, executionTimeout: String(scripts.seconds) }),
    ...(restarts && { mode: 'restart' as const }),
    ...(recorded && {
      environment: Object.entries(recorded)
        .map((pair) => pair.join(':'))
        .join(),
    }),
  };
}

/** The latest version of each document, which a deploy, a launch or a termination then runs to its end. */
export async function latestVersions(runCommand: Pick<RunCommand, 'latestVersion'>, documents: DocumentNames): Promise<DocumentVersions> {
  const named = Object.entries(documents).filter((each): each is [string, string] => each[1] !== undefined);
  const versions = await Promise.all(named.map(async ([document, name]) => [document, await runCommand.latestVersion(name)] as const));
  return Object.fromEntries(versions) as DocumentVersions;
}
