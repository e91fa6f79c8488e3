/** Typed configuration of an installation. Everything has a default that stands up; unknown keys are refused. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FLEET_PATTERN } from '../functions/deploy/contract.ts';
import { DEFAULT_INSTALLATION } from '../functions/shared/naming.ts';
import { fleet } from './config/fleet.ts';
import { network } from './config/network.ts';
import { store } from './config/store.ts';
import { sweep } from './config/sweep.ts';
import { watch } from './config/watch.ts';
import { brokenRules } from './config-rules.ts';

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
  network: network.prefault({}),
  store: store.prefault({}),
  sweep: sweep.prefault({}),
  watch: watch.prefault({}),
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
export type { FleetConfig } from './config/fleet.ts';

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
