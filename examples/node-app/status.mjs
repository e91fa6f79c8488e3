import { pingStore } from './store.mjs';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Counts the requests that pass: in flight, served since the start, answered with 5xx. */
export function requestCounts() {
  const counts = { inFlight: 0, requests: 0, errors: 0 };
  const count = (_request, response, next) => {
    counts.inFlight += 1;
    counts.requests += 1;
    response.once('close', () => {
      counts.inFlight -= 1;
      if (response.statusCode >= 500) counts.errors += 1;
    });
    next();
  };
  return { counts, count };
}

/** What a load balancer and an operator ask of a server. Comes before the counting, so that no probe counts as a request. */
export function addProbes(app, { client, counts, version }) {
  // No word about the store here: a store's outage must not make the load balancer give up every server at once.
  app.get('/live', (_request, response) => {
    response.json({ status: 'UP', version });
  });

  app.get('/health', async (_request, response) => {
    try {
      await pingStore(client, 1_000);
      response.json({ status: 'UP', version });
    } catch (error) {
      response.status(503).json({ status: 'DOWN', version, reason: error.message });
    }
  });

  // For programs on this machine: what came through the load balancer carries X-Forwarded-For.
  app.get('/internal/status', (request, response) => {
    const local = LOOPBACK.has(request.socket.remoteAddress) && request.headers['x-forwarded-for'] === undefined;
    if (local) response.json(counts);
    else response.status(404).json({ error: 'not found' });
  });
}
