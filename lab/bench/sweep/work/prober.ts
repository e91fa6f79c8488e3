/** A client in a process of its own: GETs a session every millisecond, and sends its times to the benchmark on request. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';

const PAUSE_MS = 1;

const [port = '', keys = ''] = process.argv.slice(2);
const redis = new Redis(Number(port), '127.0.0.1', { disableClientInfo: true });
let times: number[] = [];

process.on('message', (message) => {
  if (message === 'start') times = [];
  else process.send?.(times);
});
process.on('disconnect', () => process.exit(0));

for (let turn = 0; ; turn += 1) {
  const key = `sess:${(turn * 7_919) % Number(keys)}`;
  const startedMs = performance.now();
  await redis.get(key);
  times.push(performance.now() - startedMs);
  await sleep(PAUSE_MS);
}
