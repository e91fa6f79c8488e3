import { z } from 'zod';
import { sweptDatabases } from '../../functions/shared/store/store-settings.ts';
import { arn, nodeType, securityGroupId } from './aws-names.ts';
import { createdOrExisting } from './created-or-existing.ts';
import { FRAMEWORK_MEANING, framework, keyPrefix, storeApplication, storeUserName } from './sessions.ts';
import { maintenanceWindow, snapshotWindow } from './store-windows.ts';
import { matching, port, whole } from './values.ts';

/** The newest ElastiCache version of each engine that Holdfast was tested with. */
const DEFAULT_ENGINE_VERSION = { valkey: '8.0', redis: '7.1' } as const;

const engine = z.enum(['valkey', 'redis']).default('valkey');
const engineVersion = matching(/^\d+\.\d+$/);
const host = matching(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/, 'must be a host name, without scheme and port');
const secretArn = arn('secretsmanager', 'secret:');

const databases = sweptDatabases;
z.globalRegistry.add(databases, {
  description: 'numbers of the databases that sweeps repair and the alarm counts: others can belong to other applications',
});
const applicationReadsReplicas = z.boolean().optional().meta({
  description: "the application reads sessions from replicas: sweeps then do not rely on the primary's idle times",
  unset: '`true` with `existing.readerHost`, else `false`',
});

/**
 * Times the quota of security groups per network interface, it cannot exceed 1,000.
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
 */
const rulesPerSecurityGroup = whole(1, 1_000)
  .default(60)
  .describe(
    "the account's quota of inbound rules per security group, at most 1,000; for an existing store, what its security group has left of it",
  );

const created = z.strictObject({
  engine: engine.describe('`valkey` or `redis`'),
  engineVersion: engineVersion
    .optional()
    .meta({ description: 'version of the engine that ElastiCache installs', unset: '8.0 of Valkey, 7.1 of Redis OSS' }),
  nodeType: nodeType.default('cache.t4g.small').describe('node type of ElastiCache'),
  replicas: whole(1, 5).default(2).describe('replicas of the primary, 1 to 5'),
  databases,
  applicationReadsReplicas,
  rulesPerSecurityGroup,
  evictionPolicy: z
    .enum(['volatile-lru', 'volatile-ttl', 'volatile-lfu', 'volatile-random', 'noeviction'])
    .default('volatile-lru')
    .describe('what the store evicts when memory is full: only keys with a TTL, or nothing (`noeviction`)'),
  snapshotRetentionDays: whole(0, 35).default(1).describe('days for which ElastiCache keeps daily snapshots; 0: it makes none'),
  snapshotWindow: snapshotWindow
    .default('03:00-04:00')
    .describe('daily time in UTC at which the snapshot begins: an hour or more, not during maintenance'),
  maintenanceWindow: maintenanceWindow
    .default('sun:05:00-sun:06:00')
    .describe('weekly time in UTC at which ElastiCache replaces nodes and installs upgrades, with failovers'),
  autoMinorVersionUpgrade: z
    .boolean()
    .default(true)
    .describe('ElastiCache installs newer minor versions of the engine by itself, in the maintenance window'),
  monitoringUser: z
    .boolean()
    .default(false)
    .describe('creates a user for redis_exporter, with a password of its own and no access to keys'),
});

const existing = z.strictObject({
  databases,
  applicationReadsReplicas,
  rulesPerSecurityGroup,
  sessions: z
    .array(
      z.strictObject({
        keyPrefix: keyPrefix.describe("what the keys of an application's sessions begin with"),
        framework: framework.optional().describe(FRAMEWORK_MEANING),
      }),
    )
    .min(1)
    .max(100)
    .optional()
    .describe('the sessions of applications that no fleet deploys: a list'),
  existing: z.strictObject({
    host: host.describe('host name of the primary endpoint'),
    nodes: z
      .array(
        z.strictObject({
          host: host.describe("host name of the node's own endpoint"),
          port: port.optional().meta({ description: 'its port', unset: '`existing.port`' }),
        }),
      )
      .min(1)
      .max(6)
      .optional()
      .meta({
        description: 'the endpoint of each node, one to six, for the collector',
        unset:
          'without TLS, the addresses that the primary reports; with TLS, the primary alone, since certificates do not cover addresses',
      }),
    readerHost: host.optional().describe("host name for the application's own reads: a deploy does not read from replicas"),
    port: port.default(6379).describe('port of the store'),
    tls: z.boolean().describe('whether connections use TLS'),
    auth: z.enum(['none', 'password', 'iam']).describe("how Holdfast's functions sign in: `none`, `password` or `iam`"),
    engine: engine.describe('`valkey` or `redis`'),
    engineVersion: engineVersion.describe('the version that runs, such as `7.1`'),
    replicationGroupId: matching(/^[a-z][a-z0-9-]{0,39}$/)
      .optional()
      .meta({ description: 'id of the replication group, which the authentication token contains', unset: 'required with `iam`' }),
    userName: storeUserName
      .optional()
      .meta({ description: "user of Holdfast's functions", unset: 'with `password`: the AUTH token alone' }),
    secretArn: secretArn.optional().meta({
      description: 'secret of that user: JSON with `password` and, if the store has users, `username`',
      unset: 'required with `password`',
    }),
    application: storeApplication
      .optional()
      .meta({ description: 'user and secret of the servers, where a fleet has none of its own', unset: 'they sign in without a password' }),
    securityGroupId: securityGroupId.optional().describe('gets an inbound rule per fleet for the store check, and one for created servers'),
    keyPrefix: keyPrefix.optional().meta({
      description: "the keys of the fleets' applications begin with this; a fleet can have its own (`sessions.keyPrefix`)",
      unset: '`sess:`; none with `store.sessions`',
    }),
    replicas: whole(0, 5).describe('replicas that must be in sync before a deploy; 0 for a store of one node'),
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
