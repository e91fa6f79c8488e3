import type { RedisStore } from 'connect-redis';

/**
 * What this package needs of a client, or a cluster, of node-redis 6. Here nothing has a time limit of its own, and node-redis's
 * `commandOptions.timeout` ends a command only until it is sent, a MULTI never: limit each call yourself (README.md, "Time limits").
 * A cluster must not read from replicas (`useReplicas`): InvalidOption.
 */
export interface StoreClient {
  set(key: string, value: string, options?: object): Promise<unknown>;
  get(key: string): Promise<string | null>;
  getEx(key: string, options: object): Promise<string | null>;
  // biome-ignore lint/suspicious/noExplicitAny: node-redis types these by the client's own type mapping.
  del(key: any): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  exists(key: any): Promise<unknown>;
  lRange(key: string, start: number, stop: number): Promise<unknown>;
  lRem(key: string, count: number, element: string): Promise<unknown>;
  // biome-ignore lint/suspicious/noExplicitAny: a chain of commands
  multi(): any;
}

export interface GuardedRedisStoreOptions {
  readonly client: Pick<StoreClient, 'set' | 'getEx' | 'del'>;
  /** Every key begins with it; its last character is a colon: `sess:shop:`. */
  readonly prefix: string;
  /** A session ends after this time without a request, whatever the age of its cookie: `cookie.maxAge` decides nothing in the store. */
  readonly idleSeconds: number;
  /** A session ends after this time, whatever its use. At least `idleSeconds`. */
  readonly absoluteSeconds: number;
  /**
   * The largest session as JSON, its cookie included. One that is above it already, of another store, is read, and every change that
   * leaves it above is refused. @default 65,536
   */
  readonly maxBytes?: number;
}

/**
 * A store for express-session, whose options `resave` and `saveUninitialized` must be false: with another value each save that shows it
 * fails with InvalidOption, and after three of them every request does.
 *
 * A save of a session that has ended is dropped at the end of an answer; the application's own `req.session.save` gives SessionEnded,
 * unless there is nothing to save. The end of an answer is known by `req.res`, which Express sets: on plain `node:http` or Connect set
 * `req.res = res` before express-session, or its saves count as the application's, and the two options are not noticed.
 *
 * A session above `maxBytes` gives SessionTooLarge, and one with a field `userSessions` InvalidArgument: that is the store's. Ids have no
 * colon: those of a former `genid` that do are not taken over. `regenerate` of a session with a user gives an error: `login` gives a new
 * id, `logout` ends it. `all`, `ids`, `length` and `clear` give an error: they would have to list every key.
 */
export class GuardedRedisStore extends RedisStore {
  constructor(options: GuardedRedisStoreOptions);
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly maxBytes: number;
}

/** A request that express-session has passed on. */
export interface RequestWithSession {
  readonly sessionID: string;
  readonly session?: object;
}

export interface UserSession {
  /** Names the session on a page: not its id, and no way to it. */
  readonly handle: string;
  readonly startedAt: Date;
  /** It is the session of this request. */
  readonly current: boolean;
}

/** Rejects with what the client rejects with when the store does not answer. */
export interface UserSessions {
  /**
   * Call it after the user has proved who it is, at a re-authentication too. It gives the request a new session with a new id, stores it,
   * and ends the previous one and the user's oldest ones above `max`. Fields that you set on `req.session` afterwards are saved with the
   * answer.
   *
   * When it rejects, the request has no session, and the new one logs nobody in; the previous one may still live, and so may others above
   * `max`. Send no cookie then, and let the user try again.
   *
   * `endAll` cannot end a login that has checked the former password and comes after it: read the password's version before the check
   * and again after this has resolved; if it has changed, call `logout`.
   * @param user the application's name of the user: always the same for the same person
   * @param keep fields that the new session takes over, such as a basket. @default none
   * @throws InvalidArgument, SessionTooLarge
   */
  login(req: RequestWithSession, user: string, keep?: readonly string[]): Promise<void>;
  /** Ends the session of this request. The request has none afterwards. */
  logout(req: RequestWithSession): Promise<void>;
  /** @returns the number of the user's other sessions, which are ended. @throws NotLoggedIn, SessionEnded */
  endOthers(req: RequestWithSession): Promise<number>;
  /** @param handle of `list` @returns whether the user had this session, which is ended. @throws NotLoggedIn, SessionEnded */
  end(req: RequestWithSession, handle: string): Promise<boolean>;
  /**
   * Ends every session of the user, for instance once a new password is stored. See `login` about a login that is under way.
   * @returns the number of the sessions that it ended
   * @throws InvalidArgument
   */
  endAll(user: string): Promise<number>;
  /** The user's sessions, newest first. @throws NotLoggedIn */
  list(req: RequestWithSession): Promise<UserSession[]>;
  /** Why the session that this request named no longer exists, for five minutes; undefined for a log-out, a time-out, and no session. */
  whyEnded(req: RequestWithSession): Promise<'newer-login' | 'ended' | undefined>;
}

export interface UserSessionsOptions {
  readonly client: StoreClient;
  readonly store: GuardedRedisStore;
  /** Hashes users, and makes handles: at least 32 characters, the same on every server. With another key the lists of users are new. */
  readonly userKey: string;
  /** Sessions that a user can have at once, from 1 to 100: a login ends the oldest above it. @default 1 */
  readonly max?: number;
}

/** @throws InvalidOption */
export function createUserSessions(options: UserSessionsOptions): UserSessions;

/** `name` is the name here, also in code that a bundler has made smaller. */
export class UserSessionsError extends Error {
  name: string;
}
export class InvalidOption extends UserSessionsError {
  name: 'InvalidOption';
}
export class InvalidArgument extends UserSessionsError {
  name: 'InvalidArgument';
}
export class NotLoggedIn extends UserSessionsError {
  name: 'NotLoggedIn';
}
export class SessionEnded extends UserSessionsError {
  name: 'SessionEnded';
}
export class SessionTooLarge extends UserSessionsError {
  name: 'SessionTooLarge';
}
