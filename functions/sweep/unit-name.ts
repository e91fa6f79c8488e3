/**
 * Names of the units of a sweep. A unit is one primary's slots in one database, and has a branch of the state machine and a
 * checkpoint of its own: `0001` in a store without cluster mode, `0001/db3` for its database 3, `0-5460` in cluster mode, and
 * `0-5460/round2` where a later round sweeps slots that moved. Pure.
 */

/** Name of the only shard of a store without cluster mode, as ElastiCache names its node group. */
export const ONLY_SHARD = '0001';

export const unitOf = (database: number): string => (database === 0 ? ONLY_SHARD : `${ONLY_SHARD}/db${database}`);

/** @param range the widest range of a shard's slots @param round from 1 */
export const unitOfSlots = (range: string, round: number): string => (round === 1 ? range : `${range}/round${round}`);

/** Whether the unit is of a store without cluster mode. */
export const isOnlyShard = (unit: string): boolean => unit.split('/')[0] === ONLY_SHARD;

export const databaseOf = (unit: string): number => Number(/\/db(\d+)$/.exec(unit)?.[1] ?? 0);

/** The unit in messages and reports: `shard 0001, database 3`, `shard 0-5460, round 2`. */
export const describeUnit = (unit: string): string => `shard ${unit.replace('/db', ', database ').replace('/round', ', round ')}`;
