// A site on each framework of Node.js: GET / visits, POST /login gives a user a session, GET /account uses it, POST /logout ends it.
import { createServer } from 'node:http';

const [framework, variant] = process.argv.slice(2);
const port = Number(process.env.PORT);
const SECRET = 'a secret of the corpus, of thirty-two letters';
const is = (name) => variant === name;

/** Settings of a cookie as each variant has them; times in milliseconds. */
const attributes = {
  default: {},
  hardened: { httpOnly: true, secure: true, sameSite: 'strict', path: '/' },
  rolling: { maxAge: 1_800_000, secure: true, sameSite: 'lax' },
  aged: { maxAge: 1_800_000, secure: true, sameSite: 'lax' },
  embedded: { secure: true, sameSite: 'none', partitioned: true },
  path: { path: '/account', httpOnly: true },
  untrusted: { secure: true },
}[variant];

/** A server of Node.js from a function of a web-standard request. */
const serve = (answer) =>
  createServer(async (incoming, outgoing) => {
    const chunks = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const url = `https://${incoming.headers.host}${incoming.url}`;
    const body = ['GET', 'HEAD'].includes(incoming.method) ? undefined : Buffer.concat(chunks);
    const response = await answer(new Request(url, { method: incoming.method, headers: incoming.headers, body }));
    outgoing.statusCode = response.status;
    for (const [name, value] of response.headers) if (name !== 'set-cookie') outgoing.setHeader(name, value);
    const set = response.headers.getSetCookie();
    if (set.length > 0) outgoing.setHeader('set-cookie', set);
    outgoing.end(Buffer.from(await response.arrayBuffer()));
  }).listen(port, '127.0.0.1');

/** A server of functions of Node.js' own requests. */
const plain = (answer) => createServer((request, response) => answer(request, response)).listen(port, '127.0.0.1');

