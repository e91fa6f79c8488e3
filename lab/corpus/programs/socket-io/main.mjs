import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';

const client = createClient({ socket: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await client.connect();
// So that what a closed connection missed can be sent to it again.
const server = new Server(0, { adapter: createAdapter(client), connectionStateRecovery: { maxDisconnectionDuration: 120_000 } });
server.on('connection', (socket) => {
  socket.join('news');
  server.to('news').emit('hello', 'world');
});
const port = server.httpServer.address().port;
const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'] });
await new Promise((resolve) => socket.on('hello', resolve));
console.log(`id base64url ${socket.id}\nid base64url ${socket._pid}`);
socket.io.engine.close();
await sleep(500);
for await (const keys of client.scanIterator({ MATCH: 'sio:session:*' }))
  for (const key of keys) console.log(`id base64 ${await client.get(key)}`);
const uid = server.of('/').adapter.uid;
if (uid) console.log(`id hex ${uid}`);
process.exit(0);
