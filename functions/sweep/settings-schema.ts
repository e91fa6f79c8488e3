import { z } from 'zod';
import { sweptDatabases } from '../shared/store/databases.ts';
import { POLICIES } from './keys/dialect.ts';
import { PREFIXED_FRAMEWORKS } from './keys/framework-prefixes.ts';
import { DEFAULT_SWEEP_SETTINGS as DEFAULT } from './settings.ts';

const policy = z.enum(POLICIES);
const dialectName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/);
/** Ten years: EXPIRE accepts it without overflow, and no session lives longer. */
const seconds = z.int().min(0).max(315_360_000);

const dialect = z.strictObject({
  name: dialectName,
  pattern: z.string().min(1).max(200),
  type: z.enum(['string', 'hash', 'set', 'zset', 'list', 'stream']),
  structural: z.boolean().default(false),
  idleSeconds: seconds.default(1_800),
});

/** Settings of sweeps that the configuration has in its parts `store` and `fleets`. */
const ELSEWHERE = { keyPrefixes: true, databases: true, applicationReadsReplicas: true } as const;

/** Settings of sweeps, as the function's environment has them. */
export const sweepSettings = z.strictObject({
  policy: policy.default(DEFAULT.policy),
  policies: z.record(dialectName, policy).default({}),
  idleSeconds: z.record(dialectName, seconds.min(1)).default({}),
  dialects: z.array(dialect).max(50).default([]),
  keyPrefixes: z.array(z.strictObject({ prefix: z.string().min(1), framework: z.enum(PREFIXED_FRAMEWORKS).optional() })).default([]),
  databases: sweptDatabases,
  applicationReadsReplicas: z.boolean().default(DEFAULT.applicationReadsReplicas),
  readFrom: z.enum(['replica', 'primary']).default(DEFAULT.readFrom),
  sampleEvery: z.int().min(1).max(100_000).default(DEFAULT.sampleEvery),
  maxDeletes: z.int().min(0).default(DEFAULT.maxDeletes),
  minTtlSeconds: seconds.min(60).default(DEFAULT.minTtlSeconds),
  jitterSeconds: seconds.default(DEFAULT.jitterSeconds),
  reconcile: z.boolean().default(DEFAULT.reconcile),
  pace: z.enum(['fast', 'gentle']).default(DEFAULT.pace),
  everyHours: z.int().min(1).max(168).default(DEFAULT.everyHours),
  coolDownMinutes: z.int().min(1).max(1_440).default(DEFAULT.coolDownMinutes),
});

/** Settings of sweeps in the configuration's part `sweep`. */
export const configuredSweepSettings = sweepSettings.omit(ELSEWHERE);
