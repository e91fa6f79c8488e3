// Databases and services that look like a store in trouble. Each entry's first line names what was wrong.
import net from 'node:net';
import amqplib from 'amqplib';
import axios from 'axios';
import mongodb from 'mongodb';
import mysql from 'mysql2/promise';
import pg from 'pg';

const listen = (take) =>
  new Promise((resolve) => {
    const server = net.createServer((socket) => take(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1', () => resolve(server.address().port));
  });
const silent = await listen(() => undefined);
const closing = await listen((socket) => socket.once('data', () => socket.destroy()));
const later = await listen((socket) => setTimeout(() => socket.destroy(), 200));
const PORTS = { refused: 1, 'no answer': silent, closed: closing, 'closed later': later };

const CLIENTS = {
  pg: async (port) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'app', database: 'shop', connectionTimeoutMillis: 1_000 });
    await client.connect();
  },
  'pg pool': async (port) => new pg.Pool({ host: '127.0.0.1', port, connectionTimeoutMillis: 1_000 }).query('SELECT 1'),
  mysql2: async (port) => mysql.createConnection({ host: '127.0.0.1', port, user: 'app', connectTimeout: 1_000 }),
  mongodb: async (port) =>
    new mongodb.MongoClient(`mongodb://127.0.0.1:${port}`, { serverSelectionTimeoutMS: 1_000, connectTimeoutMS: 500 }).connect(),
  amqplib: async (port) => amqplib.connect(`amqp://127.0.0.1:${port}`, { timeout: 1_000 }),
  axios: async (port) => axios.get(`http://127.0.0.1:${port}/session`, { timeout: 1_000 }),
  fetch: async (port) => fetch(`http://127.0.0.1:${port}/`, { signal: AbortSignal.timeout(1_000) }),
};
process.on('uncaughtException', () => undefined);
for (const [name, connect] of Object.entries(CLIENTS))
  for (const [what, port] of Object.entries(PORTS)) {
    try {
      await Promise.race([connect(port), new Promise((resolve) => setTimeout(resolve, 3_000))]);
    } catch (error) {
      process.stderr.write(`\x1e${name}: ${what}\n`);
      // As most handlers log it, and as Express does.
      console.error(name.length % 2 ? error : (error.stack ?? String(error)));
    }
  }
// What a closed client throws of itself, in words that a store's client has as well.
const closed = {
  Error: [
    'Connection is closed.',
    'Connection terminated unexpectedly',
    'The client is closed',
    'Command timed out',
    'Socket closed unexpectedly',
  ],
};
for (const text of closed.Error) {
  process.stderr.write(`\x1ean application's own: ${text}\n`);
  console.error(new Error(text));
}
process.exit(0);
