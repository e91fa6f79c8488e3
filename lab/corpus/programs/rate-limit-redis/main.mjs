import express from 'express';
import { rateLimit } from 'express-rate-limit';
import { RedisStore } from 'rate-limit-redis';
import { createClient } from 'redis';

const client = createClient({ socket: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await client.connect();
const app = express();
const sendCommand = (...words) => client.sendCommand(words);
for (const [path, prefix] of [
  ['/', 'rl:'],
  ['/session', 'session:ratelimit:'],
])
  app.use(path, rateLimit({ windowMs: 900_000, limit: 100, store: new RedisStore({ sendCommand, prefix }), validate: false }));
app.use((_, response) => response.end('ok'));
const server = app.listen(0);
await fetch(`http://127.0.0.1:${server.address().port}/session`);
process.exit(0);
