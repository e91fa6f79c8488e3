import { randomUUID } from 'node:crypto';
import { unfinishedOrders } from '../node-app/orders.mjs';
import { save } from '../node-app/sessions.mjs';
import { slowly } from '../node-app/slowly.mjs';
import { errorPage, homePage, loginPage } from './pages.mjs';

/** A browser gets a page, a program JSON. */
export const wantsPage = (request) => request.accepts(['json', 'html']) === 'html';

/** To the home page after a form, or the answer as JSON. */
const answer = (request, response, body) => (wantsPage(request) ? response.redirect(303, '/') : response.json(body));

/** For routes that answer JSON alone: a form gets the home page, or a page that says what was wrong. */
export const pagesForForms = (names) => (request, response, next) => {
  if (request.method !== 'GET' && wantsPage(request))
    response.json = ({ error, outlivesSession }) => {
      if (error === undefined) response.redirect(303, outlivesSession === false ? '/?unsaved' : '/');
      else response.type('html').send(errorPage({ message: error, ...names }));
    };
  next();
};

/** Log in, count, log out, and the user's devices. */
export function addUserRoutes(app, { userSessions, clearCookie, criticalActions, names }) {
  const loggedIn = (request, response, next) => {
    if (request.session.user) next();
    else if (wantsPage(request)) response.redirect(303, '/');
    else response.status(401).json({ error: 'not logged in', ...names });
  };

  app.get('/', async (request, response) => {
    const { user, count } = request.session;
    response.type('html');
    if (!user) {
      response.send(loginPage({ why: await userSessions.whyEnded(request), ...names }));
      return;
    }
    const orders = {
      unfinished: await unfinishedOrders(request.session, criticalActions),
      kept: criticalActions ? 'table' : 'session',
      unsaved: request.query.unsaved !== undefined,
    };
    response.send(homePage({ user, count, orders, newOrder: randomUUID(), devices: await devicesOf(request), ...names }));
  });

  app.post('/login', async (request, response) => {
    const user = request.body?.user;
    if (typeof user !== 'string' || user.length < 1 || user.length > 64) {
      response.status(400).json({ error: 'user: a text of 1 to 64 characters' });
      return;
    }
    // A new id: one that an attacker planted before is worthless afterwards. An application checks the password first.
    await userSessions.login(request, user);
    // Nothing of the former session is taken over: it may have been another user's.
    Object.assign(request.session, { user, count: 0 });
    await save(request);
    answer(request, response, { user, ...names });
  });

  const count = [
    loggedIn,
    async (request, response) => {
      // A slow one changes a session that may end meanwhile.
      await slowly(request);
      request.session.count += 1;
      // Before the answer: every count that a user has seen is in the store, and an outage is an error page.
      await save(request);
      answer(request, response, { user: request.session.user, count: request.session.count, ...names });
    },
  ];
  app.get('/count', count);
  app.post('/count', count);

  app.post('/logout', async (request, response) => {
    // A request whose session had ended before it clears no cookie: the browser may have the one of a newer login by now. A log-out and a
    // login that the browser sends at once can still meet: the answer that arrives last decides about the cookie.
    const { user } = request.session;
    await userSessions.logout(request);
    if (user) {
      clearCookie(response);
      response.set('Clear-Site-Data', '"cache", "storage"');
    }
    if (wantsPage(request)) response.redirect(303, '/');
    else response.status(204).end();
  });

  app.get('/devices', loggedIn, async (request, response) => response.json({ devices: await devicesOf(request), ...names }));
  app.post('/devices/end-others', loggedIn, async (request, response) =>
    answer(request, response, { ended: await userSessions.endOthers(request), ...names }),
  );
  app.post('/devices/:handle/end', loggedIn, async (request, response) =>
    answer(request, response, { ended: await userSessions.end(request, request.params.handle), ...names }),
  );

  /** A session that was begun before the move to these sessions is in no list until the next login. */
  async function devicesOf(request) {
    try {
      return await userSessions.list(request);
    } catch (error) {
      if (error.name !== 'NotLoggedIn') throw error;
      return [];
    }
  }
}
