import * as z from '../schema.ts';

/** Databases that ElastiCache gives a store without a parameter group that says otherwise, as every engine does. */
export const DEFAULT_DATABASES = 16;
/** ElastiCache's maximum of the parameter `databases`. In cluster mode and in a serverless cache there is only database 0. */
const MAX_DATABASES = 10_000;
/** A sweep has a branch per database and primary. */
const MAX_SWEPT = 100;

/** The numbers of the databases that Holdfast repairs keys in, and whose keys without a TTL alarm: `store.databases`. */
export const sweptDatabases = z._default(
  z.array(z.whole(0, MAX_DATABASES - 1)).check(
    z.minLength(1),
    z.maxLength(MAX_SWEPT),
    z.refine((numbers: number[]) => new Set(numbers).size === numbers.length, { error: 'contains a database twice' }),
  ),
  [0],
);
