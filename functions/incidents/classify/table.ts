/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import { type Row, tableOf } from './row.ts';
import { LOGGED_OUT } from './rows/logged-out.ts';
import { LOGGED_OUT_BY_STORE } from './rows/logged-out-by-store.ts';
import { LOGGED_OUT_IN_FRONT } from './rows/logged-out-in-front.ts';
import { SESSION_EXPLOSION } from './rows/session-explosion.ts';
import { STORE_FAILURE } from './rows/store-failure.ts';

export const ROWS: readonly Row[] = [
  ...tableOf('logged-out', [...LOGGED_OUT_BY_STORE, ...LOGGED_OUT_IN_FRONT, ...LOGGED_OUT]),
  ...tableOf('store-failure', STORE_FAILURE),
  ...tableOf('session-explosion', SESSION_EXPLOSION),
];

export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
