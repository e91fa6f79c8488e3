import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { createClient } from 'redis';

const client = createClient({ socket: { host: '127.0.0.1', port: Number(process.env.CORPUS_PORT) } });
await client.connect();
const auth = betterAuth({
  secret: 'a secret of the corpus, of thirty-two letters or more',
  baseURL: 'http://127.0.0.1:3000',
  database: memoryAdapter({ user: [], account: [], session: [], verification: [] }),
  emailAndPassword: { enabled: true },
  secondaryStorage: {
    get: (key) => client.get(key),
    set: (key, value, ttl) => (ttl ? client.set(key, value, { EX: ttl }) : client.set(key, value)),
    delete: (key) => client.del(key),
  },
});

const [email, password] = ['ann@example.com', 'correct horse battery'];
const ann = await auth.api.signUpEmail({ body: { name: 'Ann', email, password } });
console.log(`id alnum ${ann.user.id}\nid alnum ${ann.token}`);
const headers = (response) =>
  new Headers({
    cookie: response.headers
      .getSetCookie()
      .map((one) => one.split(';')[0])
      .join('; '),
  });
const signIn = (rememberMe) => auth.api.signInEmail({ body: { email, password, rememberMe }, asResponse: true });
const again = await signIn(false);
console.log(`id alnum ${(await again.clone().json()).token}`);
await auth.api.getSession({ headers: headers(again) });
await auth.api.signOut({ headers: headers(await signIn(true)) });
for (const token of [ann.token, (await again.json()).token]) {
  const { session } = JSON.parse(await client.get(token));
  console.log(`id alnum ${session.id}`);
}
process.exit(0);
