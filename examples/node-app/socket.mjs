import { WebSocketServer } from 'ws';

const GOING_AWAY = 1001;

/**
 * A WebSocket that echoes every text of up to 125 bytes with the server's name: enough to see a connection move.
 *
 * @returns closes every open one with "going away", so that clients reconnect elsewhere
 */
export function addSocket(server, path, names) {
  const sockets = new WebSocketServer({ server, path, maxPayload: 125, closeTimeout: 2_000 });
  sockets.on('connection', (socket) => {
    // A message that is too long, or a lost connection: ws closes the socket.
    socket.on('error', () => {});
    socket.on('message', (text) => socket.send(JSON.stringify({ echo: text.toString(), ...names })));
  });
  return () => {
    for (const socket of sockets.clients) socket.close(GOING_AWAY);
  };
}
