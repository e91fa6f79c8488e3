/** An installation: its network, its session store and its fleets, if it has any. Every key has a default that works; unknown keys are rejected. */
import { z } from 'zod';
import { FLEET_PATTERN } from '../../functions/deploy/settings/settings.ts';
import { notARegion, REGION_PATTERN } from '../../functions/shared/aws/partition.ts';
import { DEFAULT_INSTALLATION, INSTALLATION_PATTERN, INSTALLATION_RULE } from '../../functions/shared/naming.ts';
import { configuredSweepSettings } from '../../functions/sweep/settings-schema.ts';
import { subnetId, vpcId } from './aws-names.ts';
import { createdOrExisting } from './created-or-existing.ts';
import { fleet } from './fleet.ts';
import { incidents } from './incidents.ts';
import { store } from './store.ts';

const createdNetwork = z.strictObject({
  cidr: z
    .string()
    .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|20)$/)
    .default('10.0.0.0/16')
    .describe('addresses of a created VPC, from /16 to /20: room for two subnets of 1,024 addresses per zone'),
});

const existingNetwork = z.strictObject({
  existing: z.strictObject({
    vpcId: vpcId.describe('your VPC'),
    webSubnetIds: z.array(subnetId).min(2).optional().meta({
      description: 'subnets of a created load balancer and created servers: at least two, in different zones',
      unset: 'required with fleets',
    }),
    storeSubnetIds: z
      .array(subnetId)
      .min(2)
      .describe('subnets of the functions that reach the store, and of a created store; they can be private'),
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
  collectMinutes: z.int().min(1).max(5).default(1).describe('minutes between two readings of the store, 1 to 5'),
  sampleSeconds: z
    .int()
    .min(60)
    .max(3_600)
    .default(300)
    .describe('seconds between two samples; the last 24 samples, two hours by default, show growth and what is usual'),
  sweepOverdueHours: z.int().min(1).max(168).default(26).describe('hours without a sweep after which the alarm `sweep-overdue` fires'),
  documentation: z
    .url({ protocol: /^https$/ })
    .max(300)
    .optional()
    .meta({
      description:
        'base address of these pages, such as `https://git.example.com/holdfast/blob/main/docs`: the links of alarms and reports begin with it',
      unset: 'none: they name paths of the repository',
    }),
});

export const installation = z.strictObject({
  installation: z
    .string()
    .regex(new RegExp(INSTALLATION_PATTERN), INSTALLATION_RULE)
    .default(DEFAULT_INSTALLATION)
    .describe(
      'begins the name of every resource. Use a name once per account, in all Regions: policies and roles of IAM are global. It must not begin with `aws`, `amazon`, `amzn`, `sthree-` or `sg-`, which AWS reserves',
    ),
  account: z
    .string()
    .regex(/^\d{12}$/, 'must be twelve digits')
    .optional()
    .meta({ description: 'twelve digits', unset: "the stage's that the construct is in, else that of the credentials" }),
  region: z
    .string()
    .regex(new RegExp(REGION_PATTERN), { error: ({ input }) => notARegion(input) })
    .default('us-east-1')
    .describe('Region of the installation; inside a stage of your own CDK app, that of the stage'),
  // A synthesis calls no AWS, so that it needs no credentials.
  zones: z
    .array(z.string().regex(/^[a-f]$/, 'must be the letter of a zone: b of eu-west-1b'))
    .min(2)
    .default(['a', 'b', 'c'])
    .describe(
      "letters of the Region's zones, for a created network. They differ by account: `holdfast init` and `holdfast doctor` read them from AWS, a synthesis does not",
    ),
  network: network.prefault({}).describe('the VPC: created, or yours'),
  store: store.prefault({}).describe('the session store: created, or yours'),
  sweep: z.prefault(sweep, {}),
  watch: watch.prefault({}).describe('how often Holdfast reads the store'),
  incidents: incidents.prefault({}).describe('what alarms start'),
  retention: z
    .enum(['protected', 'ephemeral'])
    .default('protected')
    .describe('`protected` keeps data and refuses deletion; with `ephemeral`, `cdk destroy` removes everything'),
  logRetentionDays: z
    .union([z.literal(1), z.literal(7), z.literal(30), z.literal(90), z.literal(365)])
    .default(30)
    .describe('days for which CloudWatch keeps the logs of Holdfast: 1, 7, 30, 90 or 365'),
  credentials: z
    .enum(['bootstrap', 'cli'])
    .default('bootstrap')
    .describe("`bootstrap` uses the roles of `cdk bootstrap`; `cli` deploys with the caller's own credentials"),
  fleets: z
    .record(z.string().regex(new RegExp(FLEET_PATTERN)), fleet)
    .default({})
    .describe('by name: lower-case letters, digits and hyphens, at most 24 characters. None with `store.sessions`'),
});

export type HoldfastConfig = z.output<typeof installation>;
