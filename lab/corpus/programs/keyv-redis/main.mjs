import KeyvRedis, { Keyv } from '@keyv/redis';

const store = new KeyvRedis(`redis://127.0.0.1:${process.env.CORPUS_PORT}`);
const cache = new Keyv({ store, namespace: 'session' });
await cache.set('profile:ann', { name: 'Ann', theme: 'dark' }, 3_600_000);
await cache.set('3f1c8a52-7d4e-4b6a-9c21-0e5f7a8b9c01', ['cart', 3]);
process.exit(0);
