/** What the servers' logs and the servers themselves show, by the document read-logs on each. */
import { readCommand } from '../../instance/read-command.ts';
import type { RunCommand } from '../../shared/aws/run-command.ts';
import { describeError } from '../../shared/errors.ts';
import type { Pause } from '../../shared/poll.ts';
import type { Collector, CollectRequest } from '../contract/collect.ts';
import { READ_LOGS, type ReadLogsParameters, readLogsOutput } from '../contract/read-logs.ts';
import type { ServerFacts } from '../contract/server-facts.ts';
import { describeServer, withCommonSample } from './describe-server.ts';

/** One command each, at the same time; spread over the fleet's ids where there are more. */
const MOST_SERVERS = 20;
/** Below the collector's own limit of 50 s. The document takes 30 s at most, mostly 2 s; an agent fetches a command within seconds. */
const LIMIT_MS = 42_000;
/** Twenty servers make ten calls a second. */
const PAUSE_MS = 2_000;

export interface ServersPorts {
  readonly runCommand: Pick<RunCommand, 'send' | 'describe'>;
  /** Physical name of read-logs. */
  readonly documentName: string;
  /** Instances and nodes that serve a fleet. @throws the SDK's errors */
  serversOf(fleet: string): Promise<readonly string[]>;
  readonly now: () => number;
  readonly pause: Pause;
}

/** A server that gives nothing is a gap of its own; the others count. */
export function createServersCollector(ports: ServersPorts): Collector<'servers'> {
  return async (request) => {
    const untilMs = ports.now() + LIMIT_MS;
    const found = (await Promise.all(request.fleets.map((fleet) => ports.serversOf(fleet)))).flat();
    const servers = [...new Set(found)].toSorted();
    if (servers.length === 0) return { gap: `no server is registered in ${request.fleets.join(', ')}` };
    const asked = servers.slice(0, MOST_SERVERS);
    const answers = await Promise.all(
      asked.map((instanceId) =>
        askServer(instanceId, request, untilMs, ports).catch((error: unknown): ServerFacts => ({ instanceId, gap: describeError(error) })),
      ),
    );
    return {
      takenAtMs: ports.now(),
      facts: { servers: withCommonSample(answers) },
      ...(servers.length > asked.length && {
        gaps: [`${servers.length - asked.length} of ${servers.length} servers were not asked: at most ${MOST_SERVERS} are`],
      }),
    };
  };
}

async function askServer(
  instanceId: string,
  { hashKey, fromMs, toMs, incidentId }: CollectRequest,
  untilMs: number,
  { runCommand, documentName, now, pause }: ServersPorts,
): Promise<ServerFacts> {
  const parameters: ReadLogsParameters = { hashKey, fromMs: String(Math.floor(fromMs)), toMs: String(Math.ceil(toMs)) };
  const comment = `Holdfast ${READ_LOGS.document} on ${instanceId} for ${incidentId}`;
  const commandId = await runCommand.send({ documentName, instanceId, parameters, comment });
  for (;;) {
    const command = await runCommand.describe(commandId, instanceId, READ_LOGS.step);
    if (command.state !== 'running')
      return describeServer(instanceId, readCommand(command, readLogsOutput, `${READ_LOGS.document} on ${instanceId}`));
    if (now() + PAUSE_MS > untilMs) {
      // It changes nothing, and ends by itself. Who may cancel a command may cancel every other one too: an install in the middle.
      const why = command.undelivered ? 'its agent did not fetch the command' : 'its logs were not read';
      return { instanceId, gap: `${why} within ${LIMIT_MS / 1000} s` };
    }
    await pause(PAUSE_MS);
  }
}
