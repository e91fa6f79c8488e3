import { z } from 'zod';

/** Databases that ElastiCache gives a store without a parameter group that says otherwise, as every engine does. */
export const DEFAULT_DATABASES = 16;
/** ElastiCache's maximum of the parameter `databases`. In cluster mode and in a serverless cache there is only database 0. */
const MAX_DATABASES = 10_000;
/** A sweep has a branch per database and primary. */
const MAX_SWEPT = 100;

/** The numbers of the databases that Holdfast repairs keys in, and whose keys without a TTL alarm: `store.databases`. */
export const sweptDatabases = z
  .array(
    z
      .int()
      .min(0)
      .max(MAX_DATABASES - 1),
  )
  .min(1)
  .max(MAX_SWEPT)
  .refine((numbers) => new Set(numbers).size === numbers.length, { message: 'contains a database twice' })
  .default([0]);
