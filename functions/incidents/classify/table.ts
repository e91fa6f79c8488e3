/** Every cause, in the order in which they are named when the evidence proves several. docs/incidents.md is made from it. */
import type { Cause } from '../contract/causes.ts';
import type { Row } from './judge-row.ts';
import { SESSION_EXPLOSION, STORE_FAILURE } from './rows-of-store.ts';
import { LOGGED_OUT } from './rows-of-users.ts';

export const ROWS: readonly Row[] = [...LOGGED_OUT, ...STORE_FAILURE, ...SESSION_EXPLOSION];
export const rowOf = (cause: Cause): Row | undefined => ROWS.find((row) => row.cause === cause);
