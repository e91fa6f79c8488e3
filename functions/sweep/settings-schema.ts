import * as z from '../shared/schema.ts';
import { sweptDatabases } from '../shared/store/store-settings.ts';
import { DEFAULT_SWEEP_SETTINGS as DEFAULT, POLICIES, PREFIXED_FRAMEWORKS } from './contract/settings.ts';
import { judgePattern } from './keys/key-pattern.ts';

const policy = z.enum(POLICIES);
const dialectName = z.matching(/^[a-z][a-z0-9-]{0,39}$/);
/** Ten years: EXPIRE accepts it without overflow, and no session lives longer. */
const seconds = z.whole(0, 315_360_000);

/** A dialect in addition to the catalogue. */
export const sweepDialect = z.strictObject({
  name: dialectName,
  pattern: z.text(1, 200),
  type: z.enum(['string', 'hash', 'set', 'zset', 'list', 'stream']),
  firstBytes: z.optional(z.matching(/^(?:[0-9a-f]{2}){1,16}$/)),
  field: z.optional(z.text(1, 128)),
  structural: z._default(z.boolean(), false),
  idleSeconds: z._default(seconds, 1_800),
});

/** Settings of sweeps that the configuration has in its parts `store` and `fleets`. */
const ELSEWHERE = { keyPrefixes: true, onlyKeyPrefixes: true, databases: true, applicationReadsReplicas: true, keepsPolicy: true } as const;

/** Settings of sweeps, as the function's environment has them. */
export const sweepSettings = z.strictObject({
  policy: z._default(policy, DEFAULT.policy),
  keepsPolicy: z.optional(z.boolean()),
  policies: z._default(z.record(dialectName, policy), {}),
  idleSeconds: z._default(z.record(dialectName, seconds.check(z.minimum(1))), {}),
  dialects: z._default(z.array(sweepDialect).check(z.maxLength(50)), []),
  keyPrefixes: z._default(
    z.array(z.strictObject({ prefix: z.string().check(z.minLength(1)), framework: z.optional(z.enum(PREFIXED_FRAMEWORKS)) })),
    [],
  ),
  onlyKeyPrefixes: z.optional(z.boolean()),
  databases: sweptDatabases,
  applicationReadsReplicas: z._default(z.boolean(), DEFAULT.applicationReadsReplicas),
  readFrom: z._default(z.enum(['replica', 'primary']), DEFAULT.readFrom),
  sampleEvery: z._default(z.whole(1, 100_000), DEFAULT.sampleEvery),
  maxDeletes: z._default(z.whole(0), DEFAULT.maxDeletes),
  minTtlSeconds: z._default(seconds.check(z.minimum(60)), DEFAULT.minTtlSeconds),
  jitterSeconds: z._default(seconds, DEFAULT.jitterSeconds),
  reconcile: z._default(z.boolean(), DEFAULT.reconcile),
  pace: z._default(z.enum(['fast', 'gentle']), DEFAULT.pace),
  everyHours: z._default(z.whole(1, 168), DEFAULT.everyHours),
  coolDownMinutes: z._default(z.whole(1, 1_440), DEFAULT.coolDownMinutes),
});

/** Settings of sweeps in the configuration's part `sweep`. */
export const configuredSweepSettings = z.extend(z.omit(sweepSettings, ELSEWHERE), { policy: z.optional(policy) }).check(
  z.superRefine(({ dialects }, context) => {
    for (const [at, one] of dialects.entries()) {
      const message = judgePattern(one);
      if (message !== undefined) context.addIssue({ code: 'custom', path: ['dialects', at, 'pattern'], message });
    }
  }),
);