const SITES = {
  async 'express-session'() {
    const [{ default: express }, { default: session }] = await Promise.all([import('express'), import('express-session')]);
    const app = express();
    if (!is('untrusted')) app.set('trust proxy', 1);
    const name = is('hardened') ? '__Host-SID' : 'connect.sid';
    app.use(
      session({
        secret: SECRET,
        name,
        resave: false,
        saveUninitialized: is('default') || is('path'),
        rolling: is('rolling'),
        cookie: attributes,
      }),
    );
    app.get('/', (_, response) => response.send('shop'));
    app.post('/login', (request, response, next) =>
      request.session.regenerate((error) => {
        if (error) return next(error);
        request.session.user = 'ann';
        response.redirect(303, '/account');
      }),
    );
    app.get('/account', (request, response) => response.set('cache-control', 'private, no-cache').send(request.session.user ?? 'nobody'));
    app.post('/logout', (request, response) => request.session.destroy(() => response.clearCookie(name, attributes).redirect(303, '/')));
    app.listen(port, '127.0.0.1');
  },
  async 'cookie-session'() {
    const [{ default: express }, { default: session }] = await Promise.all([import('express'), import('cookie-session')]);
    const app = express();
    app.set('trust proxy', 1);
    app.use(session({ secret: SECRET, ...attributes }));
    app.get('/', (request, response) => {
      request.session.visits = 1;
      response.send('shop');
    });
    app.post('/login', (request, response) => {
      request.session = { user: 'ann' };
      response.redirect(303, '/account');
    });
    app.get('/account', (request, response) => {
      if (is('rolling')) request.session.at = Math.floor(Date.now() / 1_000);
      response.send(request.session.user ?? 'nobody');
    });
    app.post('/logout', (request, response) => {
      request.session = null;
      response.redirect(303, '/');
    });
    app.listen(port, '127.0.0.1');
  },
  async 'iron-session'() {
    const { getIronSession } = await import('iron-session');
    const options = {
      password: SECRET,
      cookieName: 'app-session',
      ...(is('aged') && { ttl: 1_800 }),
      ...(is('hardened') && { ttl: 0, cookieOptions: { maxAge: undefined, sameSite: 'strict' } }),
    };
    plain(async (request, response) => {
      const session = await getIronSession(request, response, options);
      if (request.url === '/login') session.user = 'ann';
      else if (request.url === '/') session.visits = 1;
      if (request.url === '/logout') session.destroy();
      else if (request.url !== '/account' || is('aged')) await session.save();
      response.end(session.user ?? 'nobody');
    });
  },
  async 'koa-session'() {
    const [{ default: Koa }, { default: session }] = await Promise.all([import('koa'), import('koa-session')]);
    const app = new Koa();
    app.keys = [SECRET];
    app.proxy = true;
    app.use(session({ ...attributes, rolling: is('rolling'), renew: is('aged'), ...(is('hardened') && { maxAge: 'session' }) }, app));
    app.use((context) => {
      if (context.path === '/login') {
        context.session = { user: 'ann' };
        context.redirect('/account');
      } else if (context.path === '/logout') {
        context.session = null;
        context.redirect('/');
      } else {
        if (context.path === '/') context.session.visits = 1;
        context.body = context.session.user ?? 'nobody';
      }
    });
    app.listen(port, '127.0.0.1');
  },
  async 'fastify-session'() {
    const [{ default: fastify }, { default: cookie }, { default: session }] = await Promise.all([
      import('fastify'),
      import('@fastify/cookie'),
      import('@fastify/session'),
    ]);
    const app = fastify({ trustProxy: true });
    app.register(cookie);
    app.register(session, { secret: SECRET, rolling: !is('aged'), saveUninitialized: is('default'), cookie: attributes });
    app.get('/', async () => 'shop');
    app.post('/login', { config: { rawBody: true } }, async (request, reply) => {
      await request.session.regenerate();
      request.session.user = 'ann';
      return reply.redirect('/account', 303);
    });
    app.get('/account', async (request) => request.session.user ?? 'nobody');
    app.post('/logout', async (request, reply) => {
      await request.session.destroy();
      return reply.redirect('/', 303);
    });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_, payload, done) => {
      payload.resume();
      done(null);
    });
    await app.listen({ port, host: '127.0.0.1' });
  },
  async 'fastify-secure-session'() {
    const [{ default: fastify }, { default: session }] = await Promise.all([import('fastify'), import('@fastify/secure-session')]);
    const app = fastify({ trustProxy: true });
    const { maxAge, ...others } = attributes;
    const cookie = { path: '/', ...others, ...(maxAge && { maxAge: maxAge / 1_000 }) };
    app.register(session, { key: Buffer.alloc(32, 7), cookie, ...(maxAge && { expiry: maxAge / 1_000 }) });
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_, payload, done) => {
      payload.resume();
      done(null);
    });
    app.get('/', async (request) => {
      request.session.set('visits', 1);
      return 'shop';
    });
    app.post('/login', async (request, reply) => {
      request.session.regenerate();
      request.session.set('user', 'ann');
      return reply.redirect('/account', 303);
    });
    app.get('/account', async (request) => {
      if (is('rolling')) request.session.touch();
      return request.session.get('user') ?? 'nobody';
    });
    app.post('/logout', async (request, reply) => {
      request.session.delete();
      return reply.redirect('/', 303);
    });
    await app.listen({ port, host: '127.0.0.1' });
  },
  async yar() {
    const [{ default: Hapi }, { default: yar }] = await Promise.all([import('@hapi/hapi'), import('@hapi/yar')]);
    const server = Hapi.server({ port, host: '127.0.0.1' });
    const { maxAge, sameSite, secure = true } = attributes;
    const cookieOptions = {
      password: SECRET,
      isSecure: secure,
      ...(maxAge && { ttl: maxAge }),
      ...(sameSite && { isSameSite: sameSite === 'lax' ? 'Lax' : 'Strict' }),
    };
    await server.register({ plugin: yar, options: { storeBlank: is('default'), cookieOptions } });
    server.route([
      { method: 'GET', path: '/', handler: () => 'shop' },
      {
        method: 'POST',
        path: '/login',
        handler: (request, h) => {
          request.yar.reset();
          request.yar.set('user', 'ann');
          return h.redirect('/account');
        },
      },
      { method: 'GET', path: '/account', handler: (request) => request.yar.get('user') ?? 'nobody' },
      {
        method: 'POST',
        path: '/logout',
        handler: (request, h) => {
          request.yar.reset();
          return h.redirect('/');
        },
      },
    ]);
    await server.start();
  },
  async 'auth-js'() {
    const [{ Auth, skipCSRFCheck }, { default: Credentials }] = await Promise.all([
      import('@auth/core'),
      import('@auth/core/providers/credentials'),
    ]);
    const config = {
      secret: SECRET,
      trustHost: true,
      basePath: '/auth',
      skipCSRFCheck,
      ...(is('aged') && { session: { maxAge: 1_800 } }),
      providers: [Credentials({ credentials: { user: {} }, authorize: ({ user }) => ({ id: '1', name: user }) })],
    };
    serve((request) => Auth(request, config));
  },
  async 'better-auth'() {
    const { betterAuth } = await import('better-auth');
    const auth = betterAuth({
      secret: SECRET,
      baseURL: 'https://shop.example',
      emailAndPassword: { enabled: true },
      ...(is('rolling') && { session: { expiresIn: 1_800, updateAge: 0, cookieCache: { enabled: true, maxAge: 300 } } }),
    });
    const body = { email: 'ann@shop.example', password: 'a password of the corpus', name: 'ann' };
    await auth.api.signUpEmail({ body });
    const send = (request, path, json) =>
      auth.handler(
        new Request(`https://shop.example/api/auth${path}`, {
          method: json ? 'POST' : 'GET',
          headers: { cookie: request.headers.get('cookie') ?? '', 'content-type': 'application/json', origin: 'https://shop.example' },
          ...(json && { body: JSON.stringify(json) }),
        }),
      );
    serve((request) => {
      const { pathname } = new URL(request.url);
      if (pathname === '/login') return send(request, '/sign-in/email', body);
      return pathname === '/logout' ? send(request, '/sign-out', {}) : send(request, '/get-session');
    });
  },
  async remix() {
    const { createCookieSessionStorage } = await import('@remix-run/node');
    const { maxAge, ...others } = attributes;
    const cookie = { name: '__session', secrets: [SECRET], ...others, ...(maxAge && { maxAge: maxAge / 1_000 }) };
    const { getSession, commitSession, destroySession } = createCookieSessionStorage({ cookie });
    serve(async (request) => {
      const { pathname } = new URL(request.url);
      const session = await getSession(request.headers.get('cookie'));
      if (pathname === '/login') session.set('user', 'ann');
      if (pathname === '/') session.set('visits', 1);
      const headers = { location: '/account' };
      if (pathname === '/logout') headers['set-cookie'] = await destroySession(session);
      else if (pathname !== '/account' || is('rolling')) headers['set-cookie'] = await commitSession(session);
      return new Response(session.get('user') ?? 'nobody', { status: request.method === 'POST' ? 302 : 200, headers });
    });
  },
  async hono() {
    const [{ Hono }, { setSignedCookie, getSignedCookie, deleteCookie }] = await Promise.all([import('hono'), import('hono/cookie')]);
    const app = new Hono();
    const { maxAge, sameSite, ...others } = attributes;
    const options = {
      ...others,
      ...(maxAge && { maxAge: maxAge / 1_000 }),
      ...(sameSite && { sameSite }),
      ...(is('hardened') && { prefix: 'host' }),
    };
    const name = 'sid';
    app.get('/', (c) => c.text('shop'));
    app.post('/login', async (c) => {
      // What was before goes, in its old place too.
      if (is('aged')) deleteCookie(c, name, { path: '/login' });
      await setSignedCookie(c, name, 'ann', SECRET, options);
      return c.redirect('/account');
    });
    app.get('/account', async (c) => c.text((await getSignedCookie(c, SECRET, name)) || 'nobody'));
    app.post('/logout', (c) => {
      deleteCookie(c, name, options);
      return c.redirect('/');
    });
    serve((request) => app.fetch(request));
  },
  async 'hono-sessions'() {
    const [{ Hono }, { sessionMiddleware, MemoryStore }] = await Promise.all([import('hono'), import('hono-sessions')]);
    const app = new Hono();
    const { maxAge, sameSite } = attributes;
    app.use(
      '*',
      sessionMiddleware({
        store: new MemoryStore(),
        encryptionKey: SECRET,
        ...(maxAge && { expireAfterSeconds: maxAge / 1_000 }),
        ...(sameSite && { cookieOptions: { sameSite: sameSite === 'lax' ? 'Lax' : 'Strict', path: '/', httpOnly: true, secure: true } }),
      }),
    );
    app.get('/', (c) => c.text('shop'));
    app.post('/login', (c) => {
      const session = c.get('session');
      c.set('session_key_rotation', true);
      session.set('user', 'ann');
      return c.redirect('/account');
    });
    app.get('/account', (c) => c.text(c.get('session').get('user') ?? 'nobody'));
    app.post('/logout', (c) => {
      c.get('session').deleteSession();
      return c.redirect('/');
    });
    serve((request) => app.fetch(request));
  },
  async h3() {
    const { createApp, eventHandler, toNodeListener, useSession, getRequestPath } = await import('h3');
    const app = createApp();
    const { maxAge, ...cookie } = attributes;
    app.use(
      eventHandler(async (event) => {
        const options = {
          password: SECRET,
          ...(maxAge && { maxAge: maxAge / 1_000 }),
          ...(sameKeys(cookie) && { cookie: { path: '/', httpOnly: true, ...cookie } }),
        };
        const session = await useSession(event, options);
        const path = getRequestPath(event);
        if (path === '/login') await session.update({ user: 'ann' });
        if (path === '/account' && is('rolling')) await session.update({});
        if (path === '/logout') await session.clear();
        return session.data.user ?? 'nobody';
      }),
    );
    plain(toNodeListener(app));
  },
  async 'next-session'() {
    const { default: nextSession } = await import('next-session');
    const { maxAge, ...cookie } = attributes;
    const getSession = nextSession({
      cookie: { ...cookie, ...(maxAge && { maxAge: maxAge / 1_000 }) },
      ...(is('rolling') && { touchAfter: 0 }),
    });
    plain(async (request, response) => {
      const session = await getSession(request, response);
      if (request.url === '/login') session.user = 'ann';
      if (request.url === '/') session.visits = 1;
      if (request.url === '/logout') await session.destroy();
      response.end(session.user ?? 'nobody');
    });
  },
  async 'client-sessions'() {
    const { default: sessions } = await import('client-sessions');
    const duration = attributes.maxAge ?? 86_400_000;
    const middleware = sessions({
      cookieName: 'session',
      secret: SECRET,
      duration,
      activeDuration: is('rolling') ? duration : 0,
      ...(is('hardened') && { cookie: { ephemeral: true, httpOnly: true, secure: true, secureProxy: true } }),
      ...(is('aged') && { cookie: { maxAge: duration } }),
    });
    plain((request, response) =>
      middleware(request, response, (error) => {
        // A cookie for HTTPS alone.
        if (error) return void response.end();
        if (request.url === '/login') request.session.user = 'ann';
        if (request.url === '/') request.session.visits = 1;
        if (request.url === '/logout') request.session.reset();
        response.end(request.session.user ?? 'nobody');
      }),
    );
  },
};
const sameKeys = (cookie) => Object.keys(cookie).length > 0;

await SITES[framework]();
