/** One client that keeps a WebSocket open: says something, waits to hear it again, and connects anew when it ends. */
import type { ClientRequest } from 'node:http';
import type { WebSocketReport } from './contract.ts';
import { followUpgrade, type OpenWebSocket } from './web-socket.ts';

export interface WebSocketPorts {
  /** Begins the request that asks for the upgrade. */
  readonly connect: () => ClientRequest;
  readonly thinkTimeMs: number;
  /** A text that has not come back by then is unanswered, and the connection is given up. */
  readonly answerTimeoutMs: number;
  readonly count: (what: keyof Omit<WebSocketReport, 'users'>) => void;
}

export class WebSocketUser {
  readonly #ports: WebSocketPorts;
  readonly #timers = new Set<NodeJS.Timeout>();
  #socket: OpenWebSocket | undefined;
  #request: ClientRequest | undefined;
  #said = 0;
  #stopped = false;

  constructor(ports: WebSocketPorts) {
    this.#ports = ports;
  }

  start(): void {
    if (this.#stopped) return;
    const { connect, count, thinkTimeMs } = this.#ports;
    const request = connect();
    this.#request = request;
    followUpgrade(request, {
      opened: (socket) => {
        count('opened');
        this.#socket = socket;
        this.#say();
      },
      text: (text) => {
        if (echoOf(text) !== String(this.#said)) return;
        this.#clearTimers();
        count('answered');
        this.#later(thinkTimeMs, () => this.#say());
      },
      ended: ({ how }) => {
        this.#socket = undefined;
        this.#clearTimers();
        if (this.#stopped) return;
        count(how);
        this.#later(thinkTimeMs, () => this.start());
      },
    });
  }

  stop(): void {
    this.#stopped = true;
    this.#clearTimers();
    this.#socket?.close();
    this.#request?.destroy();
  }

  #say(): void {
    const { answerTimeoutMs, count, thinkTimeMs } = this.#ports;
    this.#said += 1;
    this.#socket?.send(String(this.#said));
    this.#later(answerTimeoutMs, () => {
      count('unanswered');
      this.#socket?.close();
      this.#socket = undefined;
      this.#later(thinkTimeMs, () => this.start());
    });
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, ms);
    this.#timers.add(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}

function echoOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { echo?: unknown }).echo;
  } catch {
    return undefined;
  }
}
