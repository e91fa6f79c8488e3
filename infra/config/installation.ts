/** An installation: its network, its session store and its fleets, if it has any. Every key has a default that works; unknown keys are rejected. */
import { z } from 'zod';
import { FLEET_PATTERN } from '../../functions/deploy/settings/settings.ts';
import { MITIGATIONS, type MitigationName, MODES, type Mode, whyAsks } from '../../functions/incidents/contract/mitigations.ts';
import { notARegion, REGION_PATTERN } from '../../functions/shared/aws/partition.ts';
import { DEFAULT_INSTALLATION, INSTALLATION_PATTERN, INSTALLATION_RULE } from '../../functions/shared/naming.ts';
import { configuredSweepSettings } from '../../functions/sweep/settings-schema.ts';
import { subnetId, vpcId } from './aws-names.ts';
import { createdOrExisting, parsePart, writtenAs } from './created-or-existing.ts';
import { type FleetConfig, fleet } from './fleet.ts';
import { store } from './store.ts';
import { matching, whole } from './values.ts';

const isMode = (mode: string): mode is Mode => (MODES as readonly string[]).includes(mode);
const isMitigation = (name: string): name is MitigationName => (MITIGATIONS as readonly string[]).includes(name);

/** What an earlier version had, and what replaces it. */
const DO = 'a person has a mitigation carried out with "holdfast incidents do ID NAME"';
const IN_STEPS = 'is no mitigation any more: remove it; the steps of its causes have the commands';
const GONE_MITIGATIONS = ['restart-target', 'raise-ttl', 'keep-servers', 'shorten-anonymous', 'scale-store', 'volatile-eviction'];
const GONE_SETTINGS: Readonly<Record<string, string>> = {
  approvalMinutes: `is gone, since nothing waits for an answer: remove it; ${DO}`,
  keepServersMinutes: 'is now pageMinutes, the longest time of re-login-page: rename it',
};

/** `auto` only where a mitigation that fails can be undone. */
const readModes = z.record(z.string(), z.string()).superRefine((given, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  for (const [name, mode] of Object.entries(given)) {
    if (GONE_MITIGATIONS.includes(name)) refuse(name, IN_STEPS);
    else if (!isMitigation(name)) refuse(name, `is no mitigation; there are ${MITIGATIONS.join(', ')}`);
    else if (mode === 'approve') refuse(name, `has no mode approve any more: use observe; ${DO}`);
    else if (!isMode(mode)) refuse(name, `has no mode ${JSON.stringify(mode)}: use ${MODES.join(' or ')}`);
    else if (mode === 'auto' && whyAsks(name) !== undefined)
      refuse(name, `${whyAsks(name)}, so that it cannot be auto: use observe; ${DO}`);
  }
}) as unknown as z.ZodType<Partial<Record<MitigationName, Mode>>>;
const modes = writtenAs(readModes, z.record(z.string(), z.enum(MODES)));

const settings = z.strictObject({
  enabled: z.boolean().default(true).describe('alarms start runbooks; `false`: alarms notify people, and nothing else'),
  mitigations: modes
    .default({})
    .describe(
      'mode by mitigation: `observe` or `auto`. One that is not named is `observe`: the report names it, and a person has it carried out',
    ),
  mitigationsPerHour: whole(0, 20)
    .default(3)
    .describe(
      'maximum number of mitigations in any 60 minutes, for each fleet and as many for the store, by all runbooks together, 0 to 20',
    ),
  coolDownMinutes: whole(1, 1_440)
    .default(30)
    .describe('minutes after the start of a runbook in which further alarms of its kind join its incident, and start no other'),
  quietMinutes: whole(1, 1_440).default(10).describe('minutes for which all alarms of an incident must be OK until it is closed'),
  pageMinutes: whole(10, 1_440)
    .default(120)
    .describe('longest time of the mitigation `re-login-page`: it then ends with a message, even if the store has not recovered'),
});

export const incidents: z.ZodType<z.output<typeof settings>, z.input<typeof settings>> = writtenAs(
  z.unknown().transform((value, context) => parsePart(settings, value, context, (key) => GONE_SETTINGS[key])),
  settings,
) as never;

const createdNetwork = z.strictObject({
  cidr: matching(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|20)$/)
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

const sweep = configuredSweepSettings;

const watch = z.strictObject({
  collectMinutes: whole(1, 5).default(1).describe('minutes between two readings of the store, 1 to 5'),
  sampleSeconds: whole(60, 3_600)
    .default(300)
    .describe('seconds between two samples; the last 24 samples, two hours by default, show growth and what is usual'),
  sweepOverdueHours: whole(1, 168).default(26).describe('hours without a sweep after which the alarm `sweep-overdue` fires'),
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
  installation: matching(new RegExp(INSTALLATION_PATTERN), INSTALLATION_RULE)
    .default(DEFAULT_INSTALLATION)
    .describe(
      'begins the name of every resource. Use a name once per account, in all Regions: policies and roles of IAM are global. It must not begin with `aws`, `amazon`, `amzn`, `sthree-` or `sg-`, which AWS reserves',
    ),
  account: matching(/^\d{12}$/, 'must be twelve digits')
    .optional()
    .meta({ description: 'twelve digits', unset: "the stage's that the construct is in, else that of the credentials" }),
  region: matching(new RegExp(REGION_PATTERN), { error: ({ input }) => notARegion(input) })
    .default('us-east-1')
    .describe('Region of the installation; inside a stage of your own CDK app, that of the stage'),
  // A synthesis calls no AWS, so that it needs no credentials.
  zones: z
    .array(matching(/^[a-f]$/, 'must be the letter of a zone: b of eu-west-1b'))
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
    .record(matching(new RegExp(FLEET_PATTERN)), fleet)
    .default({})
    .describe('by name: lower-case letters, digits and hyphens, at most 24 characters. None with `store.sessions`'),
});

export type HoldfastConfig = z.output<typeof installation>;

export interface NamedFleet {
  readonly config: HoldfastConfig;
  readonly fleetName: string;
  readonly fleet: FleetConfig;
}
