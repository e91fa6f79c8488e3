import { Redis } from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

const storeClient = new Redis(Number(process.env.CORPUS_PORT), '127.0.0.1');
for (const keyPrefix of ['rlflx', 'session_ratelimit', 'login_fail_ip_per_day']) {
  const limiter = new RateLimiterRedis({ storeClient, keyPrefix, points: 5, duration: 900 });
  await limiter.consume('203.0.113.7');
}
process.exit(0);
