/** Rolling deploys in a row on one local cloud, under light traffic, and what they have left behind. */

import { setTimeout as sleep } from 'node:timers/promises';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { CloudState } from '../../cli/cloud-state.ts';
import type { DeployCloud } from '../../cli/deploy/deploy.ts';
import { followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { deployStateMachineArnOf } from '../../cli/open-stores.ts';
import { startTraffic } from '../demo/traffic/client.ts';
import { compareSamples, type SoakResult } from './find-leaks.ts';
import { takeSample } from './take-sample.ts';

export interface Soak {
  readonly cloud: DeployCloud;
  readonly state: Pick<CloudState, 'pid' | 'runFolder' | 'caFile'>;
  readonly loadBalancerUrl: string;
  /** Two published releases, taken in turn. */
  readonly releases: readonly [string, string];
  readonly deploys: number;
  readonly log: (line: string) => void;
}

const USERS = 10;
/** Each release was installed once, every function has its environment, and every cache has what it keeps. */
const WARM_UP_DEPLOYS = 2;
/** The emulator ends environments of functions that were idle for 15 s, looking every few seconds; connections close before. */
const SETTLE_MS = 30_000;

/** @throws Error when the traffic cannot log in; a deploy that fails is counted */
export async function runSoak(soak: Soak): Promise<SoakResult> {
  const { state, loadBalancerUrl, releases, deploys, log } = soak;
  let failed = 0;
  const roll = async (index: number) => {
    const version = releases[index % 2] as string;
    const { status, seconds, message } = await deploy(soak.cloud, version);
    if (status !== 'SUCCEEDED') failed += 1;
    log(
      `deploy ${index + 1 - WARM_UP_DEPLOYS} of ${deploys}: ${version} ${status} in ${seconds.toFixed(1)} s${message ? `: ${message}` : ''}`,
    );
  };
  const traffic = startTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: USERS });
  try {
    await traffic.ready;
    for (let index = 0; index < WARM_UP_DEPLOYS; index += 1) await roll(index);
    await sleep(SETTLE_MS);
    const before = takeSample(state);
    log(`before: ${JSON.stringify(before)}`);
    for (let index = 0; index < deploys; index += 1) await roll(WARM_UP_DEPLOYS + index);
    await sleep(SETTLE_MS);
    const after = takeSample(state);
    log(`after: ${JSON.stringify(after)}`);
    return compareSamples(before, after, deploys, failed);
  } finally {
    await traffic.stop().catch(() => {});
  }
}

async function deploy(cloud: DeployCloud, version: string) {
  const { executionArn = '' } = await cloud.stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: deployStateMachineArnOf(cloud), input: JSON.stringify({ version, requestedBy: 'soak' }) }),
  );
  const ended = await followDeploy(cloud, executionArn, () => {});
  if (!ended) throw new Error(`deploy ${executionArn} was not followed to its end`);
  return ended;
}
