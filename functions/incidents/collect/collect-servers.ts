/** What the servers' logs and the servers themselves show, by the documents read-logs and access-log on each. */
import type { AppContract } from '../../shared/app-contract.ts';
import { classifyAwsError } from '../../shared/aws/classify-aws-error.ts';
import type { CommandState, Commands } from '../../shared/aws/commands.ts';
import { describeError } from '../../shared/errors.ts';
import type { Pause } from '../../shared/poll.ts';
import type { Collector, CollectRequest } from '../contract/environment.ts';
import {
  type OUTPUT_OF,
  READ_ACCESS_LOG,
  READ_LOGS,
  type ReadAccessLogParameters,
  type ReadLogsOutput,
  type ReadLogsParameters,
  type ReadLogsWindow,
} from '../contract/read-logs.ts';
import { describeServer, joinServers, type SampledServer } from './describe-server.ts';
import { joinAnswers, readAnswer } from './read-answer.ts';

export type RegisteredServer = { readonly instanceId: string; readonly zone?: string; readonly version?: string };
export interface FleetServer extends RegisteredServer {
  readonly fleet: string;
}

/** As evenly as there are of each fleet, zone and release: a zone that is cut off, or a new release, is among them. Pure. */
export function chooseServers(servers: readonly FleetServer[], most: number): readonly FleetServer[] {
  const byId = servers.toSorted((one, other) => (one.instanceId < other.instanceId ? -1 : 1));
  if (byId.length <= most) return byId;
  const groups = Map.groupBy(byId, ({ fleet, zone, version }) => JSON.stringify([fleet, zone ?? '', version ?? '']));
  const queues = [...groups].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, group]) => group);
  const longest = Math.max(...queues.map(({ length }) => length));
  const spread = Array.from({ length: longest }, (_, turn) => queues.flatMap((queue) => queue[turn] ?? [])).flat();
  return spread.slice(0, most);
}

export type PlacePorts = { zones(): Promise<ReadonlyMap<string, string>>; versions(): Promise<ReadonlyMap<string, string>> };

export async function withPlaces(instanceIds: readonly string[], ports: PlacePorts): Promise<readonly RegisteredServer[]> {
  const [zones, versions] = await Promise.all([orNone(ports.zones()), orNone(ports.versions())]);
  return instanceIds.map((instanceId) => {
    const [zone, version] = [zones.get(instanceId), versions.get(instanceId)];
    return { instanceId, ...(zone !== undefined && { zone }), ...(version !== undefined && { version }) };
  });
}

const orNone = async (reading: Promise<ReadonlyMap<string, string>>): Promise<ReadonlyMap<string, string>> =>
  reading.catch(() => new Map<string, string>());

const LEAST_PAUSE_MS = 500;

export interface RunPorts {
  readonly runCommand: Commands;
  readonly documentNames: Readonly<Record<string, string>>;
  readonly now: () => number;
  readonly pause: Pause;
}

export interface DocumentRun {
  readonly instanceId: string;
  readonly document: { readonly document: string; readonly step: string };
  readonly parameters: Readonly<Record<string, string>>;
  readonly comment: string;
  readonly untilMs: number;
  readonly pauseMs?: number;
}

export type EndedCommand = Exclude<CommandState, { state: 'running' }> & { readonly commandId: string };
export type ServerRun = (run: DocumentRun) => Promise<EndedCommand | string>;

const THROTTLED_PAUSE_MS = 4_000;

export const runOnServers =
  ({ runCommand, documentNames, now, pause }: RunPorts): ServerRun =>
  async ({ instanceId, document: { document, step }, parameters, comment, untilMs, pauseMs = LEAST_PAUSE_MS }) => {
    const askedMs = now();
    const documentName = documentNames[document] ?? '';
    const commandId = await runCommand.send({ documentName, instanceId, parameters: { ...parameters }, comment });
    for (;;) {
      const command = await runCommand.describe(commandId, instanceId, step).catch(stillRunning);
      if (command.state !== 'running') return { ...command, commandId };
      const waitMs = command === THROTTLED ? THROTTLED_PAUSE_MS : pauseMs;
      if (now() + waitMs > untilMs) {
        // It changes nothing, and ends by itself. Who may cancel a command may cancel every other one too: an install in the middle.
        const why = command.undelivered ? 'its agent did not fetch the command' : 'its logs were not read';
        return `${why} within ${Math.round((untilMs - askedMs) / 1000)} s`;
      }
      await pause(waitMs);
    }
  };

