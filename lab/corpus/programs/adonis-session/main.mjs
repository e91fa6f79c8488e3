import { readdirSync } from 'node:fs';
import { cuid } from '@adonisjs/core/helpers';
import Redis from 'ioredis';

// The package exports its store as part of an application alone.
const build = 'node_modules/@adonisjs/session/build';
const [file] = readdirSync(build).filter((name) => /^redis-.*\.js$/.test(name));
const { RedisStore } = await import(`./${build}/${file}`);
const store = new RedisStore(new Redis(Number(process.env.CORPUS_PORT)), 7_200);
const ann = cuid();
console.log(`id lower-alnum ${ann}`);
await store.write(ann, { user: 'ann' });
await store.write(ann, { ...(await store.read(ann)), visits: 1 });
await store.touch(ann);
const ben = cuid();
await store.write(ben, { user: 'ben' });
await store.destroy(ben);
process.exit(0);
