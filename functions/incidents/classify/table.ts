/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import type { Row } from './row.ts';
import { deployInProgress } from './rows/logged-out/deploy-in-progress.ts';
import { routeMismatch } from './rows/logged-out/route-mismatch.ts';
import { stickinessOff } from './rows/logged-out/stickiness-off.ts';
import { storeConnectionFailures } from './rows/logged-out/store-connection-failures.ts';
import { timeoutTooShort } from './rows/logged-out/timeout-too-short.ts';
import { largeSessions } from './rows/session-explosion/large-sessions.ts';
import { missingExpiry } from './rows/session-explosion/missing-expiry.ts';
import { storeDown } from './rows/store-failure/store-down.ts';
import { storeFailingOver } from './rows/store-failure/store-failing-over.ts';
import { storeNotRedundant } from './rows/store-failure/store-not-redundant.ts';

export const ROWS: readonly Row[] = [
  storeNotRedundant,
  storeDown,
  storeFailingOver,
  storeConnectionFailures,
  stickinessOff,
  routeMismatch,
  timeoutTooShort,
  deployInProgress,
  missingExpiry,
  largeSessions,
];

export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
