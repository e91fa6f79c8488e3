import express from 'express';
import { accessLog } from '../node-app/access-log.mjs';
import { addOrders } from '../node-app/orders.mjs';
import { printError } from '../node-app/print.mjs';
import { slowly } from '../node-app/slowly.mjs';
import { addProbes, isLocal, requestCounts } from '../node-app/status.mjs';
import { errorPage, outagePage } from './pages.mjs';
import { primaryClient } from './primary-client.mjs';
import { sameOriginOnly, securityHeaders } from './security-headers.mjs';
import { createSessions } from './sessions.mjs';
import { STYLE } from './style.mjs';
import { addUserRoutes, pagesForForms, wantsPage } from './user-routes.mjs';

const RETRY_AFTER_SECONDS = 5;

/** The application of examples/node-app with hardened sessions. `criticalActions`: where orders outlive the session. */
export function createApp({ client, keyPrefix, cookieSecrets, criticalActions, dataFolder, version, server, sessions: settings }) {
  const names = { version, server };
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Trust one proxy, the load balancer: its X-Forwarded-Proto shows whether the browser used HTTPS.
  app.set('trust proxy', 1);
  const { counts, count } = requestCounts();
  addProbes(app, { client, counts, version });
  app.use(count);
  app.use(accessLog({ folder: dataFolder, cookieName: settings.cookieName, secrets: cookieSecrets }));
  app.get('/style.css', (_request, response) => response.type('css').set('Cache-Control', 'public, max-age=300').send(STYLE));
  app.use(securityHeaders, sameOriginOnly);

  app.get('/slow', async (request, response) => {
    response.json({ sleptMs: await slowly(request), ...names });
  });

  // Begins a session of nobody, whose cookie's attributes an incident's runbook reads. Only for programs on this machine, by plain HTTP.
  app.use('/internal/session', (request, response, next) => {
    if (!isLocal(request)) {
      response.status(404).json({ error: 'not found' });
      return;
    }
    Object.defineProperty(request, 'secure', { value: true });
    next();
  });

  const sessions = createSessions({ client: primaryClient(client), keyPrefix, secrets: cookieSecrets, settings });
  app.use(sessions.middleware);
  app.use(express.json({ limit: '4kb' }), express.urlencoded({ limit: '4kb', extended: false }));

  app.get('/internal/session', (request, response) => {
    request.session.probe = true;
    response.status(204).end();
  });

  addUserRoutes(app, { ...sessions, criticalActions, names });
  app.use('/orders', pagesForForms(names));
  addOrders(app, criticalActions);

  app.use((error, request, response, next) => {
    const { status, message } = describe(error);
    if (status >= 500)
      printError(`${status === 503 ? 'session store: not available, ' : ''}request failed: ${status === 503 ? error.message : error.name}`);
    if (response.headersSent) {
      next(error);
      return;
    }
    if (status === 503) response.set('Retry-After', String(RETRY_AFTER_SECONDS));
    response.status(status);
    if (!wantsPage(request)) response.json({ error: message, ...names });
    else response.type('html').send(status === 503 ? outagePage(names) : errorPage({ message, ...names }));
  });
  return app;
}

function describe(error) {
  if (error.name === 'StoreUnavailable') return { status: 503, message: 'the session store is not available' };
  if (error.name === 'SessionEnded' || error.name === 'NotLoggedIn') return { status: 401, message: 'not logged in' };
  if (error.name === 'SessionTooLarge') return { status: 413, message: error.message };
  if (error.status >= 400 && error.status < 500) return { status: error.status, message: 'the request is not valid' };
  return { status: 500, message: 'the request failed' };
}
