import { z } from 'zod';
import { arn, securityGroupId } from './aws-names.ts';
import { createdOrNamed } from './created-or-named.ts';

/** ElastiCache's newest of each engine that this was tried with. */
const DEFAULT_ENGINE_VERSION = { valkey: '8.0', redis: '7.1' } as const;

const engine = z.enum(['valkey', 'redis']).default('valkey');
const engineVersion = z.string().regex(/^\d+\.\d+$/);
/** What the application's keys begin with. */
const keyPrefix = z
  .string()
  .regex(/^[A-Za-z0-9:_-]+$/)
  .default('sess:');
const host = z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,253}[A-Za-z0-9])?$/, 'has to be a host name, without scheme and port');
const userName = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);
const secretArn = arn('secretsmanager', 'secret:');

const created = z.strictObject({
  engine,
  /** @default 8.0 of Valkey, 7.1 of Redis OSS */
  engineVersion: engineVersion.optional(),
  nodeType: z.string().default('cache.t4g.small'),
  replicas: z.int().min(1).max(5).default(2),
  /** Its user can touch no other keys. */
  keyPrefix,
  /** What happens when memory is full: only keys that have a TTL may go. */
  evictionPolicy: z.enum(['volatile-lru', 'volatile-ttl', 'volatile-lfu', 'volatile-random', 'noeviction']).default('volatile-lru'),
  snapshotRetentionDays: z.int().min(0).max(35).default(1),
  /** A user for redis_exporter (ops/monitoring), with a password of its own. It reads no key. */
  monitoringUser: z.boolean().default(false),
});

const named = z.strictObject({
  existing: z.strictObject({
    /** The primary endpoint: the node that takes writes, whichever that is. */
    host,
    /**
     * The endpoint of each node, for the collector. Absent: without TLS it asks the primary for the addresses; with TLS it
     * reads the primary alone, since no certificate is for an address.
     */
    nodes: z
      .array(z.strictObject({ host, port: z.int().min(1).max(65535).optional() }))
      .min(1)
      .max(6)
      .optional(),
    /** Nothing of a deploy reads from replicas. */
    readerHost: host.optional(),
    port: z.int().min(1).max(65535).default(6379),
    tls: z.boolean(),
    /** How Holdfast's functions sign in. */
    auth: z.enum(['none', 'password', 'iam']),
    engine,
    engineVersion,
    /** The token of IAM authentication names it. */
    replicationGroupId: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,39}$/)
      .optional(),
    /** User of Holdfast's functions. With `password`, absent: the AUTH token alone. */
    userName: userName.optional(),
    /** JSON with `password`, and `username` where there are users. */
    secretArn: secretArn.optional(),
    /** What servers sign in with. Absent: without a password. */
    application: z.strictObject({ userName: userName.optional(), secretArn }).optional(),
    /** Gets an ingress rule for each fleet's store check, and for created servers. */
    securityGroupId: securityGroupId.optional(),
    keyPrefix,
    /** Replicas that have to be in step before a deploy; 0 for a group of one node. */
    replicas: z.int().min(0).max(5),
  }),
});

export const store = createdOrNamed(created, named, 'belongs to a created store, and store.existing names one that is there').transform(
  (part) => (part.existing ? part : { ...part, engineVersion: part.engineVersion ?? DEFAULT_ENGINE_VERSION[part.engine] }),
);
export type NamedStore = z.output<typeof named>['existing'];
export type CreatedStore = Exclude<z.output<typeof store>, { existing: NamedStore }>;
