/** Typed configuration of an installation. Everything has a default that stands up; unknown keys are refused. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { deploySettings, FLEET_PATTERN } from '../functions/deploy/contract.ts';
import { DEFAULT_INSTALLATION } from '../functions/shared/naming.ts';
import { brokenRules } from './config-rules.ts';

const fleet = z.strictObject({
  /** Port that the server listens on; the same as in its holdfast.app.json. */
  port: z.int().min(1).max(65535).default(8080),
  /** Path that the load balancer asks. Must not depend on the session store. */
  healthPath: z.string().regex(/^\//).default('/live'),
  instanceType: z.string().default('t4g.small'),
  /** Packages of the server's runtime on Amazon Linux 2023. */
  runtimePackages: z.array(z.string().regex(/^[a-z0-9][a-z0-9.+-]*$/)).default(['nodejs24']),
  /** Instances that the group starts with and never goes below. */
  minCapacity: z.int().min(1).max(200).default(3),
  /** @default minCapacity + 2 */
  maxCapacity: z.int().min(1).optional(),
  /** ACM certificate of the HTTPS listener. */
  certificateArn: z
    .string()
    .regex(/^arn:aws:acm:/)
    .optional(),
  /** Serves plain HTTP where there is no certificate. Secure cookies then never reach the server. */
  allowPlainHttp: z.boolean().default(false),
  healthCheckIntervalSeconds: z.int().min(5).max(300).default(10),
  healthCheckTimeoutSeconds: z.int().min(2).max(120).default(5),
  healthyThreshold: z.int().min(2).max(10).default(2),
  unhealthyThreshold: z.int().min(2).max(10).default(3),
  deploy: deploySettings.prefault({}),
});

/** ElastiCache's newest of each engine that this was tried with. */
const DEFAULT_ENGINE_VERSION = { valkey: '8.0', redis: '7.1' } as const;

const installation = z.strictObject({
  installation: z.string().regex(new RegExp(FLEET_PATTERN)).default(DEFAULT_INSTALLATION),
  /** Twelve digits. Absent: wherever the CLI's credentials point. */
  account: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-\d$/)
    .default('us-east-1'),
  /** Letters of the Region's zones; no look-up is made, so that synth needs no credentials. */
  zones: z
    .array(z.string().regex(/^[a-f]$/))
    .min(2)
    .default(['a', 'b', 'c']),
  network: z
    .strictObject({
      /** Holds two subnets of 1,024 addresses a zone. */
      cidr: z
        .string()
        .regex(/^(\d{1,3}\.){3}\d{1,3}\/(1[6-9]|20)$/)
        .default('10.0.0.0/16'),
    })
    .prefault({}),
  store: z
    .strictObject({
      engine: z.enum(['valkey', 'redis']).default('valkey'),
      /** @default 8.0 of Valkey, 7.1 of Redis OSS */
      engineVersion: z
        .string()
        .regex(/^\d+\.\d+$/)
        .optional(),
      nodeType: z.string().default('cache.t4g.small'),
      replicas: z.int().min(1).max(5).default(2),
      /** What the application's keys begin with; its user can touch no others. */
      keyPrefix: z
        .string()
        .regex(/^[A-Za-z0-9:_-]+$/)
        .default('sess:'),
      /** What happens when memory is full: only keys that have a TTL may go. */
      evictionPolicy: z.enum(['volatile-lru', 'volatile-ttl', 'volatile-lfu', 'volatile-random', 'noeviction']).default('volatile-lru'),
      snapshotRetentionDays: z.int().min(0).max(35).default(1),
    })
    .transform((store) => ({ ...store, engineVersion: store.engineVersion ?? DEFAULT_ENGINE_VERSION[store.engine] }))
    .prefault({}),
  /** `protected` keeps data and refuses deletion; `ephemeral` lets `cdk destroy` remove everything. */
  retention: z.enum(['protected', 'ephemeral']).default('protected'),
  logRetentionDays: z.union([z.literal(1), z.literal(7), z.literal(30), z.literal(90), z.literal(365)]).default(30),
  /** `cli` deploys with the caller's own credentials: no bootstrap roles. */
  credentials: z.enum(['bootstrap', 'cli']).default('bootstrap'),
  fleets: z
    .record(z.string().regex(new RegExp(FLEET_PATTERN)), fleet)
    .refine((fleets) => Object.keys(fleets).length > 0, { message: 'names no fleet' }),
});

export const holdfastConfig = installation.superRefine((config, context) => {
  for (const { path, message } of brokenRules(config)) context.addIssue({ code: 'custom', path: [...path], message });
});

export type HoldfastConfig = z.infer<typeof installation>;
export type FleetConfig = HoldfastConfig['fleets'][string];

/** Configuration that is refused, with every rule that it breaks. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

/**
 * Reads a configuration file (JSON).
 * @throws InvalidConfiguration quoting the value and the rule
 */
export function readConfig(file: string): HoldfastConfig {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new InvalidConfiguration(
      `${file} cannot be read (${(error as NodeJS.ErrnoException).code}): name a configuration with -c config=FILE`,
    );
  }
  return parseConfig(text, file);
}

/** Parses a configuration's text; `source` names it in errors. */
export function parseConfig(text: string, source: string): HoldfastConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidConfiguration(`${source} is not JSON: ${(error as Error).message}`);
  }
  const parsed = holdfastConfig.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => {
    const at = issue.path.join('.');
    const found = issue.path.reduce<unknown>((node, key) => (node as Record<PropertyKey, unknown> | undefined)?.[key], value);
    // A key that is refused (a fleet's name) has its rule one level down.
    const rule =
      issue.code === 'invalid_key'
        ? `the name ${JSON.stringify(issue.path.at(-1))} is refused: ${issue.issues.map(({ message }) => message).join('; ')}`
        : issue.message;
    return `${at || 'the configuration'} (${JSON.stringify(found)?.slice(0, 120) ?? 'absent'}): ${rule}`;
  });
  throw new InvalidConfiguration(`${source} is refused:\n  ${problems.join('\n  ')}`);
}
