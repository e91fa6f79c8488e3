/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import type { Row } from './row.ts';
import { cookieDoesNotSlide } from './rows/logged-out/cookie-does-not-slide.ts';
import { deployInProgress } from './rows/logged-out/deploy-in-progress.ts';
import { evictions } from './rows/logged-out/evictions.ts';
import { routeMismatch } from './rows/logged-out/route-mismatch.ts';
import { sameSiteStrict } from './rows/logged-out/same-site-strict.ts';
import { secureCookieOnHttp } from './rows/logged-out/secure-cookie-on-http.ts';
import { serversReplaced } from './rows/logged-out/servers-replaced.ts';
import { sessionChangesServer } from './rows/logged-out/session-changes-server.ts';
import { stickinessOff } from './rows/logged-out/stickiness-off.ts';
import { storeConnectionFailures } from './rows/logged-out/store-connection-failures.ts';
import { storeEmptied } from './rows/logged-out/store-emptied.ts';
import { storeFull } from './rows/logged-out/store-full.ts';
import { sweepShortened } from './rows/logged-out/sweep-shortened.ts';
import { timeoutTooShort } from './rows/logged-out/timeout-too-short.ts';
import { unreadableSessions } from './rows/logged-out/unreadable-sessions.ts';
import { largeSessions } from './rows/session-explosion/large-sessions.ts';
import { longLives } from './rows/session-explosion/long-lives.ts';
import { missingExpiry } from './rows/session-explosion/missing-expiry.ts';
import { moreUsers } from './rows/session-explosion/more-users.ts';
import { notSessions } from './rows/session-explosion/not-sessions.ts';
import { sessionPerRequest } from './rows/session-explosion/session-per-request.ts';
import { structuralGrowth } from './rows/session-explosion/structural-growth.ts';
import { unknownKeys } from './rows/session-explosion/unknown-keys.ts';
import { collectorCutOff } from './rows/store-failure/collector-cut-off.ts';
import { serverPartitioned } from './rows/store-failure/server-partitioned.ts';
import { storeDown } from './rows/store-failure/store-down.ts';
import { storeFailingOver } from './rows/store-failure/store-failing-over.ts';
import { storeNotRedundant } from './rows/store-failure/store-not-redundant.ts';
import { storeReadOnly } from './rows/store-failure/store-read-only.ts';
import { storeRejectsLogins } from './rows/store-failure/store-rejects-logins.ts';

export const ROWS: readonly Row[] = [
  stickinessOff,
  routeMismatch,
  sessionChangesServer,
  serversReplaced,
  // Errors of a full store are hints of both.
  storeFull,
  storeConnectionFailures,
  storeEmptied,
  evictions,
  unreadableSessions,
  sweepShortened,
  secureCookieOnHttp,
  cookieDoesNotSlide,
  timeoutTooShort,
  sameSiteStrict,
  deployInProgress,
  storeNotRedundant,
  storeDown,
  storeFailingOver,
  storeRejectsLogins,
  serverPartitioned,
  storeReadOnly,
  collectorCutOff,
  missingExpiry,
  largeSessions,
  sessionPerRequest,
  longLives,
  structuralGrowth,
  unknownKeys,
  notSessions,
  moreUsers,
];

export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
