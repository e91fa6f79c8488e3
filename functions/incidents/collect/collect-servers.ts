/** What the servers' logs and the servers themselves show, by the documents read-logs and access-log on each. */
import type { AppContract } from '../../shared/app-contract.ts';
import { describeError } from '../../shared/errors.ts';
import type { Collector, CollectRequest } from '../contract/collect.ts';
import {
  type OUTPUT_OF,
  READ_ACCESS_LOG,
  READ_LOGS,
  type ReadAccessLogParameters,
  type ReadLogsOutput,
  type ReadLogsParameters,
  type ReadLogsWindow,
} from '../contract/read-logs.ts';
import { chooseServers, type RegisteredServer } from './choose-servers.ts';
import { describeServer, type SampledServer } from './describe-server.ts';
import { joinServers } from './join-servers.ts';
import { joinAnswers, readAnswer } from './read-answer.ts';
import { type RunPorts, runOnServers } from './run-on-server.ts';

/** Two commands each, at the same time; of more servers, {@link chooseServers} takes some of each zone and release. */
export const MOST_SERVERS = 20;
/** Below the collector's own limit of 50 s. A document takes 30 s at most, mostly 2 s; an agent fetches a command within seconds. */
const LIMIT_MS = 42_000;
/** Two commands on each of twenty servers make ten calls a second; of few servers they are asked for sooner, at no more. */
const PAUSE_MS = 4_000;
export const LEAST_PAUSE_MS = 500;
export const PAUSE_OF_SERVER_MS = PAUSE_MS / MOST_SERVERS;

export interface ServersPorts extends RunPorts {
  /** Physical names of the documents. */
  readonly documentNames: Readonly<Record<keyof typeof OUTPUT_OF, string>>;
  /** Instances and nodes that serve a fleet. @throws the SDK's errors */
  serversOf(fleet: string): Promise<readonly RegisteredServer[]>;
  /** Contract of a fleet's release; undefined where there is no such release. */
  contractOf(fleet: string, version: string): Promise<AppContract | undefined>;
  /** How long a server is waited for that does not answer. @default 42 s, for a collector, which has 50 */
  readonly limitMs?: number;
}

/** A server that gives nothing is a gap of its own; the others count. */
export function createServersCollector(ports: ServersPorts): Collector<'servers'> {
  return async (request) => {
    const untilMs = ports.now() + (ports.limitMs ?? LIMIT_MS);
    const found = await Promise.all(
      request.fleets.map(async (fleet) => (await ports.serversOf(fleet)).map((server) => ({ ...server, fleet }))),
    );
    const servers = [...new Map(found.flat().map((server) => [server.instanceId, server])).values()];
    if (servers.length === 0) return { gap: `no server is registered in ${request.fleets.join(', ')}` };
    const asked = chooseServers(servers, MOST_SERVERS);
    const pauseMs = Math.max(LEAST_PAUSE_MS, asked.length * PAUSE_OF_SERVER_MS);
    const answers = await Promise.all(
      asked.map(async ({ zone, ...server }) => {
        const answer = await askServer(server, request, { untilMs, pauseMs }, ports).catch(
          (error: unknown): SampledServer => ({ instanceId: server.instanceId, gap: describeError(error) }),
        );
        return zone === undefined ? answer : { ...answer, zone };
      }),
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
  times: Times,
  ports: ServersPorts,
): Promise<SampledServer> {
  const { hashKey, fromMs, toMs, firstSignMs } = request;
  const window: ReadLogsWindow = { fromMs: String(Math.floor(fromMs)), toMs: String(Math.ceil(toMs)) };
  const keyed: ReadAccessLogParameters = { hashKey, ...window };
  const run = { instanceId, request, ...times };
  const [own, access] = await Promise.all([
    askDocument({ ...run, document: READ_LOGS, parameters: { ...window, newSinceMs: String(Math.floor(firstSignMs)) } }, ports).catch(
      describeError,
    ),
    askDocument({ ...run, document: READ_ACCESS_LOG, parameters: keyed }, ports).catch(describeError),
  ]);
  const joined = joinAnswers(own, access);
  if (typeof joined === 'string') return { instanceId, gap: joined };
  const { answer, missing } = joined;
  // A release that is not on record is a text like another.
  const server = describeServer(instanceId, answer, await ports.contractOf(fleet, answer.release).catch(() => undefined));
  return missing.length === 0 ? server : { ...server, gaps: [...(server.gaps ?? []), ...missing] };
}

interface Times {
  readonly untilMs: number;
  /** Between two questions about a command. */
  readonly pauseMs: number;
}

interface LogsRun extends Times {
  readonly instanceId: string;
  readonly request: CollectRequest;
  readonly document: typeof READ_LOGS | typeof READ_ACCESS_LOG;
  readonly parameters: ReadLogsParameters | ReadAccessLogParameters;
}

/** What one document answers; a sentence where that is nothing. */
async function askDocument(
  { instanceId, request: { incidentId, fromMs, toMs }, untilMs, pauseMs, document, parameters }: LogsRun,
  ports: ServersPorts,
): Promise<ReadLogsOutput | string> {
  const comment = `Holdfast ${document.document} on ${instanceId} for ${incidentId}`;
  const command = await runOnServers(ports)({ instanceId, document, parameters: { ...parameters }, comment, untilMs, pauseMs });
  if (typeof command === 'string') return command;
  const answer = readAnswer(document.document, command, { fromMs, toMs });
  return typeof answer === 'string' ? `${answer} (command ${command.commandId}, ${command.statusDetails})` : answer;
}
