import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { SMALL_NEW_GENERATION } from '../node-flags.ts';
import type { TrafficCommand, TrafficMessage, TrafficOptions, TrafficPhase, TrafficReport } from './contract.ts';
import { settle } from './run-traffic.ts';

/** Traffic in a separate process: it shares no event loop with its owner, so neither slows the other. */
export interface Traffic {
  readonly pid: number;
  /** Resolves when every user has logged in. Rejects after `readyTimeoutMs`, or when the process ends first. */
  readonly ready: Promise<void>;
  /** Later answers count for `phase`; the first is `before`. */
  mark(phase: TrafficPhase): void;
  /** The report so far. @throws Error when the process has ended or does not reply within 5 s */
  snapshot(): Promise<TrafficReport>;
  /** Ends the traffic and its process. A second call returns the same report. */
  stop(): Promise<TrafficReport>;
}

const ANSWER_TIMEOUT_MS = 5_000;
/** The generator itself waits up to 2 s for requests in flight. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts traffic. The process ends when its owner ends, for whatever reason.
 *
 * @param readyTimeoutMs longest time until all users have logged in
 * @throws TypeError when the URL is not valid
 */
export function startTraffic(options: TrafficOptions, readyTimeoutMs = 30_000): Traffic {
  const settings = settle(options);
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [], {
    // The owner's environment and flags are not passed on: the traffic depends on its options only.
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning', SMALL_NEW_GENERATION],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Its own process group: Ctrl-C in the terminal reaches only the owner, which requests the report.
    detached: true,
  });
  const pending = new Map<number, PromiseWithResolvers<TrafficReport>>();
  const ready = Promise.withResolvers<void>();
  // The owner may await `ready` late or never.
  ready.promise.catch(() => {});
  const readyTimer = setTimeout(() => ready.reject(new Error(`not all users had logged in after ${readyTimeoutMs} ms`)), readyTimeoutMs);
  void ready.promise.finally(() => clearTimeout(readyTimer)).catch(() => {});

  child.on('message', (message: TrafficMessage) => {
    if (message.type === 'ready') ready.resolve();
    else pending.get(message.id)?.resolve(message.report);
  });
  let end: Error | undefined;
  const ended = endOf(child);
  void ended.then((reason) => {
    end = new Error(`the traffic generator ended: ${reason}`);
    ready.reject(end);
    for (const reply of pending.values()) reply.reject(end);
  });
  // A process that has ended has no channel; its end rejects every pending request.
  const send = (command: TrafficCommand) => child.connected && child.send(command, () => {});
  send({ type: 'start', settings });

  let lastId = 0;
  const request = async (type: 'snapshot' | 'stop', timeoutMs: number): Promise<TrafficReport> => {
    if (end !== undefined) throw end;
    lastId += 1;
    const id = lastId;
    const reply = Promise.withResolvers<TrafficReport>();
    pending.set(id, reply);
    const timer = setTimeout(() => reply.reject(new Error(`the traffic generator did not answer within ${timeoutMs} ms`)), timeoutMs);
    send({ type, id });
    try {
      return await reply.promise;
    } finally {
      clearTimeout(timer);
      pending.delete(id);
    }
  };

  let stopped: Promise<TrafficReport> | undefined;
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    mark: (phase) => {
      send({ type: 'mark', phase });
    },
    snapshot: () => request('snapshot', ANSWER_TIMEOUT_MS),
    stop: () => {
      stopped ??= request('stop', STOP_TIMEOUT_MS).finally(() => {
        child.kill('SIGKILL');
        return ended;
      });
      return stopped;
    },
  };
}

/** Resolves when the process has ended, with the reason: the end of its standard error, or its exit status. */
function endOf(child: ChildProcess): Promise<string> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-1_000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(stderr.trim() || (signal ?? `exit status ${code}`)));
  });
}
