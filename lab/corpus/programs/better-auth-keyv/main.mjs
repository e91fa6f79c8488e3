import KeyvValkey from '@keyv/valkey';
import { betterAuth } from 'better-auth';
import { memoryAdapter } from 'better-auth/adapters/memory';
import { Keyv } from 'keyv';

const keyv = new Keyv({ store: new KeyvValkey(`redis://127.0.0.1:${process.env.CORPUS_PORT}`), namespace: 'auth' });
const auth = betterAuth({
  secret: 'a secret of the corpus, of thirty-two letters',
  baseURL: 'http://localhost:3000',
  database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
  emailAndPassword: { enabled: true },
  secondaryStorage: {
    get: async (key) => (await keyv.get(key)) ?? null,
    set: (key, value, seconds) => keyv.set(key, value, seconds ? seconds * 1000 : undefined),
    delete: (key) => keyv.delete(key),
  },
});
const { token, user } = await auth.api.signUpEmail({ body: { email: 'ann@example.com', password: 'a good password', name: 'Ann' } });
const { session } = JSON.parse(await keyv.get(token));
for (const id of [token, user.id, session.id]) console.log(`id alnum ${id}`);
process.exit(0);
