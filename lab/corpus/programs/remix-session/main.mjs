import { setTimeout as sleep } from 'node:timers/promises';
import { createRedisSessionStorage } from '@remix-run/session-storage-redis';
import { createClient } from 'redis';

const client = createClient({ socket: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await client.connect();

async function login(user, options) {
  const storage = createRedisSessionStorage(client, options);
  const session = await storage.read(null);
  session.set('user', user);
  return { storage, id: await storage.save(session) };
}

const ann = await login('ann', { ttl: 3_600 });
console.log(`id uuid ${ann.id}`);
const again = await ann.storage.read(ann.id);
again.set('visits', 1);
again.flash('notice', 'welcome back');
await ann.storage.save(again);
// Without a ttl, as by default.
console.log(`id uuid ${(await login('tim')).id}`);
const ben = await login('ben', { ttl: 3_600 });
const ended = await ben.storage.read(ben.id);
ended.destroy();
await ben.storage.save(ended);
await login('eve', { ttl: 1 });
await sleep(1_500);
process.exit(0);
