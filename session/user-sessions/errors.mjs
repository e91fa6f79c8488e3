/** What a caller can tell apart by `name`. No message contains an id, a user, or a value of a session. */
export class UserSessionsError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** An option of this package or of express-session has a value that is not permitted. */
export class InvalidOption extends UserSessionsError {}

/** The user or another argument of a call is not valid. Nothing was written. */
export class InvalidArgument extends UserSessionsError {}

/** The session of this request has no user: it was not begun by `login`. Nothing was written. */
export class NotLoggedIn extends UserSessionsError {}

/** The session was ended, or timed out, while the request was being served. Nothing was written. */
export class SessionEnded extends UserSessionsError {}

/** The session has more bytes than `maxBytes`. What was stored before is unchanged. */
export class SessionTooLarge extends UserSessionsError {}

/** @throws InvalidOption that quotes the value */
export function checkWhole(name, value, { least, most }) {
  if (!Number.isSafeInteger(value) || value < least || value > most)
    throw new InvalidOption(`${name} is ${describe(value)}; it must be a whole number from ${least} to ${most}`);
}

/** @throws InvalidOption */
export function checkClient(client, commands) {
  const missing = commands.find((name) => typeof client?.[name] !== 'function');
  if (missing) throw new InvalidOption(`client has no ${missing}: pass a client or a cluster of node-redis`);
}

const describe = (value) => (typeof value === 'number' || typeof value === 'string' ? JSON.stringify(value) : typeof value);
