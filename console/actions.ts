/** The console's buttons. Each calls the function of a command, and does not wait until the work has ended. */

import { z } from 'zod';
import { stopDeploy } from '../cli/deploy/abort-deploy.ts';
import { sendContinue } from '../cli/deploy/continue-deploy.ts';
import { startDeploy } from '../cli/deploy/deploy.ts';
import { findResumable } from '../cli/deploy/deploys.ts';
import { sendEndDrain } from '../cli/deploy/end-drain.ts';
import { resumed } from '../cli/deploy/resumed.ts';
import { deployId, policyOption, releaseVersion } from '../cli/option-values.ts';
import { startSweep } from '../cli/sweep/sweep.ts';
import type { ConsoleCloud } from './backend.ts';
import { parseInput } from './parse-input.ts';

/** What the deploy does with the servers when it fails. */
export const onFailure = z.enum(['rollback', 'halt']).optional();
/** Number of servers after which the deploy waits to be continued. */
export const pauseAfter = z.int().min(1).max(1_000).optional();
const deployInput = z
  .strictObject({ version: z.string(), onFailure, pauseAfter })
  .refine((input) => input.pauseAfter === undefined || input.onFailure !== 'halt', {
    error: 'a deploy that stops after its first server rolls back when nobody continues it, which halt excludes',
  });
const resumeInput = z.strictObject({ onFailure });
const noInput = z.strictObject({});
/** The server that the dialog named: by the time of the click the deploy can wait for another one. */
const endDrainInput = z.strictObject({ instanceId: z.string() });
const sweepInput = z.strictObject({
  dryRun: z.boolean(),
  full: z.boolean().optional(),
  policy: z.string().max(400).optional(),
  pace: z.enum(['fast', 'gentle']).optional(),
});

/** Like `holdfast deploy VERSION`. @throws CommandFailure */
export async function beginDeploy(cloud: ConsoleCloud, input: unknown): Promise<{ readonly deployId: string }> {
  const { version, ...options } = parseInput(deployInput, input);
  return { deployId: executionName(await startDeploy(cloud, releaseVersion(version), options)) };
}

/** Like `holdfast deploys abort ID`. @throws CommandFailure */
export async function abortDeploy(cloud: ConsoleCloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  parseInput(noInput, input);
  return { deployId: (await stopDeploy(cloud, deployId(id))).deployId };
}

/** Like `holdfast deploys end-drain ID`. @throws CommandFailure */
export async function endDrain(cloud: ConsoleCloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  const { instanceId } = parseInput(endDrainInput, input);
  return { deployId: (await sendEndDrain(cloud, deployId(id), { server: instanceId })).deployId };
}

/** Like `holdfast deploys continue ID`. @throws CommandFailure */
export async function continueDeploy(cloud: ConsoleCloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  parseInput(noInput, input);
  return { deployId: (await sendContinue(cloud, deployId(id))).record.deployId };
}

/** Like `holdfast deploys resume ID`. @throws CommandFailure */
export async function resumeDeploy(cloud: ConsoleCloud, id: string, input: unknown): Promise<{ readonly deployId: string }> {
  const options = parseInput(resumeInput, input);
  const record = await findResumable(cloud, deployId(id));
  return { deployId: executionName(await startDeploy(cloud, record.to, { ...options, ...resumed(record) })) };
}

/** Like `holdfast sweep`. @throws CommandFailure */
export async function beginSweep(cloud: ConsoleCloud, input: unknown): Promise<{ readonly sweepId: string }> {
  const { policy, ...options } = parseInput(sweepInput, input);
  return { sweepId: executionName(await startSweep(cloud, { ...options, ...(policy && { policy: policyOption(policy) }) })) };
}

const executionName = (executionArn: string): string => executionArn.split(':').at(-1) as string;
