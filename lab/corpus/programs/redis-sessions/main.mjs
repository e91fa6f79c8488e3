import redisSessions from 'redis-sessions';

const RedisSessions = redisSessions.default ?? redisSessions;
const sessions = new RedisSessions({ port: Number(process.env.CORPUS_PORT), host: '127.0.0.1' });
const create = (id) => sessions.create({ app: 'shop', id, ip: '10.0.0.1', ttl: 3_600, d: { cart: 1 } });
const { token } = await create('ann');
console.log(`id alnum ${token}`);
await sessions.get({ app: 'shop', token });
await sessions.set({ app: 'shop', token, d: { visits: 1 } });
await sessions.kill({ app: 'shop', token: (await create('ben')).token });
process.exit(0);
