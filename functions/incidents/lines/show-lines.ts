import { describeError } from '../../shared/errors.ts';
import { parseJson } from '../../shared/json.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { refuseInvalid } from '../../shared/stated-request.ts';
import { chooseServers, MOST_SERVERS, pauseOf, type ServerRun } from '../collect/collect-servers.ts';
import { LONGEST_OUTPUT } from '../collect/read-answer.ts';
import { type LinesReply, linesStatement, type ServerLines, SHOW_LINES, showLinesOutput } from './contract.ts';

export interface Look {
  readonly fleet: string;
  readonly requestedBy: string;
  readonly atMs: number;
  readonly aroundMs: number;
  readonly minutes: number;
  readonly servers: readonly string[];
}

export interface LinesPorts {
  /** The fleet whose servers are asked: each has a function of its own. */
  readonly fleet: string;
  readonly log: Log;
  readonly now: () => number;
  readonly registered: () => Promise<readonly { readonly instanceId: string }[]>;
  readonly looks: {
    /** One at a time in a fleet, until `untilMs` at most. @returns false: another one is under way */
    begin(look: Look, untilMs: number): Promise<boolean>;
    end(fleet: string, untilMs: number): Promise<void>;
  };
  readonly run: ServerRun;
}

const UNCHANGED = 'No log was read.';
/** Below the function's own limit of 75 s; a command that nobody fetches is left behind, and changes nothing. */
export const LOOK_MS = 60_000;
const MINUTE_MS = 60_000;

const refuse = (error: Extract<LinesReply, { outcome: 'refused' }>['error'], message: string): LinesReply => ({
  outcome: 'refused',
  error,
  message: `${message} ${UNCHANGED}`,
});

/** The look is on record before a server is asked. */
export async function showLines(ports: LinesPorts, input: unknown): Promise<LinesReply> {
  const statement = linesStatement.safeParse(input);
  if (!statement.success) return refuseInvalid(UNCHANGED, 'Use the command "logs".');
  const { aroundMs, minutes, server, requestedBy } = statement.data;
  const { fleet } = ports;
  const registered = await ports.registered();
  const wanted = registered.filter(({ instanceId }) => server === undefined || instanceId === server);
  if (wanted.length === 0)
    return refuse(
      'NoSuchServer',
      server === undefined
        ? `No server is registered in the target group of ${fleet}.`
        : `${server} is not registered in the target group of ${fleet}: "status" lists its servers.`,
    );
  const servers = chooseServers(
    wanted.map(({ instanceId }) => ({ instanceId, fleet })),
    MOST_SERVERS,
  ).map(({ instanceId }) => instanceId);
  const atMs = ports.now();
  const untilMs = atMs + LOOK_MS;
  if (!(await ports.looks.begin({ fleet, requestedBy, atMs, aroundMs, minutes, servers }, untilMs)))
    return refuse('LookUnderWay', `Somebody reads logs of ${fleet} now, for a minute at most: ask again then.`);
  ports.log.info(LOG_EVENTS.linesShown, { fleet, requestedBy, aroundMs, minutes, servers });
  try {
    const [fromMs, toMs] = [aroundMs - minutes * MINUTE_MS, aroundMs + minutes * MINUTE_MS];
    const pauseMs = pauseOf(servers.length);
    const found = await Promise.all(servers.map((instanceId) => linesOf(ports.run, instanceId, { fromMs, toMs, untilMs, pauseMs })));
    return { outcome: 'shown', requestedBy, servers: found, notAsked: wanted.length - servers.length };
  } finally {
    await ports.looks.end(fleet, untilMs);
  }
}

type Times = { readonly fromMs: number; readonly toMs: number; readonly untilMs: number; readonly pauseMs: number };

async function linesOf(run: ServerRun, instanceId: string, { fromMs, toMs, untilMs, pauseMs }: Times): Promise<ServerLines> {
  const parameters = { fromMs: String(Math.max(0, Math.floor(fromMs))), toMs: String(Math.ceil(toMs)) };
  const comment = `Holdfast ${SHOW_LINES.document} on ${instanceId}`;
  const ended = await run({ instanceId, document: SHOW_LINES, parameters, comment, untilMs, pauseMs }).catch(describeError);
  if (typeof ended === 'string') return { instanceId, gap: ended };
  const line = ended.output.slice(0, LONGEST_OUTPUT).trim().split('\n').at(-1) ?? '';
  const parsed = showLinesOutput.safeParse(parseJson(line));
  if (parsed.success) return { instanceId, ...parsed.data };
  return { instanceId, gap: `its answer is none that the document gives (command ${ended.commandId}, ${ended.statusDetails})` };
}
