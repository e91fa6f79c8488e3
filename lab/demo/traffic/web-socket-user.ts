/** One client that keeps a WebSocket open: sends a text, waits for its echo, and reconnects when the connection ends. */
import type { WebSocket } from 'ws';
import type { WebSocketReport } from './contract.ts';

export interface WebSocketPorts {
  readonly connect: () => WebSocket;
  readonly thinkTimeMs: number;
  /** A text without an echo by then counts as unanswered, and the connection is terminated. */
  readonly answerTimeoutMs: number;
  readonly count: (what: keyof Omit<WebSocketReport, 'users'>) => void;
}

/** The code that a client reports when no close frame arrived. @see https://www.rfc-editor.org/rfc/rfc6455#section-7.1.5 */
const NO_CLOSE_FRAME = 1006;

export class WebSocketUser {
  readonly #ports: WebSocketPorts;
  #timer: NodeJS.Timeout | undefined;
  #socket: WebSocket | undefined;
  #sent = 0;

  constructor(ports: WebSocketPorts) {
    this.#ports = ports;
  }

  start(): void {
    const { connect, count, thinkTimeMs } = this.#ports;
    const socket = connect();
    this.#socket = socket;
    let opened = false;
    socket.on('open', () => {
      opened = true;
      count('opened');
      this.#send();
    });
    socket.on('message', (text) => {
      if (this.#socket !== socket || echoOf(String(text)) !== String(this.#sent)) return;
      count('answered');
      this.#schedule(thinkTimeMs, () => this.#send());
    });
    // 'close' follows.
    socket.on('error', () => {});
    socket.on('close', (code) => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      count(opened ? (code === NO_CLOSE_FRAME ? 'cutOff' : 'closed') : 'refused');
      this.#schedule(thinkTimeMs, () => this.start());
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#terminate();
  }

  #send(): void {
    const { answerTimeoutMs, count, thinkTimeMs } = this.#ports;
    this.#sent += 1;
    this.#socket?.send(String(this.#sent));
    this.#schedule(answerTimeoutMs, () => {
      count('unanswered');
      this.#terminate();
      this.#schedule(thinkTimeMs, () => this.start());
    });
  }

  /** Ends the connection without counting its end. */
  #terminate(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.terminate();
  }

  /** Replaces the work that was scheduled before. */
  #schedule(ms: number, work: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(work, ms);
  }
}

function echoOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { echo?: unknown }).echo;
  } catch {
    return undefined;
  }
}
