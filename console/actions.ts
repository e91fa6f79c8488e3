/** What the console's buttons do: what the commands do, by their functions, without staying until it has ended. */
import { z } from 'zod';
import type { Cloud } from '../cli/cloud.ts';
import { stopDeploy } from '../cli/commands/abort-deploy.ts';
import { startDeploy } from '../cli/commands/deploy.ts';
import { findResumable } from '../cli/commands/deploys.ts';
import { startSweep } from '../cli/commands/sweep.ts';
import { CommandFailure, EXIT } from '../cli/failure.ts';
import { deployId, releaseVersion } from '../cli/option-values.ts';
import { policyOption } from '../cli/policy-option.ts';
import { mustBePublished } from './deploys.ts';

const onFailure = z.enum(['rollback', 'halt']).optional();
const deployInput = z.strictObject({ version: z.string(), onFailure });
const resumeInput = z.strictObject({ onFailure });
const nothing = z.strictObject({});
const sweepInput = z.strictObject({
  dryRun: z.boolean(),
  policy: z.string().max(400).optional(),
  pace: z.enum(['fast', 'gentle']).optional(),
});

/** As `holdfast deploy VERSION` does. @throws CommandFailure */
export async function beginDeploy(cloud: Cloud, input: unknown): Promise<{ readonly deployId: string }> {
  const { version, ...options } = parse(deployInput, input);
  await mustBePublished(cloud, releaseVersion(version));
  return { deployId: nameOf(await startDeploy(cloud, version, options)) };
}

/** As `holdfast deploys abort ID` does. @throws CommandFailure */
export async function abortDeploy(cloud: Cloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  parse(nothing, input);
  return { deployId: (await stopDeploy(cloud, deployId(id))).deployId };
}

/** As `holdfast deploys resume ID` does. @throws CommandFailure */
export async function resumeDeploy(cloud: Cloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  const options = parse(resumeInput, input);
  const { to } = await findResumable(cloud, deployId(id));
  return { deployId: nameOf(await startDeploy(cloud, to, { ...options, recover: true })) };
}

/** As `holdfast sweep` does. @throws CommandFailure */
export async function beginSweep(cloud: Cloud, input: unknown): Promise<{ readonly sweepId: string }> {
  const { policy, ...options } = parse(sweepInput, input);
  return { sweepId: nameOf(await startSweep(cloud, { ...options, ...(policy && { policy: policyOption(policy) }) })) };
}

/** Of an execution. */
const nameOf = (executionArn: string): string => executionArn.split(':').at(-1) as string;

function parse<T>(schema: z.ZodType<T>, input: unknown): T {
  const { data, error } = schema.safeParse(input);
  if (error === undefined) return data as T;
  const { path, message } = error.issues[0] as z.core.$ZodIssue;
  throw new CommandFailure('InvalidInput', `${path.join('.') || 'the request'}: ${message}; nothing was changed`, EXIT.badInput);
}
