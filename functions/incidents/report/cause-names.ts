/** Causes in a few plain words, for subjects and for lists of what it can be. */
import type { Cause } from '../contract/causes.ts';

export const CAUSE_NAMES: Readonly<Record<Cause, string>> = {
  'stickiness-off': 'stickiness is off',
  'route-mismatch': "a server's route is not its own",
  'session-changes-server': 'sessions change servers',
  'servers-replaced': 'servers were replaced',
  'timeout-too-short': 'sessions time out too soon',
  'cookie-does-not-slide': 'the cookie is never renewed',
  'same-site-strict': 'the cookie is SameSite=Strict',
  'secure-cookie-on-http': 'a Secure cookie on plain HTTP',
  'store-connection-failures': 'servers cannot use the store',
  'store-full': 'the store is full',
  'store-emptied': 'the store was emptied',
  evictions: 'the full store deletes sessions',
  'unreadable-sessions': 'a release cannot read sessions',
  'deploy-in-progress': 'a deploy logs users out',
  'sweep-shortened': 'a sweep shortened sessions',
  'secret-differs': 'servers have different secrets',
  'same-site-lax': 'POSTs come back without a Lax cookie',
  'cookies-stripped': 'cookies do not arrive',
  'front-refuses': 'requests are refused in front',
  'sign-in-fails': 'the sign-in fails',
  'store-down': 'the store is down',
  'store-not-redundant': 'the store is down, without failover',
  'store-failing-over': 'the store fails over',
  'store-read-only': 'servers write to a read-only node',
  'server-partitioned': 'servers are cut off from the store',
  'store-rejects-logins': 'the store refuses logins',
  'collector-cut-off': 'only the collector is cut off',
  'store-slow': 'the store is busy or slow',
  'missing-expiry': 'sessions without a TTL fill the store',
  'large-sessions': 'large sessions fill the store',
  'session-per-request': 'each request creates a session',
  'long-lives': 'sessions stay too long',
  'structural-growth': "a framework's own keys fill the store",
  'unknown-keys': 'unknown keys fill the store',
  'more-users': 'there are more users',
  'not-sessions': 'other data fills the store',
};

/** The most that a list names. */
const MOST = 3;

/** `the store is full; servers were replaced; and 2 more` */
export const causeList = (causes: readonly Cause[]): string =>
  [...causes.slice(0, MOST).map((cause) => CAUSE_NAMES[cause]), ...(causes.length > MOST ? [`and ${causes.length - MOST} more`] : [])].join(
    '; ',
  );
