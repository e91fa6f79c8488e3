import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TrafficCommand, TrafficMessage, TrafficOptions, TrafficPhase, TrafficReport } from './contract.ts';
import { settle } from './run-traffic.ts';

/** Traffic in a process of its own, so that it neither slows nor is slowed by its owner's event loop. */
export interface Traffic {
  readonly pid: number;
  /** Every user has logged in. Rejects when that takes longer than `readyTimeoutMs` or the process ends first. */
  readonly ready: Promise<void>;
  /** Later answers count for `phase`; the first is `before`. */
  mark(phase: TrafficPhase): void;
  /** What was seen so far. @throws when the process has ended or does not answer within 5 s */
  snapshot(): Promise<TrafficReport>;
  /** Ends the traffic and its process. Asked again, gives the same report. */
  stop(): Promise<TrafficReport>;
}

const ANSWER_TIMEOUT_MS = 5_000;
/** The generator itself waits 2 s for requests on their way. */
const STOP_TIMEOUT_MS = 10_000;

/**
 * Starts traffic. The process ends with its owner, whatever becomes of it.
 *
 * @param readyTimeoutMs longest time until all users have logged in
 * @throws TypeError that quotes a URL that is none
 */
export function startTraffic(options: TrafficOptions, readyTimeoutMs = 30_000): Traffic {
  const settings = settle(options);
  const child = fork(fileURLToPath(new URL('./main.ts', import.meta.url)), [], {
    // Nothing of the owner's environment or flags: the traffic knows its options and no more.
    env: {},
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    // Its own group: Ctrl-C in the terminal reaches the owner, which asks for the report.
    detached: true,
  });
  const asked = new Map<number, PromiseWithResolvers<TrafficReport>>();
  const ready = Promise.withResolvers<void>();
  // Its owner may look at `ready` late or never.
  ready.promise.catch(() => {});
  const readyTimer = setTimeout(() => ready.reject(new Error(`not all users had logged in after ${readyTimeoutMs} ms`)), readyTimeoutMs);
  void ready.promise.finally(() => clearTimeout(readyTimer)).catch(() => {});

  child.on('message', (message: TrafficMessage) => {
    if (message.type === 'ready') ready.resolve();
    else asked.get(message.id)?.resolve(message.report);
  });
  let end: Error | undefined;
  const gone = endOf(child);
  void gone.then((reason) => {
    end = new Error(`the traffic generator ended: ${reason}`);
    ready.reject(end);
    for (const reply of asked.values()) reply.reject(end);
  });
  // A process that is gone has no channel; its end tells the caller.
  const tell = (command: TrafficCommand) => child.connected && child.send(command, () => {});
  tell({ type: 'start', settings });

  let lastId = 0;
  const ask = async (type: 'snapshot' | 'stop', timeoutMs: number): Promise<TrafficReport> => {
    if (end !== undefined) throw end;
    lastId += 1;
    const id = lastId;
    const reply = Promise.withResolvers<TrafficReport>();
    asked.set(id, reply);
    const timer = setTimeout(() => reply.reject(new Error(`the traffic generator did not answer within ${timeoutMs} ms`)), timeoutMs);
    tell({ type, id });
    try {
      return await reply.promise;
    } finally {
      clearTimeout(timer);
      asked.delete(id);
    }
  };

  let stopped: Promise<TrafficReport> | undefined;
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    mark: (phase) => {
      tell({ type: 'mark', phase });
    },
    snapshot: () => ask('snapshot', ANSWER_TIMEOUT_MS),
    stop: () => {
      stopped ??= ask('stop', STOP_TIMEOUT_MS).finally(() => {
        child.kill('SIGKILL');
        return gone;
      });
      return stopped;
    },
  };
}

/** Settles once the process has ended, with why: its last words, or its status. */
function endOf(child: ChildProcess): Promise<string> {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-1_000);
  });
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(words.trim() || (signal ?? `exit status ${code}`)));
  });
}
