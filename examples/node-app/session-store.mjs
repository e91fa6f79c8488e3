import { printError } from './print.mjs';

/** Two ways of express-session's stores to lose a session, as servers with other frameworks do. */

/** Sessions whose id ends in another server's route do not exist here, as with a jvmRoute that the load balancer does not know. */
export function ownSessionsOnly(store, route) {
  const get = store.get.bind(store);
  store.get = (id, done) => (id.endsWith(`.${route}`) ? get(id, done) : done(null, null));
  return store;
}

/** A session that cannot be read is none, as with frameworks that catch the store's errors; the error is in the log. */
export function unreadableAsNone(store) {
  const get = store.get.bind(store);
  store.get = (id, done) =>
    get(id, (error, found) => {
      if (error) printError(`session store: the lookup failed: ${error.code ?? error.message}`);
      done(null, error ? null : found);
    });
  return store;
}
