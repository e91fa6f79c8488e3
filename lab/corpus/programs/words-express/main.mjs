// Sessions that Express and its neighbours cannot read or decrypt. Each entry's first line names what was wrong.
process.env.DEBUG = 'express-session';
const { Auth } = await import('@auth/core');
const Iron = (await import('@hapi/iron')).default;
const { RedisStore } = await import('connect-redis');
const express = (await import('express')).default;
const session = (await import('express-session')).default;

// Of what express-session traces, the line about what was wrong.
const write = process.stderr.write.bind(process.stderr);
process.stderr.write = (text) => (/ express-session (?!cookie signature)/.test(text) ? true : write(text));
const wrong = (name) => process.stderr.write(`\x1e${name}\n`);

/** Asks an application with a session that it cannot read. */
async function ask(name, options, cookie) {
  const app = express();
  app.use(session({ resave: false, saveUninitialized: false, secret: 'new', ...options }));
  app.get('/account', (_, response) => response.end());
  const server = app.listen(0);
  await new Promise((resolve) => server.once('listening', resolve));
  wrong(name);
  await fetch(`http://127.0.0.1:${server.address().port}/account`, { headers: { cookie } });
  server.close();
}

const signed = async (secret) => {
  const { createHmac } = await import('node:crypto');
  const id = 'Vrr1V1SLoHMzr0c_UcVT8rR9Wl0iJCJL';
  return `connect.sid=s%3A${id}.${encodeURIComponent(createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, ''))}`;
};
// Another codec wrote it: MessagePack.
const client = { get: async () => '\x82\xa4user\xa3ann', set: async () => 'OK', del: async () => 1 };
await ask('another codec', { store: new RedisStore({ client }) }, await signed('new'));
await ask('another secret, express-session', { store: new session.MemoryStore() }, await signed('old'));

const sealed = await Iron.seal({ user: 'ann' }, 'a password of the first server, 32', Iron.defaults);
wrong('another key, iron');
await Iron.unseal(sealed, 'a password of another server, 32.', Iron.defaults).catch((error) =>
  console.error(`yar: session cookie: ${error.stack}`),
);

wrong('another secret, Auth.js');
const { encode } = await import('@auth/core/jwt');
const token = await encode({ token: { sub: 'ann' }, secret: 'old', salt: 'authjs.session-token' });
await Auth(new Request('http://localhost/auth/session', { headers: { cookie: `authjs.session-token=${token}` } }), {
  secret: 'new',
  trustHost: true,
  basePath: '/auth',
  providers: [],
  logger: undefined,
});

// It says nothing of a cookie that it cannot read: what the application says of the empty session is in the log.
const cookieSession = (await import('cookie-session')).default;
const shop = express();
shop.use(cookieSession({ name: 'session', keys: ['new'] }));
shop.get('/account', (request, response) => response.end(request.session.user.name));
const server = shop.listen(0);
await new Promise((resolve) => server.once('listening', resolve));
const { createHmac } = await import('node:crypto');
const signature = (value, key) => createHmac('sha1', key).update(`session=${value}`).digest('base64url');
const kept = Buffer.from(JSON.stringify({ user: { name: 'ann' } })).toString('base64');
for (const [what, value, key] of [
  ['another secret, cookie-session', kept, 'old'],
  ['another codec, cookie-session', 'another codec', 'new'],
]) {
  wrong(what);
  await fetch(`http://127.0.0.1:${server.address().port}/account`, {
    headers: { cookie: `session=${value}; session.sig=${signature(value, key)}` },
  });
  // Express logs the error behind its answer.
  await new Promise((resolve) => setTimeout(resolve, 50));
}
wrong('no secret, cookie-session');
try {
  cookieSession({ name: 'session' });
} catch (error) {
  console.error(error.stack);
}
process.exit(0);
