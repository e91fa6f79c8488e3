import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { END_DRAIN_ROLE, type EndDrainReply, type EndDrainStatement } from '../../functions/deploy/end-drain/contract.ts';
import type { DeployRecord, Phase } from '../../functions/records/types.ts';
import { stsUrl } from '../../functions/shared/caller/caller-proof.ts';
import { functionName } from '../../functions/shared/naming.ts';
import type { Cloud } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { nameMissingPolicy } from '../name-missing-policy.ts';
import { proveCaller } from '../release/prove-caller.ts';
import { findDeploy } from './find-deploy.ts';

export interface EndedDrain {
  readonly deployId: string;
  readonly reply: Exclude<EndDrainReply, { outcome: 'refused' }>;
}

/**
 * Ends a deploy's wait for the sessions of the server that it waits for. The console's button calls it too.
 * @throws CommandFailure NoSessionDrain, NoSuchDeploy, AmbiguousDeploy, the function's refusals
 */
export async function sendEndDrain(cloud: Cloud, id: string): Promise<EndedDrain> {
  const record = await findDeploy(cloud, id);
  const { deployId } = record;
  mustWait(cloud, record);
  const { installation, fleet } = cloud;
  const reply = await invoke(cloud, { installation, fleet, deployId });
  if (reply.outcome === 'refused') throw new CommandFailure(reply.error, reply.message, EXIT.badInput);
  return { deployId, reply };
}

/** A server is about to be kept for its sessions, or is. */
const WAITS_FOR_SESSIONS: ReadonlySet<Phase> = new Set(['pinning', 'sessionDrain']);

function mustWait(cloud: Cloud, { deployId, to, status, targets }: DeployRecord): void {
  if (status === 'RUNNING' && Object.values(targets).some(({ phase }) => WAITS_FOR_SESSIONS.has(phase))) return;
  const why = status === 'RUNNING' ? 'waits for no sessions now' : `has already ended with ${status}`;
  throw new CommandFailure(
    'NoSessionDrain',
    `Deploy ${deployId} of ${to} ${why}. Nothing was changed. See: npx holdfast deploys show ${deployId} ${optionsOf(cloud)}`,
    EXIT.badInput,
  );
}

async function invoke({ client, installation, region, fleet }: Cloud, asked: EndDrainStatement): Promise<EndDrainReply> {
  const lambda = nameMissingPolicy(new LambdaClient(client), installation, fleet, { InvokeCommand: 'operator' });
  try {
    const statement = JSON.stringify(asked);
    const credentials = await lambda.config.credentials();
    const proof = await proveCaller({ statement, stsUrl: stsUrl(region, client.endpoint), region, credentials, now: new Date() });
    const FunctionName = `${functionName(installation, fleet, END_DRAIN_ROLE)}:live`;
    const { Payload, FunctionError } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ statement, proof }) }),
    );
    if (FunctionError === undefined) return JSON.parse(Buffer.from(Payload ?? []).toString()) as EndDrainReply;
    throw new CommandFailure(
      'EndDrainFailed',
      `${FunctionName} failed. The wait is ended or not. Run the same command again: it ends nothing twice.`,
    );
  } finally {
    lambda.destroy();
  }
}
