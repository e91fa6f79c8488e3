import { createHash } from 'node:crypto';

/** RFC 6455, 1.3: what a server adds to the client's key to show that it knows the protocol. */
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const GOING_AWAY = 1001;
const TOO_BIG = 1009;

/**
 * A WebSocket that says every text of up to 125 bytes again, with the server's name: enough to see a connection move.
 *
 * @returns closes every open one as a server that goes away, so that clients connect again elsewhere
 */
export function addSocket(httpServer, path, names) {
  const open = new Set();
  httpServer.on('upgrade', (request, socket) => {
    const key = request.headers['sec-websocket-key'];
    socket.on('error', () => socket.destroy());
    if (request.url.split('?')[0] !== path || key === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      received = answerFrames(socket, received, names);
    });
  });
  return () => {
    for (const socket of open) socket.end(closeFrame(GOING_AWAY));
  };
}

/** Answers each whole frame; gives what is left of the next one. */
function answerFrames(socket, bytes, names) {
  let rest = bytes;
  while (rest.length >= 6) {
    const opcode = rest[0] & 0x0f;
    const length = rest[1] & 0x7f;
    if (length > 125) {
      socket.end(closeFrame(TOO_BIG));
      return Buffer.alloc(0);
    }
    if (rest.length < 6 + length) break;
    const payload = rest.subarray(6, 6 + length).map((byte, index) => byte ^ rest[2 + (index % 4)]);
    rest = rest.subarray(6 + length);
    if (opcode === TEXT) socket.write(frame(TEXT, Buffer.from(JSON.stringify({ echo: Buffer.from(payload).toString('utf8'), ...names }))));
    else if (opcode === PING) socket.write(frame(PONG, payload));
    else if (opcode === CLOSE) socket.end(frame(CLOSE, payload));
  }
  return rest;
}

function frame(opcode, payload) {
  const head = payload.length < 126 ? [0x80 | opcode, payload.length] : [0x80 | opcode, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}

const closeFrame = (code) => frame(CLOSE, Buffer.from([code >> 8, code & 0xff]));
