import { randomUUID } from 'node:crypto';
import { save } from './sessions.mjs';

const ORDER_ID = /^[A-Za-z0-9-]{1,64}$/;
const MOST_ITEMS = 99;

/**
 * Orders that a user has begun: in the session, and with `actions` in the table of critical actions as well. A user who has lost the
 * session and logs in again is offered them.
 */
export function addOrders(app, actions) {
  const kept = keeper(actions);

  app.use('/orders', (request, response, next) => {
    if (request.session.user) next();
    else response.status(401).json({ error: 'not logged in' });
  });

  app.post('/orders', async (request, response) => {
    // The browser's own id, so that a form that is sent twice is one order.
    const { id = randomUUID(), item, quantity = 1 } = request.body ?? {};
    const valid = typeof item === 'string' && item.length >= 1 && item.length <= 64 && Number.isInteger(quantity);
    if (!valid || quantity < 1 || quantity > MOST_ITEMS || typeof id !== 'string' || !ORDER_ID.test(id)) {
      response.status(400).json({ error: `item: a text of 1 to 64 characters; quantity: 1 to ${MOST_ITEMS}; id: letters, digits and "-"` });
      return;
    }
    const order = { item, quantity };
    const state = await kept.save(request.session.user, id, order);
    if (state === 'finished') {
      response.status(409).json({ error: 'this order was confirmed already' });
      return;
    }
    request.session.orders = { ...request.session.orders, [id]: order };
    await save(request);
    response.status(201).json({ id, ...order, outlivesSession: state === 'pending' });
  });

  app.get('/orders', async (request, response) => response.json({ orders: await unfinishedOrders(request.session, actions) }));

  app.post('/orders/:id/confirm', async (request, response) => {
    const { id } = request.params;
    if (!ORDER_ID.test(id)) {
      response.status(400).json({ error: 'id: letters, digits and "-"' });
      return;
    }
    const state = await kept.finish(request.session.user, id);
    const { [id]: inSession, ...others } = request.session.orders ?? {};
    if (!inSession && state === 'absent') {
      response.status(404).json({ error: 'no such order' });
      return;
    }
    request.session.orders = others;
    await save(request);
    response.json({ id, confirmed: true });
  });
}

/** The session's unfinished orders, and those that a lost session had begun. */
export async function unfinishedOrders({ user, orders = {} }, actions) {
  const offered = user ? await keeper(actions).pending(user) : [];
  const ofSession = Object.entries(orders).map(([id, order]) => ({ id, ...order }));
  const lost = offered.filter(({ id, kind }) => kind === 'order' && !(id in orders));
  return [...ofSession, ...lost.map(({ id, body }) => ({ id, ...body, offeredAgain: true }))];
}

/** The shop goes on without the table: its users then lose an order with their session, as without it. */
function keeper(actions) {
  const attempt = async (work, otherwise) => {
    if (!actions) return otherwise;
    try {
      return await work();
    } catch (error) {
      if (error.name !== 'CriticalActionsUnavailable') throw error;
      console.error(`critical actions: ${error.cause?.name ?? error.message}`);
      return otherwise;
    }
  };
  return {
    save: (user, id, body) => attempt(() => actions.save(user, { id, kind: 'order', body }), 'unknown'),
    finish: (user, id) => attempt(() => actions.finish(user, id), 'absent'),
    pending: (user) => attempt(() => actions.pending(user), []),
  };
}
