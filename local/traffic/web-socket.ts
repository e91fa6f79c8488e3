/** A client's side of a WebSocket: texts of up to 125 bytes, no extensions; the Origin's certificate as the sender has it. */
import { randomBytes } from 'node:crypto';
import type { ClientRequest } from 'node:http';
import type { Duplex } from 'node:stream';

export interface WebSocketEnd {
  /** `closed`: with a close frame, as a server that goes away does. `cutOff`: without one. `refused`: it was never open. */
  readonly how: 'closed' | 'cutOff' | 'refused';
  readonly status?: number;
}

export interface OpenWebSocket {
  send(text: string): void;
  close(): void;
}

export interface WebSocketHandlers {
  opened(socket: OpenWebSocket): void;
  text(text: string): void;
  /** Once, whatever becomes of it. */
  ended(end: WebSocketEnd): void;
}

export const UPGRADE_HEADERS = (): Record<string, string> => ({
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': randomBytes(16).toString('base64'),
});

const TEXT = 1;
const CLOSE = 8;
/** The server's answers are lines of JSON; more than this is not one. */
const MAX_FRAME_BYTES = 65_535;

/** @param outgoing a GET with {@link UPGRADE_HEADERS}, not ended yet */
export function followUpgrade(outgoing: ClientRequest, handlers: WebSocketHandlers): void {
  let over = false;
  const end = (what: WebSocketEnd): void => {
    if (over) return;
    over = true;
    handlers.ended(what);
  };
  outgoing.on('error', () => end({ how: 'refused' }));
  outgoing.on('response', (response) => {
    response.resume();
    end({ how: 'refused', status: response.statusCode ?? 0 });
  });
  outgoing.on('upgrade', (_response, socket, head) => {
    let closing = false;
    socket.on('error', () => socket.destroy());
    socket.on('close', () => end({ how: closing ? 'closed' : 'cutOff' }));
    handlers.opened({
      send: (text) => socket.write(frame(TEXT, text)),
      close: () => {
        over = true;
        socket.destroy();
      },
    });
    readFrames(socket, head, (opcode, payload) => {
      if (opcode === TEXT) handlers.text(payload.toString('utf8'));
      if (opcode !== CLOSE) return;
      closing = true;
      socket.end();
    });
  });
  outgoing.end();
}

/** Clients mask what they send (RFC 6455, 5.3). */
function frame(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new RangeError(`a text of ${payload.length} bytes is too long: 125 at most`);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] as number));
  return Buffer.concat([Buffer.from([0x80 | opcode, 0x80 | payload.length]), mask, masked]);
}

function readFrames(socket: Duplex, head: Buffer, took: (opcode: number, payload: Buffer) => void): void {
  let received = head;
  const read = (): void => {
    while (received.length >= 2) {
      const short = (received[1] as number) & 0x7f;
      if (short === 126 && received.length < 4) return;
      const [start, length] = short === 126 ? [4, received.readUInt16BE(2)] : [2, short];
      if (short === 127 || length > MAX_FRAME_BYTES) return void socket.destroy();
      if (received.length < start + length) return;
      const opcode = (received[0] as number) & 0x0f;
      const payload = received.subarray(start, start + length);
      received = received.subarray(start + length);
      took(opcode, payload);
    }
  };
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    read();
  });
  read();
}
