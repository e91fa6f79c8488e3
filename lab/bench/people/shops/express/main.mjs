/** A shop on Express: log-in, pages for users, public pages, hashed assets. `release.json` in the working folder says how a release differs. */
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { RedisStore } from 'connect-redis';
import cookieSession from 'cookie-session';
import express from 'express';
import session from 'express-session';
import { getIronSession } from 'iron-session';
import morgan from 'morgan';
import { createClient } from 'redis';

const release = JSON.parse(readFileSync('release.json', 'utf8'));
const { cookie, secret, prefix = '', sessions, asset, log, without = [] } = release;
const secrets = [secret, ...(release.alsoAccepts ? [release.alsoAccepts] : [])];
const { env } = process;

const counts = { inFlight: 0, requests: 0, errors: 0 };
const app = express();
app.set('trust proxy', true);
app.use((request, response, next) => {
  if (request.headers['x-forwarded-for'] === undefined || request.path === '/live') return next();
  counts.inFlight += 1;
  counts.requests += 1;
  response.once('close', () => {
    counts.inFlight -= 1;
    if (response.statusCode >= 500) counts.errors += 1;
  });
  response.set('x-release', env.HOLDFAST_VERSION);
  return next();
});
app.get('/live', (_, response) => response.json({ status: 'UP' }));
app.get('/internal/status', (_, response) => response.json(counts));
if (log !== undefined) {
  mkdirSync(path.join(env.HOLDFAST_DATA, 'logs'), { recursive: true });
  app.use(morgan(log.format, { stream: createWriteStream(path.join(env.HOLDFAST_DATA, log.path), { flags: 'a' }) }));
}

let store;
const keyPrefix = `${env.SESSION_STORE_KEY_PREFIX ?? 'sess:'}${prefix}`;
if (sessions === 'redis') {
  const client = createClient({
    username: env.SESSION_STORE_USER,
    password: env.SESSION_STORE_PASSWORD,
    socket: { host: env.SESSION_STORE_HOST, port: Number(env.SESSION_STORE_PORT), tls: env.SESSION_STORE_TLS === 'true' },
  });
  client.on('error', (error) => process.stderr.write(`session store: ${error.message}\n`));
  await client.connect();
  store = new RedisStore({ client, prefix: keyPrefix });
  app.get('/health', async (_, response) => {
    await client.set(`${keyPrefix}ready`, '1', { EX: 60 });
    response.json({ status: 'UP' });
  });
  const attributes = { secure: true, sameSite: release.sameSite };
  app.use(session({ name: cookie, secret: secrets, store, resave: false, saveUninitialized: false, cookie: attributes }));
} else {
  app.get('/health', (_, response) => response.json({ status: 'UP' }));
}
if (sessions === 'iron') {
  // It takes passwords of 32 letters or more; the last one seals.
  const password = Object.fromEntries(secrets.toReversed().map((one, index) => [index + 1, one.padEnd(32, '.')]));
  app.use(async (request, response, next) => {
    request.session = await getIronSession(request, response, { password, cookieName: cookie });
    next();
  });
} else if (sessions === 'cookie') {
  app.use(cookieSession({ name: cookie, keys: secrets, secure: true, sameSite: release.sameSite }));
}
app.use(express.urlencoded({ extended: false }));

const page = (title) => `<!doctype html><title>${title}</title><script src="/assets/app-${asset}.js"></script><p>${title}`;
const userOf = (request) => request.session?.user;
/** The others save what changed by themselves. */
const saved = async ({ session: changed }) => sessions === 'iron' && changed.save();

const isSentAway = (request) => release.turnsAway !== undefined && Number(/\d+$/.exec(userOf(request))?.[0] ?? 0) % release.turnsAway === 0;
const forUsers = (request, response, next) => {
  if (userOf(request) === undefined || release.loops || isSentAway(request)) return response.redirect('/login');
  return next();
};
app.get('/login', (request, response) => {
  if (userOf(request) !== undefined && release.loops) return response.redirect('/account');
  return response.send(page('Log in'));
});
app.post('/login', (request, response, next) => {
  const { user, password } = request.body;
  // The crowd has none.
  if (password !== undefined && password !== `secret of ${user}`) return response.status(401).send(page('Log in'));
  const begin = async () => {
    request.session.user = user;
    await saved(request);
    response.redirect('/account');
  };
  if (sessions !== 'redis') return begin();
  return request.session.regenerate((error) => (error ? next(error) : begin()));
});
app.get('/', (_, response) => response.send(page('Shop')));
app.get('/catalog', (_, response) => (release.renamed ? response.redirect(301, '/products') : response.send(page('Catalog'))));
app.get('/products', (_, response) => response.send(page('Products')));
app.get('/account', forUsers, (request, response) => response.send(page(`Account of ${userOf(request)}`)));
app.get('/cart', forUsers, (request, response) => response.send(page(`Cart: ${request.session.items ?? 0} items`)));
app.post('/cart', forUsers, async (request, response) => {
  request.session.items = (request.session.items ?? 0) + 1;
  await saved(request);
  response.redirect('/cart');
});
app.post('/logout', (request, response, next) => {
  if (sessions === 'redis') return request.session.destroy((error) => (error ? next(error) : response.redirect('/')));
  if (sessions === 'iron') request.session.destroy();
  else request.session = null;
  return response.redirect('/');
});
app.get('/orders', forUsers, (_, response) =>
  without.includes('right') ? response.status(403).send('No right') : response.send(page('Orders')),
);
app.get('/api/stock', (request, response) => (userOf(request) === undefined ? response.status(401).json({}) : response.json({ stock: 3 })));
app.get(`/assets/app-${asset}.js`, (_, response) => response.type('js').send('document.title'));

const server = app.listen(Number(env.PORT), env.HOST);
server.keepAliveTimeout = 75_000;
process.once('SIGTERM', () => server.close(() => process.exit(0)));
