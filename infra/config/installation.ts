/** An installation: its network, its session store and its fleets, if it has any. Every key has a default that works; unknown keys are rejected. */
import { z } from 'zod';
import { FLEET_PATTERN } from '../../functions/deploy/settings/settings.ts';
import { notARegion } from '../../functions/shared/aws/known-regions.ts';
import { REGION_PATTERN } from '../../functions/shared/aws/partition.ts';
import { DEFAULT_INSTALLATION, INSTALLATION_PATTERN, INSTALLATION_RULE } from '../../functions/shared/naming.ts';
import { configuredSweepSettings } from '../../functions/sweep/settings-schema.ts';
import { subnetId, vpcId } from './aws-names.ts';
import { createdOrExisting } from './created-or-existing.ts';
import { fleet } from './fleet.ts';
import { incidents } from './incidents.ts';
import { store } from './store.ts';

const createdNetwork = z.strictObject({
  /** Has room for two subnets of 1,024 addresses per zone. */
  cidr: z
    .string()
    .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|20)$/)
    .default('10.0.0.0/16'),
});

const existingNetwork = z.strictObject({
  existing: z.strictObject({
    vpcId,
    /** Subnets of a created load balancer and created servers: at least two, in different zones. Required with fleets. */
    webSubnetIds: z.array(subnetId).min(2).optional(),
    /** Subnets of the store check, and of a created store. They can be private. */
    storeSubnetIds: z.array(subnetId).min(2),
  }),
});

const network = createdOrExisting(createdNetwork, existingNetwork, {
  created: 'applies to a created network only; this configuration has network.existing',
});
export type ExistingNetwork = z.output<typeof existingNetwork>['existing'];

/** How often Holdfast sweeps the session store, and how. */
const sweep = configuredSweepSettings;

/** How Holdfast watches the session store. */
const watch = z.strictObject({
  /** Minutes between two readings of the store. */
  collectMinutes: z.int().min(1).max(5).default(1),
  /** Seconds between two samples. A window of 24, two hours by default, shows growth and what is usual. */
  sampleSeconds: z.int().min(60).max(3_600).default(300),
  /** Hours without a sweep after which one is overdue: a day and two hours by default. */
  sweepOverdueHours: z.int().min(1).max(168).default(26),
  /**
   * Base address of these pages, for the links of alarms and reports: `https://git.example.com/holdfast/blob/main/docs`.
   * @default alarms and reports name paths of the repository
   */
  documentation: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional(),
});

export const installation = z.strictObject({
  installation: z.string().regex(new RegExp(INSTALLATION_PATTERN), INSTALLATION_RULE).default(DEFAULT_INSTALLATION),
  /** Twelve digits. Absent: the account of the CLI's credentials. */
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be twelve digits')
    .optional(),
  region: z
    .string()
    .regex(new RegExp(REGION_PATTERN), { error: ({ input }) => notARegion(input) })
    .default('us-east-1'),
  /** Letters of the Region's zones: synth looks nothing up, so that it needs no credentials. */
  zones: z
    .array(z.string().regex(/^[a-f]$/, 'must be the letter of a zone: b of eu-west-1b'))
    .min(2)
    .default(['a', 'b', 'c']),
  network: network.prefault({}),
  store: store.prefault({}),
  sweep: z.prefault(sweep, {}),
  watch: watch.prefault({}),
  /** What alarms start. */
  incidents: incidents.prefault({}),
  /** `protected` keeps data and rejects deletion; with `ephemeral`, `cdk destroy` removes everything. */
  retention: z.enum(['protected', 'ephemeral']).default('protected'),
  logRetentionDays: z.union([z.literal(1), z.literal(7), z.literal(30), z.literal(90), z.literal(365)]).default(30),
  /** `cli` deploys with the caller's own credentials, without bootstrap roles. */
  credentials: z.enum(['bootstrap', 'cli']).default('bootstrap'),
  /** @default none: Holdfast then watches the existing store whose sessions store.sessions names */
  fleets: z.record(z.string().regex(new RegExp(FLEET_PATTERN)), fleet).default({}),
});

export type HoldfastConfig = z.output<typeof installation>;
