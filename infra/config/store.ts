import { z } from 'zod';
import { sweptDatabases } from '../../functions/shared/store/databases.ts';
import { arn, securityGroupId } from './aws-names.ts';
import { createdOrExisting } from './created-or-existing.ts';
import { nodeType } from './machine-types.ts';
import { framework, keyPrefix, storeApplication, storeUserName } from './sessions.ts';
import { maintenanceWindow, snapshotWindow } from './store-windows.ts';

/** The newest ElastiCache version of each engine that Holdfast was tested with. */
const DEFAULT_ENGINE_VERSION = { valkey: '8.0', redis: '7.1' } as const;

const engine = z.enum(['valkey', 'redis']).default('valkey');
const engineVersion = z.string().regex(/^\d+\.\d+$/);
const host = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/, 'must be a host name, without scheme and port');
const secretArn = arn('secretsmanager', 'secret:');

/** Sweeps repair keys in these databases only: others can belong to other applications. */
const databases = sweptDatabases;
/** Sweeps then do not rely on the primary's idle times, and spare the replicas too. @default whether store.existing.readerHost is set */
const applicationReadsReplicas = z.boolean().optional();

/**
 * The account's quota of inbound rules per security group, if AWS has raised it; less for a group that has other rules. Times the quota of
 * security groups per network interface, it cannot exceed 1,000.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const rulesPerSecurityGroup = z.int().min(1).max(1_000).default(60);

const created = z.strictObject({
  engine,
  /** @default 8.0 of Valkey, 7.1 of Redis OSS */
  engineVersion: engineVersion.optional(),
  nodeType: nodeType.default('cache.t4g.small'),
  replicas: z.int().min(1).max(5).default(2),
  databases,
  applicationReadsReplicas,
  rulesPerSecurityGroup,
  /** What the store evicts when memory is full: only keys with a TTL. */
  evictionPolicy: z.enum(['volatile-lru', 'volatile-ttl', 'volatile-lfu', 'volatile-random', 'noeviction']).default('volatile-lru'),
  snapshotRetentionDays: z.int().min(0).max(35).default(1),
  /** Daily time in UTC at which the snapshot begins. */
  snapshotWindow: snapshotWindow.default('03:00-04:00'),
  /** Weekly time in UTC at which ElastiCache replaces nodes and applies upgrades: failovers. */
  maintenanceWindow: maintenanceWindow.default('sun:05:00-sun:06:00'),
  /** ElastiCache installs newer minor versions of the engine by itself, in the maintenance window. */
  autoMinorVersionUpgrade: z.boolean().default(true),
  /** Creates a user for redis_exporter (ops/monitoring), with a password of its own and no access to keys. */
  monitoringUser: z.boolean().default(false),
});

const existing = z.strictObject({
  databases,
  applicationReadsReplicas,
  rulesPerSecurityGroup,
  /** The sessions of applications that no fleet deploys: what their keys begin with. */
  sessions: z
    .array(z.strictObject({ keyPrefix, framework: framework.optional() }))
    .min(1)
    .max(100)
    .optional(),
  existing: z.strictObject({
    /** The primary endpoint. */
    host,
    /**
     * The endpoint of each node, for the collector. Absent: without TLS it asks the primary for the addresses; with TLS it
     * reads the primary only, since certificates do not cover addresses.
     */
    nodes: z
      .array(z.strictObject({ host, port: z.int().min(1).max(65535).optional() }))
      .min(1)
      .max(6)
      .optional(),
    /** Host for the application's own reads: a deploy does not read from replicas. */
    readerHost: host.optional(),
    port: z.int().min(1).max(65535).default(6379),
    tls: z.boolean(),
    /** How Holdfast's functions sign in. */
    auth: z.enum(['none', 'password', 'iam']),
    engine,
    engineVersion,
    /** Its parameter group, so that volatile-eviction may change it. @default it is refused */
    parameterGroupName: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9.-]{0,254}$/, 'is not the name of a parameter group')
      .optional(),
    /** Required with `iam`: the authentication token contains it. */
    replicationGroupId: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .optional(),
    /** User of Holdfast's functions. Absent with `password`: the AUTH token alone. */
    userName: storeUserName.optional(),
    /** JSON with `password` and, if the store has users, `username`. */
    secretArn: secretArn.optional(),
    /** The user and secret of the servers, where a fleet has none of its own. Absent: they sign in without a password. */
    application: storeApplication.optional(),
    /** Gets an ingress rule per fleet for the store check, and one for created servers. */
    securityGroupId: securityGroupId.optional(),
    /**
     * The keys of the fleets' applications begin with this; a fleet can have its own (sessions.keyPrefix).
     * @default `sess:`, and none with store.sessions
     */
    keyPrefix: keyPrefix.optional(),
    /** Replicas that must be in sync before a deploy; 0 for a store of one node. */
    replicas: z.int().min(0).max(5),
  }),
});

/** What connect-redis, the framework of most, gives its keys. */
const USUAL_PREFIX = 'sess:';

export const store = createdOrExisting(created, existing, {
  created: 'applies to a created store only; this configuration has store.existing',
  existing: 'applies to an existing store only: in a created store each fleet has its sessions',
}).transform((part) => {
  const applicationReadsReplicas = part.applicationReadsReplicas ?? part.existing?.readerHost !== undefined;
  if (part.existing) return { ...part, existing: withPrefix(part.existing, part.sessions === undefined), applicationReadsReplicas };
  return { ...part, applicationReadsReplicas, engineVersion: part.engineVersion ?? DEFAULT_ENGINE_VERSION[part.engine] };
});

/** In the order of the schema: what is recorded of an installation depends on it. */
function withPrefix({ replicas, ...rest }: z.output<typeof existing>['existing'], isUsual: boolean): z.output<typeof existing>['existing'] {
  return isUsual && rest.keyPrefix === undefined ? { ...rest, keyPrefix: USUAL_PREFIX, replicas } : { ...rest, replicas };
}

export type ExistingStore = z.output<typeof existing>['existing'];
export type CreatedStore = Exclude<z.output<typeof store>, { existing: ExistingStore }>;