const THROTTLED: CommandState = { state: 'running' };

/** @throws any error that another question does not end */
function stillRunning(error: unknown): CommandState {
  if (classifyAwsError(error) === 'transient') return THROTTLED;
  throw error;
}

/** Two commands each, at the same time; of more servers, {@link chooseServers} takes some of each zone and release. */
export const MOST_SERVERS = 20;
/** Below the collector's own limit of 50 s. A document takes 30 s at most, mostly 2 s; an agent fetches a command within seconds. */
const LIMIT_MS = 42_000;
/** Two commands on each of twenty servers make ten calls a second; of few servers they are asked for sooner, at no more. */
export const pauseOf = (servers: number): number => Math.max(LEAST_PAUSE_MS, (servers * 4_000) / MOST_SERVERS);

export interface ServersPorts extends RunPorts {
  readonly documentNames: Readonly<Record<keyof typeof OUTPUT_OF, string>>;
  serversOf(fleet: string): Promise<readonly RegisteredServer[]>;
  contractOf(fleet: string, version: string): Promise<AppContract | undefined>;
  /** How long a server is waited for that does not answer. @default 42 s, for a collector, which has 50 */
  readonly limitMs?: number;
}

export function createServersCollector(ports: ServersPorts): Collector<'servers'> {
  return async (request) => {
    const untilMs = ports.now() + (ports.limitMs ?? LIMIT_MS);
    const found = await Promise.all(
      request.fleets.map(async (fleet) => (await ports.serversOf(fleet)).map((server) => ({ ...server, fleet }))),
    );
    const servers = [...new Map(found.flat().map((server) => [server.instanceId, server])).values()];
    if (servers.length === 0) return { gap: `no server is registered in ${request.fleets.join(', ')}` };
    const asked = chooseServers(servers, MOST_SERVERS);
    const pauseMs = pauseOf(asked.length);
    const answers = await Promise.all(
      asked.map((server) =>
        askServer(server, request, { untilMs, pauseMs }, ports).catch(
          (error: unknown): SampledServer => ({ instanceId: server.instanceId, gap: describeError(error) }),
        ),
      ),
    );
    const instanceIds = servers.map(({ instanceId }) => instanceId).toSorted();
    return {
      takenAtMs: ports.now(),
      facts: { servers: joinServers(answers, instanceIds, request.hashKey) },
      ...(servers.length > asked.length && {
        gaps: [`${servers.length - asked.length} of ${servers.length} servers were not asked: at most ${MOST_SERVERS} are`],
      }),
    };
  };
}

async function askServer(
  { instanceId, fleet }: { readonly instanceId: string; readonly fleet: string },
  request: CollectRequest,
  times: { readonly untilMs: number; readonly pauseMs: number },
  ports: ServersPorts,
): Promise<SampledServer> {
  const { incidentId, hashKey, fromMs, toMs, firstSignMs } = request;
  const window: ReadLogsWindow = { fromMs: String(Math.floor(fromMs)), toMs: String(Math.ceil(toMs)) };
  const ask = async (
    document: typeof READ_LOGS | typeof READ_ACCESS_LOG,
    parameters: ReadLogsParameters | ReadAccessLogParameters,
  ): Promise<ReadLogsOutput | string> => {
    const comment = `Holdfast ${document.document} on ${instanceId} for ${incidentId}`;
    const command = await runOnServers(ports)({ instanceId, document, parameters: { ...parameters }, comment, ...times });
    if (typeof command === 'string') return command;
    const answer = readAnswer(document.document, command, { fromMs, toMs });
    return typeof answer === 'string' ? `${answer} (command ${command.commandId}, ${command.statusDetails})` : answer;
  };
  const [own, access] = await Promise.all([
    ask(READ_LOGS, { ...window, newSinceMs: String(Math.floor(firstSignMs)) }).catch(describeError),
    ask(READ_ACCESS_LOG, { hashKey, ...window }).catch(describeError),
  ]);
  const joined = joinAnswers(own, access);
  if (typeof joined === 'string') return { instanceId, gap: joined };
  const { answer, missing } = joined;
  // A release that is not on record is a text like another.
  const server = describeServer(instanceId, answer, await ports.contractOf(fleet, answer.release).catch(() => undefined));
  return missing.length === 0 ? server : { ...server, gaps: [...(server.gaps ?? []), ...missing] };
}
