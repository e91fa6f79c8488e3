/** What a caller tells apart by `name`: a bundler may rename a class. No message contains an id, a user, or a value of a session. */
export class UserSessionsError extends Error {
  name = 'UserSessionsError';
}

/** An option of this package or of express-session has a value that is not permitted. */
export class InvalidOption extends UserSessionsError {
  name = 'InvalidOption';
}

/** The user or another argument of a call is not valid. Nothing was written. */
export class InvalidArgument extends UserSessionsError {
  name = 'InvalidArgument';
}

/** The session of this request has no user: it was not begun by `login`. Nothing was written. */
export class NotLoggedIn extends UserSessionsError {
  name = 'NotLoggedIn';
}

/** The session was ended, or timed out, while the request was being served. Nothing was written. */
export class SessionEnded extends UserSessionsError {
  name = 'SessionEnded';
}

/** The session has more bytes than `maxBytes`. What was stored before is unchanged. */
export class SessionTooLarge extends UserSessionsError {
  name = 'SessionTooLarge';
}

/** @throws InvalidOption that quotes the value */
export function checkWhole(name, value, { least, most }) {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidOption(`${name} is ${describe(value)}; it must be a whole number from ${least} to ${most}`);
}

/** @throws InvalidOption */
export function checkClient(client, commands) {
  const missing = commands.find((name) => typeof client?.[name] !== 'function');
  if (missing) throw new InvalidOption(`client has no ${missing}: pass a client or a cluster of node-redis`);
  if (client._options?.useReplicas)
    throw new InvalidOption('client reads from replicas (useReplicas), which are behind: a login could end the wrong sessions');
}

const describe = (value) => (typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value);
