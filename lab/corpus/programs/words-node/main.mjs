import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [client] = process.argv.slice(2);
const { STORE_HOST: host, STORE_USER: username, STORE_PASSWORD: password, STORE_CA, STORE_WAITS } = process.env;
const port = Number(process.env.STORE_PORT);
const tls = STORE_CA ? { ca: readFileSync(STORE_CA), servername: 'localhost' } : undefined;

// Each call is an entry of the log, of several lines.
const print = console.error;
console.error = (...words) => {
  process.stderr.write('\x1e');
  print(...words);
};

async function open() {
  if (client === 'ioredis') {
    const { Redis } = await import('ioredis');
    const login = { ...(username && { username }), ...(password && { password }), ...(tls && { tls }) };
    // No listener for errors: it logs them itself.
    return new Redis({ host, port, ...login, connectTimeout: 2_000, commandTimeout: 1_500, maxRetriesPerRequest: 1 });
  }
  const { createClient } = await import('redis');
  const socket = { host, port, connectTimeout: 2_000, socketTimeout: 1_500, ...(tls && { ...tls, tls: true }) };
  const redis = createClient({ socket, username, password });
  redis.on('error', (error) => console.error('Redis Client Error', error));
  await Promise.race([redis.connect(), new Promise((resolve) => setTimeout(resolve, 2_500))]);
  return redis;
}

const use = async (redis) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), 4_000);
  });
  await Promise.race([redis.get('shop:1').then(() => redis.set('shop:1', 'ann')), late]);
  clearTimeout(timer);
};

const redis = await open();
if (STORE_WAITS) {
  await use(redis);
  console.log('\x1dready');
  await new Promise((resolve) => createInterface(process.stdin).once('line', resolve));
}
try {
  await use(redis);
} catch (error) {
  // As Express logs what a handler threw.
  if (error.message !== 'late') console.error(error.stack ?? String(error));
}
process.exit(0);
