import { pingStore } from './store.mjs';

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Answers that `latencyMs` is the median of: those of late, of a busy server and of a quiet one. */
const LATEST_ANSWERS = 50;

/**
 * Counts the requests that pass: in flight, served since the start, answered with 5xx; how long the latest answers took; and the
 * sessions in this server's memory, by what `countSessions` is given: none while they are in the store.
 */
export function requestCounts() {
  const tookMs = [];
  let sessionsInMemory = () => 0;
  const counts = {
    inFlight: 0,
    requests: 0,
    errors: 0,
    // The median: a download or a long poll does not distort it. Null before the first answer.
    get latencyMs() {
      return tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length / 2)] ?? null;
    },
    get sessions() {
      return sessionsInMemory();
    },
  };
  const countSessions = (number) => {
    sessionsInMemory = number;
  };
  const count = (_request, response, next) => {
    const startedAtMs = performance.now();
    counts.inFlight += 1;
    counts.requests += 1;
    response.once('close', () => {
      tookMs.push(Math.round(performance.now() - startedAtMs));
      if (tookMs.length > LATEST_ANSWERS) tookMs.shift();
      counts.inFlight -= 1;
      if (response.statusCode >= 500) counts.errors += 1;
    });
    next();
  };
  return { counts, count, countSessions };
}

/** What came through the load balancer carries X-Forwarded-For. */
export const isLocal = (request) => LOOPBACK.has(request.socket.remoteAddress) && request.headers['x-forwarded-for'] === undefined;

/**
 * The paths for load balancers and operators. Mounted before the counting, so that no probe counts as a request.
 *
 * @param session by which part of its id the load balancer knows this server's sessions, and after how many idle seconds they end
 */
export function addProbes(app, { client, counts, session, version }) {
  // Does not check the store: an outage of the store must not make the load balancer drop every server at once.
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

  // For programs on this machine.
  app.get('/internal/status', (request, response) => {
    if (isLocal(request)) response.json({ ...counts, session });
    else response.status(404).json({ error: 'not found' });
  });
}
