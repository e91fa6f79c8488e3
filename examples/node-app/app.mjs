import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import express from 'express';
import { accessLog } from './access-log.mjs';
import { addOrders, unfinishedOrders } from './orders.mjs';
import { page } from './page.mjs';
import { printError } from './print.mjs';
import { COOKIE, COOKIE_NAME, destroy, regenerate, save, sessions } from './sessions.mjs';
import { LONGEST_SLOW_MS, slowly } from './slowly.mjs';
import { addProbes, isLocal, requestCounts } from './status.mjs';

const MOST_CHUNKS = 500;

const hashOf = (password) => createHash('sha256').update(String(password)).digest('hex');

/** The application: a session with a user, a count and orders. `criticalActions`: where orders outlive the session. */
export function createApp({ client, keyPrefix, cookieSecrets, criticalActions, dataFolder, version, server, modes }) {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Trust one proxy, the load balancer: its X-Forwarded-Proto shows whether the browser used HTTPS.
  app.set('trust proxy', 1);
  const { counts, count, countSessions } = requestCounts();
  addProbes(app, { client, counts, session: { route: modes.route, timeoutSeconds: modes.idleSeconds }, version });
  app.use(count);
  app.use(accessLog({ folder: dataFolder, cookieName: COOKIE_NAME, secrets: cookieSecrets }));

  app.get('/slow', async (request, response) => {
    response.json({ sleptMs: await slowly(request), version, server });
  });

  app.get('/download', async (request, response) => {
    const chunks = Math.min(Math.max(Number(request.query.chunks) || 1, 1), MOST_CHUNKS);
    const ms = Math.min(Math.max(Number(request.query.ms) || 0, 0), LONGEST_SLOW_MS);
    response.type('application/x-ndjson');
    for (let number = 1; number <= chunks && !response.destroyed; number += 1) {
      response.write(`${JSON.stringify({ chunk: number, of: chunks, version, server })}\n`);
      if (ms > 0) await sleep(ms / chunks);
    }
    response.end();
  });

  app.use(sessions({ client, keyPrefix, secrets: cookieSecrets, modes, countSessions }));
  app.use(express.json({ limit: '4kb' }));
  app.use((_request, response, next) => {
    response.set('Cache-Control', modes.cacheable ? 'max-age=60' : 'no-store');
    next();
  });

  app.get('/', async (request, response) => {
    const { user, count } = request.session;
    const orders = await unfinishedOrders(request.session, criticalActions);
    response.type('html').send(page({ user, count, orders, version, server }));
  });

  addOrders(app, criticalActions);

  // Begins a session of nobody, whose cookie's attributes an incident's runbook reads. Only for programs on this machine.
  app.get('/internal/session', async (request, response) => {
    if (!isLocal(request)) {
      response.status(404).json({ error: 'not found' });
      return;
    }
    request.session.probe = true;
    await save(request);
    response.status(204).end();
  });

  // Where sessions are in the server's memory, a deploy ends so what it has begun: it would wait for it as for a user's.
  app.get('/internal/session/end', async (request, response) => {
    if (!isLocal(request) || request.session.probe === undefined) {
      response.status(404).json({ error: 'not found' });
      return;
    }
    await destroy(request);
    response.status(204).end();
  });

  app.post('/login', async (request, response) => {
    const user = request.body?.user;
    if (typeof user !== 'string' || user.length < 1 || user.length > 64) {
      response.status(400).json({ error: 'user: a text of 1 to 64 characters' });
      return;
    }
    if (modes.passwordHash !== undefined && hashOf(request.body.password) !== modes.passwordHash) {
      response.status(401).json({ error: 'wrong name or password', version, server });
      return;
    }
    // A new id at login: an id that an attacker planted before is worthless afterwards.
    if (!modes.keepId) await regenerate(request);
    request.session.user = user;
    request.session.count = 0;
    if (modes.sessionBytes > 0) request.session.history = 'x'.repeat(modes.sessionBytes);
    await save(request);
    response.json({ user, version, server });
  });

  app.get('/count', async (request, response) => {
    if (!request.session.user) {
      response.status(401).json({ error: 'not logged in', version, server });
      return;
    }
    // A slow one changes a session that may end meanwhile.
    await slowly(request);
    request.session.count += 1;
    // Save before the answer: every count that a user has seen is in the store.
    await save(request);
    response.json({ user: request.session.user, count: request.session.count, version, server });
  });

  app.post('/logout', async (request, response) => {
    await destroy(request);
    response.clearCookie(COOKIE_NAME, { ...COOKIE, secure: request.secure });
    response.status(204).end();
  });

  app.use((error, _request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const status = error.status >= 400 && error.status < 500 ? error.status : client.isReady ? 500 : 503;
    const failed = status === 503 ? 'session store: not available, request failed' : 'request failed';
    if (status >= 500) printError(`${failed}: ${error.code ?? (error.message || error.name)}`);
    response.status(status).json({ error: status === 503 ? 'the session store is not available' : 'the request failed', version, server });
  });
  return app;
}
