/** Evidence of each cause with one fact that speaks against it: the cause must not be named then, neither first nor as well. */
import { NEAR_MISSES_IN_FRONT } from './cases-in-front.ts';
import type { NearMiss } from './near-miss.ts';
import { OF_THE_STORE } from './near-misses-of-the-store.ts';
import { OF_USERS } from './near-misses-of-users.ts';

export const NEAR_MISSES: readonly NearMiss[] = [...OF_USERS, ...OF_THE_STORE, ...NEAR_MISSES_IN_FRONT];
